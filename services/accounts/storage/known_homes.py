"""Homes that were known and never connected: when heat is let in, they keep the account that they have."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from services.accounts.domain.account_facts import ACTIVE, AccountFacts
from services.accounts.domain.home_parts import areas_of
from services.accounts.domain.new_account import NewAccount
from services.accounts.domain.rating import dm2
from services.accounts.domain.transfer import NewOwner
from services.accounts.storage.account_nos import known_flats
from services.accounts.storage.areas import add_areas
from services.accounts.storage.rows import CONNECT
from shared.chassis.unit_of_work import Work

_HOLDERS = """
SELECT a.account_no, c.name, c.id_no FROM heat_accounts a JOIN customers c USING (customer_id)
WHERE a.account_no = ANY(%s) AND a.state = 'not_connected'
"""
Flat = tuple[str, str, str, str]


def never_connected(work: Work, flats: Collection[Flat]) -> dict[Flat, str]:
    """Those of the flats that have an account which was never connected."""
    known = known_flats(work, flats)
    waiting = {row[0] for row in work.rows(_HOLDERS, (list(known.values()),))}
    return {flat: account_no for flat, account_no in known.items() if account_no in waiting}


def as_connected(facts: AccountFacts, account: NewAccount) -> AccountFacts:
    """The account as it is from today on, by what was applied for and accepted."""
    building, inner, usable, certified = (
        None if area is None else dm2(area)
        for area in (account.building_area, account.inner_area, account.usable_area, account.certified_area)
    )
    home = replace(facts.home, price_class=account.price_class, building_area_dm2=building or facts.home.building_area_dm2,
                   inner_area_dm2=inner, usable_area_dm2=usable, certified_area_dm2=certified,
                   connected_on=account.connected_on)  # fmt: skip
    return replace(facts, home=home, warranty_until=account.warranty_until, periods=())


def taken_over(
    work: Work, before: Sequence[AccountFacts], accounts: Sequence[NewAccount]
) -> list[tuple[AccountFacts, NewOwner]]:
    """Those of the homes whose applicant is not their holder."""
    holders = {row[0]: (row[1], row[2]) for row in work.rows(_HOLDERS, ([facts.account_no for facts in before],))}
    return [
        (facts, NewOwner(facts.account_no, account.name, account.id_type, account.id_no, account.phone))
        for facts, account in zip(before, accounts, strict=True)
        if holders[facts.account_no] != (account.name, account.id_no)
    ]


def connect_known(work: Work, before: Sequence[AccountFacts], after: Sequence[AccountFacts],
                  owners: Mapping[str, tuple[int, str]], *, season: int, reason: str) -> None:  # fmt: skip
    """Write what is new of them; ``owners`` are customer and payer of those that were taken over."""
    measured = [(old, new) for old, new in zip(before, after, strict=True) if areas_of(old.home) != areas_of(new.home)]
    add_areas(work, [old for old, _ in measured], [new for _, new in measured], reason=reason)
    work.change(CONNECT, [
        (facts.account_no, ACTIVE, facts.home.connected_on, facts.warranty_until, facts.home.price_class,
         *owners.get(facts.account_no, (facts.customer_id, facts.household)), season)
        for facts in after
    ])  # fmt: skip
