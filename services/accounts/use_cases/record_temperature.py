"""Rooms were measured and found too cold: the days are owed back, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from services.accounts.domain.measured_days import (
    DayReading,
    assert_hour_counts,
    came_late,
    claims_added,
    days_measured,
)
from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.refund_entitlement import (
    ROOMS,
    TEMPERATURE,
    DayClaim,
    FeeRate,
    Room,
    assert_days_within,
    assert_supplied,
    band_share,
    official_times,
    room_share,
)
from services.accounts.domain.verb_list import assert_once
from services.accounts.storage.account_facts import locked_facts
from services.accounts.storage.entitlements import BilledSeason, Claimed, billed_seasons, credit_claims, told_of_refunds
from services.accounts.storage.in_force import InForce
from services.accounts.storage.temperature_readings import ReadingRow, add_readings, readings_of
from shared.chassis.unit_of_work import Work
from shared.kernel.clock import CHINA
from shared.kernel.errors import InvalidInput, refused_at


@dataclass(frozen=True, slots=True)
class Measured:
    """``days`` days that end today, at ``celsius`` in the whole home or at each room's own temperature.

    ``official``: measured by a third party. ``requested_at`` and ``measured_at``: when somebody asked to measure, and
    when it was done; the last day is that of the measurement then.
    """

    account_no: str
    days: int
    celsius: Decimal | None = None
    rooms: tuple[Room, ...] = ()
    official: bool = False
    requested_at: datetime | None = None
    measured_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RecordTemperature:
    measured: tuple[Measured, ...]
    reason: str
    preview: bool = False


def record_temperature(command: RecordTemperature, work: Work) -> dict[str, Any]:
    """Credit all homes of the list, or none; ``refund`` is what this adds to the household's, ``measured_late`` that the
    company came later than it may.

    Refuses `unknown_account`, `not_supplied`, `not_billed`, `claim_outside_season`, `measured_at_forbidden_hour`.
    """
    account_nos = [measured.account_no for measured in command.measured]
    assert_once(account_nos, place="measured")
    accounts = locked_facts(work, account_nos, place="measured")
    season = InForce(work).current_season
    billed = billed_seasons(work, accounts, season=season)
    known = readings_of(work, account_nos, season=season)
    claimed: list[Claimed] = []
    rows: list[ReadingRow] = []
    late: dict[str, bool] = {}
    for number, (measured, facts) in enumerate(zip(command.measured, accounts, strict=True)):
        with refused_at(f"measured/{number}", account_no=facts.account_no):
            assert_supplied(facts.state_on(work.today), billed=facts.account_no in billed)
            home = billed[facts.account_no]
            values = home.charges.kinds[home.charge.scope].tariff.values
            assert_hour_counts(values, measured.measured_at)
            late[facts.account_no] = came_late(values, measured.requested_at, measured.measured_at)
            readings = _readings(measured, home, values, work.today)
            claims = _claims(home, values, known[facts.account_no], readings, measured)
        claimed.append(Claimed(home, claims, _source(measured)))
        rows += [
            ReadingRow(0, work.command_id, facts.account_no, season, reading.day, reading.celsius, reading.official,
                       reading.share.numerator, reading.share.denominator, measured.requested_at, measured.measured_at,
                       late[facts.account_no], command.reason)
            for reading in readings
        ]  # fmt: skip
    notes = credit_claims(work, claimed, reason=command.reason, preview=command.preview)
    if not command.preview:
        add_readings(work, rows)
    told = told_of_refunds(account_nos, notes)
    return {"accounts": [{**each, "measured_late": late[each["account_no"]]} for each in told]}


def _source(measured: Measured) -> dict[str, object]:
    rooms = [[str(room.area_m2), str(room.celsius)] for room in measured.rooms]
    told = {"reported": "temperature", "official": measured.official, "days": measured.days}
    return {**told, "rooms": rooms} if rooms else {**told, "celsius": str(measured.celsius)}


def _readings(measured: Measured, home: BilledSeason, values: PolicyInForce, today: date) -> list[DayReading]:
    last_day = _local_day(measured.measured_at) or today
    if last_day > today:
        raise InvalidInput("this was measured in the future", place="measured_at", value=last_day.isoformat())
    share = _share(measured, home, values)
    days = days_measured(values, days=measured.days, last_day=last_day, requested_on=_local_day(measured.requested_at))
    assert_days_within(home.charges.season, days)
    celsius = None if values.refund_scope == "AFFECTED_ROOMS" else measured.celsius
    return [DayReading(day, share, celsius, measured.official) for day in days]


def _share(measured: Measured, home: BilledSeason, values: PolicyInForce) -> Fraction:
    """What one of these days is worth by itself."""
    if values.refund_scope == "AFFECTED_ROOMS":
        if not measured.rooms:
            raise InvalidInput("here only cold rooms count: give each room's area and temperature", place="rooms")
        tariff = home.charges.kinds[home.charge.scope].tariff
        home_m2 = Fraction(home.facts.home.building_area_dm2, 100)
        rate = FeeRate(home.charge.amount_fen, tariff.fen_per_dm2 * 100, home_m2)
        return room_share(values, measured.rooms, rate=rate, official=measured.official)
    if measured.celsius is None:
        raise InvalidInput("here the home counts as a whole: give its temperature", place="celsius")
    return band_share(values, measured.celsius) * official_times(values, official=measured.official)


def _claims(home: BilledSeason, values: PolicyInForce, known: Sequence[DayReading], readings: Sequence[DayReading],
            measured: Measured) -> list[DayClaim]:  # fmt: skip
    cause = ROOMS if measured.rooms and values.refund_scope == "AFFECTED_ROOMS" else TEMPERATURE
    return claims_added(values, known, readings, home.charges.season, cause=cause)


def _local_day(instant: datetime | None) -> date | None:
    return None if instant is None else instant.astimezone(CHINA).date()
