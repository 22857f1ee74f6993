"""A home is sold: the new owner is the household from today on; bills and credit stay with the former one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.accounts.domain.account_facts import LIFECYCLE, AccountFacts
from services.accounts.domain.suspension import assert_no_debt
from services.accounts.domain.transfer import BY_DAYS, InBankCollection, NewOwner, SeasonNotBilled, assert_may_own
from services.accounts.domain.verb_list import assert_once
from services.accounts.gateways.payments import Overdue, OverdueOf, household_overdue_fen
from services.accounts.storage.account_facts import add_moves, locked_facts
from services.accounts.storage.bill_corrections import Corrected, post_corrections, split_by_days, told_by_account
from services.accounts.storage.blacklist import assert_not_blacklisted
from services.accounts.storage.in_force import InForce
from services.accounts.storage.ownerships import Owned, assume, bills_owned, move_in, owners_since
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label
from shared.messages.accounts import next_household

PLACE = "transfers"


@dataclass(frozen=True, slots=True)
class TransferAccount:
    """``overdue_of`` tells what is overdue now (`gateways.payments`)."""

    transfers: tuple[NewOwner, ...]
    reason: str
    overdue_of: OverdueOf
    preview: bool = False


def transfer_account(command: TransferAccount, work: Work) -> dict[str, Any]:
    """Transfer all homes of the list today, or none.

    Refuses `unknown_account`, `account_locked`, `transition_refused`, `debt_outstanding` (unless it is assumed), `in_bank_collection`,
    `blacklisted`, `not_billed` (a season that is to be divided), `number_wrong`, `payments_unavailable`.
    """
    account_nos = [owner.account_no for owner in command.transfers]
    assert_once(account_nos, place=PLACE)
    overdue = command.overdue_of(account_nos)
    accounts = locked_facts(work, account_nos, place=PLACE, verb="transfer")
    moves = list(zip(accounts, command.transfers, strict=True))
    people = [(owner.id_type, owner.id_no) for owner in command.transfers]
    assert_not_blacklisted(work, people, place=PLACE)
    season = InForce(work).current_season
    since = owners_since(work, account_nos)
    corrections: list[Corrected] = []
    for number, (facts, owner) in enumerate(moves):
        with refused_at(f"{PLACE}/{number}", account_no=facts.account_no):
            _assert_allowed(facts, owner, overdue.get(facts.account_no, []), work)
            if owner.split == BY_DAYS:
                corrections += _split(work, facts, season, since.get(facts.account_no))
    assuming = [facts for facts, owner in moves if owner.assumed_by is not None]
    owned = bills_owned(work, [facts.account_no for facts in assuming]) if assuming else []
    if not command.preview:
        _write(work, command, moves, corrections, owned)
    told, taken_over = told_by_account(corrections), {facts.account_no for facts in assuming}
    return {"accounts": [
        {"account_no": facts.account_no, "state": facts.state_on(work.today), "household": next_household(facts.household),
         "corrections": told.get(facts.account_no, []),
         **({"assumed": _open(owned, facts.account_no)} if facts.account_no in taken_over else {})}
        for facts in accounts
    ]}  # fmt: skip


def _open(owned: Sequence[Owned], account_no: str) -> str:
    return format_yuan(sum(bill.open_fen for bill in owned if bill.account_no == account_no))


def _assert_allowed(facts: AccountFacts, owner: NewOwner, payers: list[Overdue], work: Work) -> None:
    LIFECYCLE.after("transfer", facts.state_on(work.today))
    assert_may_own(owner)
    if bank := next((payer.held_by for payer in payers if payer.held_by), None):
        raise InBankCollection("a bank is collecting from this account", bank=bank)
    if owner.assumed_by is None:
        assert_no_debt(household_overdue_fen(payers))


def _split(work: Work, facts: AccountFacts, season: int, since: date | None) -> list[Corrected]:
    corrections = split_by_days(work, facts, season, next_household(facts.household), since=since)
    if not corrections:
        raise SeasonNotBilled(f"{season_label(season)} is not billed, or ended", season=season_label(season))
    return corrections


def _write(work: Work, command: TransferAccount, moves: list[tuple[AccountFacts, NewOwner]],
           corrections: list[Corrected], owned: Sequence[Owned]) -> None:  # fmt: skip
    move_in(work, moves)
    for facts in [facts for facts, owner in moves if owner.assumed_by is not None]:
        assume(work, facts, [bill for bill in owned if bill.account_no == facts.account_no], reason=command.reason)
    for facts, _ in moves:
        state = facts.state_on(work.today)
        add_moves(work, [(facts, state)], verb="transfer", to_state=state, day=work.today, reason=command.reason)
    post_corrections(work, corrections, reason=command.reason)
