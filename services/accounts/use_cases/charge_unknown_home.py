"""Heat is found in a home that nobody knew: it gets an account, not connected, and is charged what the policy says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.accounts.domain.account_facts import NOT_CONNECTED, AccountFacts, InactivePeriod
from services.accounts.domain.illegal_use import HEAT_USED, IllegalUse
from services.accounts.domain.inspection import found_in
from services.accounts.domain.new_account import NewAccount, assert_may_be_opened
from services.accounts.domain.rating import Home, dm2, mm
from services.accounts.storage.bills_now import bill_now, ground_in_force
from services.accounts.storage.illegal_uses import add_illegal_uses
from services.accounts.storage.in_force import InForce
from services.accounts.storage.new_accounts import add_accounts, assert_free
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label
from shared.messages.accounts import SELF

PLACE = "homes"


@dataclass(frozen=True, slots=True)
class ChargeUnknownHome:
    """``homes`` as far as the inspector knows them; ``used_since``: see `inspect`."""

    homes: tuple[NewAccount, ...]
    reason: str
    preview: bool = False
    finding: str = HEAT_USED
    used_since: date | None = None


def charge_unknown_home(command: ChargeUnknownHome, work: Work) -> dict[str, Any]:
    """Open and charge all homes of the list, or none. To be connected, they are applied for like any other.

    Refuses `flat_taken` (the home is known: inspect its account), `account_no_taken`, `season_not_begun`, and what
    `assert_may_be_opened` refuses.
    """
    for number, home in enumerate(command.homes):
        assert_may_be_opened(home, today=work.today, place=f"{PLACE}/{number}")
    assert_free(work, command.homes, place=PLACE)
    season = InForce(work).current_season
    ground = ground_in_force(work, season)
    accounts, uses = [], []
    for number, home in enumerate(command.homes):
        with refused_at(f"{PLACE}/{number}"):
            facts = _as_found(home, work.today)
            uses.append(found_in(facts, ground.charges.season, since=command.used_since, today=work.today))
            accounts.append(facts)
    opened = [home.account_no for home in command.homes]
    if not command.preview:
        opened = list(add_accounts(work, command.homes, verb="inspect", reason=command.reason, state=NOT_CONNECTED,
                                   varies_from=season))  # fmt: skip
    amounts = bill_now(work, _charged(accounts, opened, uses), ground)
    if not command.preview:
        add_illegal_uses(work, [(str(account_no), NOT_CONNECTED, use) for account_no, use in zip(opened, uses, strict=True)],
                         finding=command.finding, reason=command.reason)  # fmt: skip
    return {"accounts": [
        {"account_no": account_no, "state": NOT_CONNECTED, "charged": format_yuan(fen),
         "billed": [{"season": season_label(season), "payer": SELF, "amount": format_yuan(fen)}]}
        for account_no, fen in zip(opened, amounts, strict=True)
    ]}  # fmt: skip


def _as_found(home: NewAccount, today: date) -> AccountFacts:
    """The home as an account that was never connected."""
    areas = (home.building_area, home.inner_area, home.usable_area, home.certified_area)
    building, inner, usable, certified = (None if area is None else dm2(area) for area in areas)
    height = None if home.storey_height is None else mm(home.storey_height)
    never = (InactivePeriod(None, NOT_CONNECTED, today, None),)
    return AccountFacts(
        "", 0, 0, None, Home(home.price_class, building or 0, inner, usable, certified, height), periods=never
    )


def _charged(
    accounts: Sequence[AccountFacts], account_nos: Sequence[str | None], uses: Sequence[IllegalUse]
) -> list[AccountFacts]:
    return [
        replace(facts, account_no=account_no or "", illegal_uses=(use,))
        for facts, account_no, use in zip(accounts, account_nos, uses, strict=True)
    ]
