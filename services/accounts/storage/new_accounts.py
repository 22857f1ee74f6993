"""Writing new accounts: their numbers, and what nobody else may have."""

from __future__ import annotations

from collections.abc import Sequence

from services.accounts.domain.new_account import NewAccount
from services.accounts.storage.account_nos import known_accounts, known_flats, new_account_nos
from services.accounts.storage.rows import CustomerRow, HeatAccountRow, MoveRow, PremisesRow
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import Refusal
from shared.messages.accounts import AccountsOpened, OpenedAccount

_AS_OPENED = """
SELECT a.account_no, c.name, c.id_type, c.id_no, c.phone, p.compound, p.building, p.unit, p.room, p.floor,
       p.storey_height, a.price_class, a.warranty_until, p.building_area
FROM heat_accounts a JOIN customers c USING (customer_id) JOIN premises p USING (premises_id)
WHERE a.account_no = ANY(%s)
"""


class AccountNoTaken(Refusal):
    code = "account_no_taken"
    status = 409
    remedy = "Leave the number out, and one is assigned; or look at the account that has it."


class FlatTaken(Refusal):
    code = "flat_taken"
    status = 409
    remedy = "Look at the account that the flat has; a flat has one account."


def add_accounts(work: Work, accounts: Sequence[NewAccount], *, verb: str, reason: str, state: str = "active",
                 heat_stations: Sequence[str | None] | None = None, varies_from: int | None = None) -> list[str]:  # fmt: skip
    """Their numbers, in the order of the list; the others are told. Numbers are assigned where none is given.

    ``varies_from`` is the first season that their own facts charge otherwise than a whole one.

    Refused: `account_no_taken` and `flat_taken`, also within the list.
    """
    if not accounts:
        return []
    assert_free(work, accounts)
    assigned = iter(new_account_nos(work, sum(account.account_no is None for account in accounts)))
    account_nos = [account.account_no or next(assigned) for account in accounts]
    ids = iter(work.new_ids(3 * len(account_nos)))
    stations = heat_stations or [None] * len(account_nos)
    for account_no, account, station in zip(account_nos, accounts, stations, strict=True):
        _add(work, account_no, account, next(ids), next(ids), next(ids), verb, reason, state, station, varies_from)
    work.emit(AccountsOpened(tuple(
        OpenedAccount(account_no, work.today, account.price_class)
        for account_no, account in zip(account_nos, accounts, strict=True)
    )))  # fmt: skip
    return account_nos


def assert_free(work: Work, accounts: Sequence[NewAccount], *, place: str = "accounts") -> None:
    """Refuses `account_no_taken` and `flat_taken`, also within the list."""
    _refuse_taken_nos(work, accounts, place)
    _refuse_taken_flats(work, accounts, place)


def as_opened(work: Work, account_nos: Sequence[str]) -> dict[str, NewAccount]:
    """Accounts as they would be opened now, by number: owner, place and home, without areas and number."""
    rows = work.rows(_AS_OPENED, (list(account_nos),))
    return {
        account_no: NewAccount(
            name=name, id_type=id_type, id_no=id_no, phone=phone, compound=compound, building=building, unit=unit,
            room=room, floor=floor, storey_height=height, price_class=price_class, warranty_until=warranty_until,
            building_area=area)
        for account_no, name, id_type, id_no, phone, compound, building, unit, room, floor, height, price_class,
            warranty_until, area in rows
    }  # fmt: skip


def _refuse_taken_nos(work: Work, accounts: Sequence[NewAccount], place: str) -> None:
    given = [account.account_no for account in accounts if account.account_no is not None]
    taken = known_accounts(work, given) if given else set()
    for number, account in enumerate(accounts):
        if account.account_no in taken:
            raise AccountNoTaken(
                "this number has an account",
                account_no=account.account_no,
                place=f"{place}/{number}/account_no",
            )
        if account.account_no is not None:
            taken.add(account.account_no)


def _refuse_taken_flats(work: Work, accounts: Sequence[NewAccount], place: str) -> None:
    taken = known_flats(work, [account.flat for account in accounts])
    for number, account in enumerate(accounts):
        if account.flat in taken:
            raise FlatTaken("this flat has an account", account_no=taken[account.flat], place=f"{place}/{number}/room")
        taken[account.flat] = account.account_no or f"{place}/{number}"


def _add(work: Work, account_no: str, account: NewAccount, customer_id: int, premises_id: int, move_id: int, verb: str,
         reason: str, state: str, heat_station: str | None, varies_from: int | None) -> None:  # fmt: skip
    command_id = work.command_id
    work.add([
        CustomerRow(customer_id, command_id, account.name, account.id_type, account.id_no, account.phone),
        PremisesRow(premises_id, command_id, *account.flat, account.floor, heat_station, account.building_area,
                    account.inner_area, account.usable_area, account.certified_area, account.storey_height),
        HeatAccountRow(account_no, command_id, customer_id, premises_id, account.price_class, state,
                       work.today, account.connected_on, account.warranty_until, employer=account.employer, varies_from=varies_from),
        MoveRow(move_id, command_id, account_no, verb, None, state, account.connected_on or work.today, reason),
    ])  # fmt: skip
