"""Homes that a season leaves without a bill: somebody names them, each with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.season_turn import NotWithoutBill
from services.accounts.domain.verb_list import assert_once
from services.accounts.storage.account_facts import locked_facts
from services.accounts.storage.season_turns import LeftUnbilledRow, assert_books_open
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at
from shared.kernel.season import season_label

PLACE = "homes"
_WITH_BILL = """
SELECT account_no FROM bills WHERE season = %(season)s AND live AND kind <> 'opening' AND account_no = ANY(%(account_nos)s)
"""


@dataclass(frozen=True, slots=True)
class LeaveUnbilled:
    """``homes`` are account numbers, each with its reason. A home that is named again has the later reason."""

    season: int
    homes: tuple[tuple[str, str], ...]
    preview: bool = False


def leave_unbilled(command: LeaveUnbilled, work: Work) -> dict[str, Any]:
    """Refuses `season_closed`, `unknown_account`, `not_without_bill` (it has its bill)."""
    account_nos = [account_no for account_no, _ in command.homes]
    assert_once(account_nos, place=PLACE)
    assert_books_open(work, [command.season])
    locked_facts(work, account_nos, place=PLACE)
    billed = {row[0] for row in work.rows(_WITH_BILL, {"season": command.season, "account_nos": account_nos})}
    for number, account_no in enumerate(account_nos):
        with refused_at(f"{PLACE}/{number}", account_no=account_no):
            if account_no in billed:
                raise NotWithoutBill("this home has its bill of the season")
    if not command.preview:
        ids = work.new_ids(len(command.homes))
        work.add(
            LeftUnbilledRow(naming_id, work.command_id, command.season, account_no, reason)
            for naming_id, (account_no, reason) in zip(ids, command.homes, strict=True)
        )
    return {"season": season_label(command.season), "left_unbilled": len(command.homes)}
