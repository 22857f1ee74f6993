"""What a household is owed back for days that were not warm enough, or not warm at all.

Every fact (measured temperatures, an interruption, a season that began late) claims days, each as a share of that
day's fee. A day counts once, with the highest of its claims; the season's refund is rounded once over all of them and
is never more than the fee that it refunds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from services.accounts.domain.account_facts import ACTIVE
from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.season_dates import HeatingSeason
from shared.kernel.errors import InvalidInput, Refusal
from shared.kernel.rates import PERCENT, half_up

_DAY = timedelta(days=1)
_HOURS_A_DAY = 24
_WHOLE = Fraction(1)

TEMPERATURE, ROOMS, OUTAGE, SHORT_SEASON = "temperature", "rooms", "outage", "short_season"


class ClaimOutsideSeason(InvalidInput):
    code = "claim_outside_season"
    remedy = "Give days of the season that has been billed; days of another season are claims of their own."


class NotSupplied(Refusal):
    code = "not_supplied"
    remedy = "Only a home that should have had heat on that day has a claim; look at its state."


class NotBilled(Refusal):
    code = "not_billed"
    remedy = "Bill the season first: a refund is a part of what was billed."


class DayClaim(NamedTuple):
    """``share`` of the day's fee that is owed back: 3/10 of it, 1, or more where a policy refunds it twice over."""

    day: date
    cause: str
    share: Fraction


class FeeRate(NamedTuple):
    """What a home pays: ``fee_fen`` for the season, at ``fen_per_m2`` for it, on at most ``home_m2``."""

    fee_fen: int
    fen_per_m2: Fraction
    home_m2: Fraction


class Room(NamedTuple):
    area_m2: Decimal
    celsius: Decimal


def band_share(values: PolicyInForce, celsius: Decimal) -> Fraction:
    """The share of a day's fee at this temperature; an edge belongs to the warmer band, above all bands it is 0.

    A band without an upper end reaches up to the standard that rooms have to be kept at.
    """
    for band in values.refund_bands:
        upper_excl = values.room_standard if band.upper_excl is None else band.upper_excl
        if (band.lower_incl is None or celsius >= band.lower_incl) and celsius < upper_excl:
            return Fraction(band.pct) * PERCENT
    return Fraction(0)


def room_share(values: PolicyInForce, rooms: Sequence[Room], *, rate: FeeRate, official: bool = False) -> Fraction:
    """Only the cold rooms count: price × area × percentage, as a share of the home's fee. Refused: larger than it."""
    if sum(Fraction(room.area_m2) for room in rooms) > rate.home_m2:
        raise InvalidInput("the rooms are larger than the home", place="rooms")
    cold_m2 = sum((Fraction(room.area_m2) * band_share(values, room.celsius) for room in rooms), Fraction(0))
    if not rate.fee_fen:
        return Fraction(0)
    return cold_m2 * rate.fen_per_m2 / rate.fee_fen * official_times(values, official=official)


def outage_claims(values: PolicyInForce, hours: Decimal, *, last_day: date) -> list[DayClaim]:
    """An interruption that ended on ``last_day``: nothing below the threshold, at it and above every day begun.

    Under HOURS each hour counts as 1/24 of a day, and the first day takes the rest.
    """
    if hours < values.outage_threshold_hours:
        return []
    times = Fraction(values.outage_multiplier)
    exact_days = Fraction(hours) / _HOURS_A_DAY
    whole, rest = divmod(exact_days, 1)
    begun = rest if values.outage_day_rounding == "HOURS" else _WHOLE
    shares = [begun] * bool(rest) + [_WHOLE] * int(whole)
    return _days(OUTAGE, [share * times for share in shares], last_day)


def short_season_claims(
    values: PolicyInForce, season: HeatingSeason, *, supplied_from: date, supplied_until: date
) -> list[DayClaim]:
    """The days of the season without heat at its ends, when fewer were supplied than the policy demands, if it does."""
    supplied = (min(supplied_until, season.end_on) - max(supplied_from, season.start_on)).days + 1
    demanded = values.short_season_credit_threshold_days
    if demanded is None or max(supplied, 0) >= (season.day_count if isinstance(demanded, str) else demanded):
        return []
    missing = [day for day in days_of(season) if not supplied_from <= day <= supplied_until]
    return [DayClaim(day, SHORT_SEASON, _WHOLE) for day in missing]


def days_of(season: HeatingSeason) -> list[date]:
    return [season.start_on + _DAY * number for number in range((season.end_on - season.start_on).days + 1)]


def assert_supplied(state: str, *, billed: bool) -> None:
    """Refuse a claim of a home that should have had no heat (`not_supplied`), or has no bill (`not_billed`)."""
    if state != ACTIVE:
        raise NotSupplied(f"the home is {state}", state=state)
    if not billed:
        raise NotBilled("the season has not been billed to this home")


def assert_within(season: HeatingSeason, claims: Iterable[DayClaim]) -> None:
    """Refuse claims on days that this season does not have."""
    assert_days_within(season, [claim.day for claim in claims])


def assert_days_within(season: HeatingSeason, days: Iterable[date]) -> None:
    for day in days:
        if not season.start_on <= day <= season.end_on:
            raise ClaimOutsideSeason("this day is not one of the season", place="days", value=day.isoformat())


def refund_fen(values: PolicyInForce, season: HeatingSeason, *, fee_fen: int, claims: Iterable[DayClaim]) -> int:
    """What all claims of a season come to, on a payer's own share of the fee as it was billed; 0 ≤ refund ≤ fee."""
    highest: dict[date, Fraction] = {}
    for claim in claims:
        highest[claim.day] = max(highest.get(claim.day, Fraction(0)), claim.share)
    base = Fraction(fee_fen) * _refundable(values)
    return half_up(min(base, base * sum(highest.values(), Fraction(0)) / season.day_count))


def _refundable(values: PolicyInForce) -> Fraction:
    """FEE_MINUS_BASIC keeps the basic share for the company whatever happens."""
    kept = Fraction(values.basic_share_pct) * PERCENT if values.refund_base == "FEE_MINUS_BASIC" else Fraction(0)
    return 1 - kept


def official_times(values: PolicyInForce, *, official: bool) -> Fraction:
    """How often the percentage counts: more than once where an authority or a third party measured."""
    return Fraction(values.refund_official_multiplier) if official else _WHOLE


def _days(cause: str, shares: Sequence[Fraction], last_day: date) -> list[DayClaim]:
    """One claim a day, the last of them on ``last_day``; days on which nothing is owed claim nothing."""
    first = last_day - _DAY * (len(shares) - 1)
    return [DayClaim(first + _DAY * number, cause, share) for number, share in enumerate(shares) if share]
