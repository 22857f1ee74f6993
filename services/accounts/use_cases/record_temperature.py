"""Rooms were measured and found too cold: the days are owed back, once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from services.accounts.domain.refund_entitlement import (
    DayClaim,
    FeeRate,
    Room,
    assert_supplied,
    assert_within,
    room_claims,
    temperature_claims,
)
from services.accounts.domain.verb_list import assert_once
from services.accounts.storage.account_facts import locked_facts
from services.accounts.storage.entitlements import BilledSeason, Claimed, billed_seasons, credit_claims, told_of_refunds
from services.accounts.storage.in_force import InForce
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput, refused_at


@dataclass(frozen=True, slots=True)
class Measured:
    """``days`` days that end today, at ``celsius`` in the whole home or at each room's own temperature.

    ``official``: measured by a third party.
    """

    account_no: str
    days: int
    celsius: Decimal | None = None
    rooms: tuple[Room, ...] = ()
    official: bool = False


@dataclass(frozen=True, slots=True)
class RecordTemperature:
    measured: tuple[Measured, ...]
    reason: str
    preview: bool = False


def record_temperature(command: RecordTemperature, work: Work) -> dict[str, Any]:
    """Credit all homes of the list, or none; ``refund`` is what this adds to the household's.

    Refuses `unknown_account`, `not_supplied`, `not_billed`, `claim_outside_season`.
    """
    account_nos = [measured.account_no for measured in command.measured]
    assert_once(account_nos, place="measured")
    accounts = locked_facts(work, account_nos, place="measured")
    season = InForce(work).current_season
    billed = billed_seasons(work, accounts, season=season)
    claimed = []
    for number, (measured, facts) in enumerate(zip(command.measured, accounts, strict=True)):
        with refused_at(f"measured/{number}", account_no=facts.account_no):
            assert_supplied(facts.state_on(work.today), billed=facts.account_no in billed)
            home = billed[facts.account_no]
            claimed.append(Claimed(home, _claims(measured, home, work.today), _source(measured)))
    notes = credit_claims(work, claimed, reason=command.reason, preview=command.preview)
    return {"accounts": told_of_refunds(account_nos, notes)}


def _source(measured: Measured) -> dict[str, object]:
    rooms = [[str(room.area_m2), str(room.celsius)] for room in measured.rooms]
    told = {"reported": "temperature", "official": measured.official, "days": measured.days}
    return {**told, "rooms": rooms} if rooms else {**told, "celsius": str(measured.celsius)}


def _claims(measured: Measured, billed: BilledSeason, today: date) -> list[DayClaim]:
    tariff = billed.charges.kinds[billed.charge.scope].tariff
    if tariff.values.refund_scope == "AFFECTED_ROOMS":
        if not measured.rooms:
            raise InvalidInput("here only cold rooms count: give each room's area and temperature", place="rooms")
        home_m2 = Fraction(billed.facts.home.building_area_dm2, 100)
        rate = FeeRate(billed.charge.amount_fen, tariff.fen_per_dm2 * 100, home_m2)
        claims = room_claims(tariff.values, measured.rooms, rate=rate, days=measured.days, last_day=today,
                             official=measured.official)  # fmt: skip
    else:
        if measured.celsius is None:
            raise InvalidInput("here the home counts as a whole: give its temperature", place="celsius")
        claims = temperature_claims(tariff.values, measured.celsius, days=measured.days, last_day=today,
                                    official=measured.official)  # fmt: skip
    assert_within(billed.charges.season, claims)
    return claims
