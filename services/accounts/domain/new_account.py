"""What must hold of a home, its holder and its dates before an account is opened for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.accounts.domain import ledger_values as values
from services.accounts.domain.price_class import PRICE_CLASSES
from shared.kernel.errors import InvalidInput, Refusal


class AreaOrder(Refusal):
    code = "area_order"
    remedy = "Check the areas: usable ≤ inner ≤ building."


class WarrantyBeforeConnection(Refusal):
    code = "warranty_before_connection"
    remedy = "Check both dates: a warranty ends on or after the day of connection."


class NumberWrong(InvalidInput):
    """An ID or phone number that cannot be right; ``reason`` is the ledger's word. It is not repeated."""

    code = "number_wrong"
    remedy = "Compare the number with the document."


ID_NUMBERS = {"id_card": values.person_no, "uscc": values.company_no, "passport": values.passport_no}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """An account to open. Areas are m² (at most two decimals), the height metres; None is unknown.

    ``account_no`` None: a number is assigned. ``connected_on`` is the first day with heat, None when it lies
    far back.
    """

    name: str
    compound: str
    building: str
    room: str
    building_area: Decimal
    account_no: str | None = None
    price_class: str = "residential"
    id_type: str | None = None
    id_no: str | None = None
    phone: str | None = None
    unit: str = ""
    floor: int | None = None
    inner_area: Decimal | None = None
    usable_area: Decimal | None = None
    certified_area: Decimal | None = None
    storey_height: Decimal | None = None
    connected_on: date | None = None
    warranty_until: date | None = None
    employer: str | None = None

    @property
    def flat(self) -> tuple[str, str, str, str]:
        return self.compound, self.building, self.unit, self.room


def assert_may_be_opened(account: NewAccount, *, today: date, place: str) -> None:
    """Refuse what contradicts itself; ``place`` leads to the account in its list."""
    if account.price_class not in PRICE_CLASSES:
        known = ", ".join(PRICE_CLASSES)
        raise InvalidInput(f"known are {known}", place=f"{place}/price_class", value=account.price_class)
    if (account.id_type is None) != (account.id_no is None):
        raise InvalidInput("an ID number needs its type, and a type its number", place=f"{place}/id_no")
    if account.id_type is not None and account.id_no is not None:
        assert_number(ID_NUMBERS[account.id_type], account.id_no, place=f"{place}/id_no")
    if account.phone is not None:
        assert_number(values.phone, account.phone, place=f"{place}/phone")
    _assert_sizes(account, place)
    if account.connected_on and account.connected_on > today:
        raise InvalidInput(f"a home is connected on {today} or before", place=f"{place}/connected_on")
    if account.connected_on and account.warranty_until and account.warranty_until < account.connected_on:
        raise WarrantyBeforeConnection("the warranty ends before the connection", place=f"{place}/warranty_until")


def assert_number(read: Callable[[str], str], number: str, *, place: str) -> None:
    """Refuse a number that ``read`` calls wrong: `number_wrong`. The number is not repeated."""
    try:
        read(number)
    except values.Wrong as wrong:
        raise NumberWrong("this number cannot be right", place=place, reason=wrong.reason) from None


def _assert_sizes(account: NewAccount, place: str) -> None:
    inner = account.building_area if account.inner_area is None else account.inner_area
    if inner > account.building_area:
        raise AreaOrder("the inner area is larger than the building area", place=f"{place}/inner_area")
    if account.usable_area is not None and account.usable_area > inner:
        raise AreaOrder("the usable area is larger than the inner area", place=f"{place}/usable_area")
