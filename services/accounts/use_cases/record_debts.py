"""What payments says of our bills is kept beside them: what is open, and what money met of them on which day.

A household that settled its bill gets its subsidy.
"""

from __future__ import annotations

from services.accounts.storage.account_facts import held_facts
from services.accounts.storage.bill_corrections import post_corrections, subsidies_due
from services.accounts.storage.reliefs import reimbursing
from shared.chassis.unit_of_work import Work
from shared.messages.payments import DebtsChanged

_RECORD = """
INSERT INTO debts (bill_no, payer, account_no, version, open_fen, settled)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[], %s::boolean[])
ON CONFLICT (bill_no, payer) DO UPDATE
SET version = EXCLUDED.version, open_fen = EXCLUDED.open_fen, settled = EXCLUDED.settled
WHERE debts.version < EXCLUDED.version
RETURNING account_no
"""
_COLLECT = """
INSERT INTO collections (bill_no, payer, account_no, version, collected_on, paid_fen, discount_fen, rounding_fen,
                         late_fee_fen, season)
SELECT told.*, b.season
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::date[], %s::bigint[], %s::bigint[], %s::bigint[],
            %s::bigint[])
     AS told (bill_no, payer, account_no, version, collected_on, paid_fen, discount_fen, rounding_fen, late_fee_fen)
JOIN bills b USING (bill_no, payer)
ON CONFLICT DO NOTHING
RETURNING bill_no
"""
REASON = "账单结清补贴返还 · the bill is settled, or open again"


def record_debts(event: DebtsChanged, work: Work) -> None:
    """The last word on each bill holds; an older one than what is known changes nothing.

    What was settled adds up, and each version of an account is counted once, in whatever order it is told.

    A subsidy that is paid back follows: it is due when nothing of the household's bill is open, and taken back when
    something is again.
    """
    last = {(item.bill_no, item.payer): item for item in event.items}
    rows = [
        (bill_no, payer, item.account_no, item.version, item.open_fen, item.settled)
        for (bill_no, payer), item in sorted(last.items())
    ]
    changed = work.rows(_RECORD, [list(column) for column in zip(*rows, strict=True)])
    _collect(event, work)
    _pay_back(work, {row[0] for row in changed})


def _collect(event: DebtsChanged, work: Work) -> None:
    collected = [
        (item.bill_no, item.payer, item.account_no, item.version, met.settled_on, met.paid_fen, met.discount_fen,
         met.rounding_fen, met.late_fee_fen)
        for item in event.items for met in item.settlements
    ]  # fmt: skip
    if collected:
        work.rows(_COLLECT, [list(column) for column in zip(*collected, strict=True)])


def _pay_back(work: Work, account_nos: set[str]) -> None:
    seasons = reimbursing(work, account_nos)
    if not seasons:
        return
    accounts = held_facts(work, sorted(seasons))
    due = subsidies_due(work, accounts, from_season=min(seasons.values()))
    post_corrections(work, due, reason=REASON)
