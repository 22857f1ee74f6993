"""Claim batches: their lines are drawn up by one statement, however many there are."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from services.accounts.domain.claim import DRAWN_UP
from services.accounts.storage.payer_shares import BILLED_SHARE
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import Change, row_of
from shared.kernel.errors import NotFound

_DRAW = f"""
INSERT INTO claim_lines (batch_no, bill_no, payer, account_no, amount_fen)
SELECT %(batch_no)s, bill_no, payer, account_no, due_fen FROM (
    SELECT s.bill_no, s.payer, s.account_no, x.billed_fen
        - coalesce((SELECT sum(l.amount_fen) FROM claim_lines l JOIN claim_batches q USING (batch_no)
                    WHERE l.bill_no = s.bill_no AND l.payer = s.payer AND q.state <> 'withdrawn'), 0) AS due_fen
    FROM payer_shares s {BILLED_SHARE.format("s")} WHERE s.payer = %(payer)s AND s.season = %(season)s
) shares WHERE due_fen <> 0
RETURNING amount_fen
"""
# A share that several claims speak of is paid from the oldest on: what is open is that of the youngest.
LINES = f"""
SELECT l.batch_no, l.bill_no, l.payer, l.account_no, l.amount_fen,
    greatest(0, least(l.amount_fen, x.open_fen - coalesce(
        sum(l.amount_fen) FILTER (WHERE q.state <> 'withdrawn') OVER (PARTITION BY l.bill_no, l.payer ORDER BY l.batch_no DESC
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)))::bigint AS open_fen
FROM claim_lines l JOIN claim_batches q USING (batch_no) {BILLED_SHARE.format("l")}
"""


class ClaimUnknown(NotFound):
    code = "claim_unknown"
    remedy = "Check the number of the claim."


@row_of("claim_moves")
class ClaimMoveRow(NamedTuple):
    move_id: int
    command_id: int
    batch_no: int
    verb: str
    from_state: str
    to_state: str
    moved_on: date
    note: str


MOVE_CLAIM = Change(
    "UPDATE claim_batches b SET state = v.state, sent_on = coalesce(v.sent_on, b.sent_on)"
    " FROM {rows} AS v (batch_no, state, sent_on) WHERE b.batch_no = v.batch_no",
    ("bigint", "text", "date"),
)


def draw_up(work: Work, *, payer: str, season: int) -> tuple[int, list[int]]:
    """A new batch with a line for each share that is not asked for yet; its number and the amounts of its lines.

    The payer is held meanwhile, so that two people never ask for the same.
    """
    work.rows("SELECT pg_advisory_xact_lock(hashtextextended('claim:' || %s, 0))", (payer,))
    batch_no = work.new_ids(1)[0]
    work.rows(
        "INSERT INTO claim_batches (batch_no, command_id, payer, season, drawn_on, state)"
        " VALUES (%s, %s, %s, %s, %s, %s) RETURNING batch_no",
        (batch_no, work.command_id, payer, season, work.today, DRAWN_UP),
    )
    lines = work.rows(_DRAW, {"batch_no": batch_no, "payer": payer, "season": season})
    return batch_no, [row[0] for row in lines]


def locked_claim(work: Work, batch_no: int) -> str:
    """The state of a claim that nobody else moves meanwhile. Refused: `claim_unknown`."""
    rows = work.rows("SELECT state FROM claim_batches WHERE batch_no = %s FOR UPDATE", (batch_no,))
    if not rows:
        raise ClaimUnknown("there is no such claim", batch_no=batch_no)
    return str(rows[0][0])
