"""A claim as it stands, and how old is what payers owe of theirs."""

from __future__ import annotations

from typing import Any

from services.accounts.domain.claim import AGES, age_of, standing
from services.accounts.storage.claims import LINES, ClaimUnknown
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label

_OF_PAYER = "WHERE l.payer IN (SELECT payer FROM claim_batches WHERE batch_no = %(batch_no)s)"
_CLAIM = f"""
SELECT q.payer, q.season, q.state, q.drawn_on, q.sent_on, count(*), sum(s.amount_fen)::bigint, sum(s.open_fen)::bigint
FROM claim_batches q JOIN ({LINES} {_OF_PAYER}) s USING (batch_no) WHERE q.batch_no = %(batch_no)s GROUP BY q.batch_no
"""
_MOVES = """
SELECT m.verb, m.from_state, m.to_state, m.moved_on, m.note, k.actor FROM claim_moves m JOIN commands k USING (command_id)
WHERE m.batch_no = %s ORDER BY k.at, m.move_id
"""
_OPEN = f"""
SELECT q.payer, q.sent_on, sum(s.open_fen)::bigint FROM claim_batches q JOIN ({LINES}) s USING (batch_no)
WHERE q.state IN ('sent', 'disputed') GROUP BY q.payer, q.sent_on HAVING sum(s.open_fen) > 0 ORDER BY q.payer, q.sent_on
"""


def claim(work: Work, batch_no: int) -> dict[str, Any]:
    """Refused: `claim_unknown`."""
    rows = work.rows(_CLAIM, {"batch_no": batch_no})
    if not rows:
        raise ClaimUnknown("there is no such claim", batch_no=batch_no)
    payer, season, state, drawn_on, sent_on, lines, amount_fen, open_fen = rows[0]
    return {
        "batch_no": batch_no, "payer": payer, "season": season_label(season),
        "state": standing(state, amount_fen, open_fen), "drawn_on": drawn_on.isoformat(),
        "sent_on": sent_on.isoformat() if sent_on else None, "lines": lines, "amount": format_yuan(amount_fen),
        "paid": format_yuan(amount_fen - open_fen), "open": format_yuan(open_fen),
        "moves": [
            {"verb": verb, "from": before, "to": after, "on": moved_on.isoformat(), "note": note, "by": actor}
            for verb, before, after, moved_on, note, actor in work.rows(_MOVES, (batch_no,))
        ],
    }  # fmt: skip


def claims_by_age(work: Work) -> list[dict[str, Any]]:
    """By payer, what is open of claims that were sent, by the days since."""
    ages: dict[str, dict[str, int]] = {}
    for payer, sent_on, open_fen in work.rows(_OPEN):
        of_payer = ages.setdefault(payer, dict.fromkeys(AGES, 0))
        of_payer[age_of(sent_on, work.today)] += open_fen
    return [
        {"payer": payer, "open": format_yuan(sum(of_payer.values())),
         **{age: format_yuan(fen) for age, fen in of_payer.items()}}
        for payer, of_payer in ages.items()
    ]  # fmt: skip
