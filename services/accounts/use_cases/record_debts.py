"""What payments says is open of our bills is kept beside them."""

from __future__ import annotations

from shared.chassis.unit_of_work import Work
from shared.messages.payments import DebtsChanged

_RECORD = """
INSERT INTO debts (bill_no, payer, account_no, version, open_fen)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::bigint[])
ON CONFLICT (bill_no, payer) DO UPDATE SET version = EXCLUDED.version, open_fen = EXCLUDED.open_fen
WHERE debts.version < EXCLUDED.version
RETURNING bill_no
"""


def record_debts(event: DebtsChanged, work: Work) -> None:
    """The last word on each bill holds; an older one than what is known changes nothing."""
    last = {(item.bill_no, item.payer): item for item in event.items}
    rows = [
        (bill_no, payer, item.account_no, item.version, item.open_fen)
        for (bill_no, payer), item in sorted(last.items())
    ]
    work.rows(_RECORD, [list(column) for column in zip(*rows, strict=True)])
