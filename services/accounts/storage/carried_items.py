"""What is open of a season's bills: counted, and kept as it was when the season was closed."""

from __future__ import annotations

from typing import NamedTuple

from services.accounts.storage.season_turns import CarriedRow
from shared.chassis.unit_of_work import Work

_BILLS = """
FROM bills b LEFT JOIN debts d USING (bill_no, payer) WHERE b.season = %(season)s AND b.live
"""
_FIGURES = f"""
SELECT count(*) FILTER (WHERE kind <> 'share'), count(*) FILTER (WHERE coalesce(d.open_fen, b.amount_fen) > 0),
       count(DISTINCT b.account_no) FILTER (WHERE coalesce(d.open_fen, b.amount_fen) > 0),
       coalesce(sum(coalesce(d.open_fen, b.amount_fen)), 0)::bigint {_BILLS}
"""
_BILLED = """
SELECT (coalesce((SELECT sum(amount_fen) FROM bills WHERE season = %(season)s AND live), 0)
        + coalesce((SELECT sum(amount_fen) FROM bill_corrections WHERE season = %(season)s), 0))::bigint
"""
_OPEN_ITEMS = f"""
SELECT b.bill_no, b.payer, b.account_no, coalesce(d.open_fen, b.amount_fen) {_BILLS}
AND coalesce(d.open_fen, b.amount_fen) > 0 ORDER BY b.bill_no, b.payer
"""


class OpenItems(NamedTuple):
    """``bills`` of the season, of which ``items`` shares of ``accounts`` homes are open; ``billed_fen`` with corrections."""

    bills: int
    items: int
    accounts: int
    open_fen: int
    billed_fen: int


def open_items(work: Work, season: int) -> OpenItems:
    values = {"season": season}
    ((bills, items, accounts, open_fen),) = work.rows(_FIGURES, values)
    ((billed_fen,),) = work.rows(_BILLED, values)
    return OpenItems(bills, items, accounts, open_fen, billed_fen)


def carry_over(work: Work, turn_id: int, season: int) -> None:
    """Keep every open share with what is open of it."""
    work.add(CarriedRow(turn_id, *item) for item in work.rows(_OPEN_ITEMS, {"season": season}))
