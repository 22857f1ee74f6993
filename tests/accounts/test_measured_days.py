"""Which days follow from what was measured: each rule of the policy, and what does not count."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain.marked_yaml import PolicyInvalid
from services.accounts.domain.measured_days import (
    DayReading,
    MeasuredAtForbiddenHour,
    assert_hour_counts,
    came_late,
    claims_added,
    claims_of,
    days_measured,
)
from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.refund_entitlement import (
    band_share,
    days_of,
    outage_claims,
    refund_fen,
    short_season_claims,
)
from services.accounts.policies import load_policy
from shared.kernel.clock import CHINA
from shared.kernel.errors import InvalidInput
from tests.accounts.cold_days import SEASON, readings
from tests.accounts.policy_packs import pack

TENTH, TWENTIETH = date(2026, 1, 10), date(2026, 1, 20)
FEE_FEN = 233038


def values_under(**changes: str) -> PolicyInForce:
    return load_policy("default").with_changes(changes).for_season(2025)


MONTH, TWO_DAYS, SPAN = (
    values_under(refund_day_rule=rule) for rule in ("MONTH_AVERAGE_OF_3", "MIN_CONTINUOUS_48H", "FROM_REQUEST_TO_FIX")
)
EACH = values_under()


def one(values: PolicyInForce, celsius: str, day: date, *, official: bool = False) -> list[DayReading]:
    return readings(values, celsius, days=1, last_day=day, official=official)


def test_each_measured_day_counts_and_of_two_readings_the_colder() -> None:
    claims = claims_of(
        EACH, [*one(EACH, "16.5", TENTH), *one(EACH, "13.0", TENTH), *one(EACH, "15.0", TWENTIETH)], SEASON
    )
    assert [(claim.day, claim.share) for claim in claims] == [(TENTH, Fraction(1)), (TWENTIETH, Fraction(1, 2))]


def test_a_month_is_judged_by_the_mean_of_three_measurements_and_then_as_a_whole() -> None:
    two = [*one(MONTH, "17.0", TENTH), *one(MONTH, "17.0", TWENTIETH)]
    assert claims_of(MONTH, two, SEASON) == []
    claims = claims_of(MONTH, [*two, *one(MONTH, "13.7", date(2026, 1, 25))], SEASON)
    assert {claim.share for claim in claims} == {band_share(MONTH, Decimal("15.9"))}
    assert [claim.day for claim in claims] == [day for day in days_of(SEASON) if (day.year, day.month) == (2026, 1)]


def test_a_warm_mean_owes_nothing_although_a_day_was_cold() -> None:
    measured = [*one(MONTH, "13.0", TENTH), *one(MONTH, "21.0", TWENTIETH), *one(MONTH, "20.0", date(2026, 1, 25))]
    assert claims_of(MONTH, measured, SEASON) == []


def test_measurements_of_two_months_are_two_judgements() -> None:
    measured = [*one(MONTH, "13.0", TENTH), *one(MONTH, "13.0", TWENTIETH), *one(MONTH, "13.0", date(2026, 2, 3))]
    assert claims_of(MONTH, measured, SEASON) == []


def test_a_mean_counts_double_where_a_third_party_measured_all_of_it() -> None:
    double = values_under(refund_day_rule="MONTH_AVERAGE_OF_3", refund_official_multiplier="2")
    days = (TENTH, TWENTIETH, date(2026, 1, 25))
    official = [reading for day in days for reading in one(double, "16.5", day, official=True)]
    mixed = [*official[:2], *one(double, "16.5", days[2])]
    assert {claim.share for claim in claims_of(double, official, SEASON)} == {Fraction(6, 10)}
    assert {claim.share for claim in claims_of(double, mixed, SEASON)} == {Fraction(3, 10)}


def test_less_than_two_days_without_a_break_are_owed_nothing() -> None:
    assert claims_of(TWO_DAYS, [*one(TWO_DAYS, "13.0", TENTH), *one(TWO_DAYS, "13.0", date(2026, 1, 12))], SEASON) == []


def test_two_days_that_were_told_one_by_one_are_two_days() -> None:
    first, second = one(TWO_DAYS, "13.0", TENTH), one(TWO_DAYS, "16.5", date(2026, 1, 11))
    assert claims_added(TWO_DAYS, [], first, SEASON) == []
    added = claims_added(TWO_DAYS, first, second, SEASON)
    assert [(claim.day, claim.share) for claim in added] == [(TENTH, Fraction(1)), (date(2026, 1, 11), Fraction(3, 10))]


def test_a_warm_day_between_breaks_the_run() -> None:
    measured = [
        *one(TWO_DAYS, "13.0", TENTH),
        *one(TWO_DAYS, "18.0", date(2026, 1, 11)),
        *one(TWO_DAYS, "13.0", date(2026, 1, 12)),
    ]
    assert claims_of(TWO_DAYS, measured, SEASON) == []


def test_from_the_request_until_it_is_put_right_every_day_counts() -> None:
    days = days_measured(SPAN, days=1, last_day=TWENTIETH, requested_on=date(2026, 1, 17))
    assert days == [date(2026, 1, 17), date(2026, 1, 18), date(2026, 1, 19), TWENTIETH]
    assert days_measured(EACH, days=1, last_day=TWENTIETH, requested_on=date(2026, 1, 17)) == [TWENTIETH]
    assert len(days_measured(SPAN, days=12, last_day=TWENTIETH, requested_on=None)) == 12


@pytest.mark.parametrize(("clock", "counts"), [("09:59", True), ("10:00", False), ("13:59", False), ("14:00", True)])
def test_what_is_measured_while_the_sun_warms_the_room_does_not_count(clock: str, counts: bool) -> None:
    at = datetime.fromisoformat(f"2026-01-12T{clock}").replace(tzinfo=CHINA)
    if counts:
        assert_hour_counts(EACH, at)
        return
    with pytest.raises(MeasuredAtForbiddenHour):
        assert_hour_counts(EACH, at)


@pytest.mark.parametrize(("hours", "late"), [(10, False), (10.5, True)])
def test_the_company_has_so_many_hours_to_come(hours: float, late: bool) -> None:
    asked = datetime(2026, 1, 12, 7, 0, tzinfo=CHINA)
    assert came_late(EACH, asked, asked + timedelta(hours=hours)) is late


def test_nothing_is_measured_before_it_was_asked_for() -> None:
    asked = datetime(2026, 1, 12, 7, 0, tzinfo=CHINA)
    with pytest.raises(InvalidInput):
        came_late(EACH, asked, asked - timedelta(minutes=1))


def test_percent_for_each_degree_below_the_standard_is_a_band_for_each_degree() -> None:
    """Nangong: 10 % for each degree below 16 °C, all of it below 12 °C; an authority's measurement counts double."""
    bands = (
        "[{lower_incl: 15.0, pct: 10}, {lower_incl: 14.0, upper_excl: 15.0, pct: 20},"
        " {lower_incl: 13.0, upper_excl: 14.0, pct: 30}, {lower_incl: 12.0, upper_excl: 13.0, pct: 40},"
        " {upper_excl: 12.0, pct: 100}]"
    )
    nangong = values_under(room_standard="16.0", refund_bands=bands, refund_official_multiplier="2")
    shares = [band_share(nangong, Decimal(celsius)) for celsius in ("16.0", "15.9", "14.0", "12.0", "11.9")]
    assert shares == [0, Fraction(1, 10), Fraction(2, 10), Fraction(4, 10), 1]
    [reading] = one(nangong, "15.5", TENTH, official=True)
    assert reading.share == Fraction(2, 10)


def test_a_pack_that_judges_single_rooms_by_the_month_contradicts_itself() -> None:
    with pytest.raises(PolicyInvalid, match="WHOLE_HOME"):
        pack(
            "refund_day_rule: {value: MONTH_AVERAGE_OF_3, document: A}\nrefund_scope: {value: AFFECTED_ROOMS, document: A}"
        )


DAYS = st.dates(SEASON.start_on, SEASON.end_on)
CELSIUS = st.decimals("5.0", "22.0", places=1).map(str)
RULES = st.sampled_from(
    [EACH, MONTH, TWO_DAYS, SPAN, values_under(refund_official_multiplier="3", outage_multiplier="2")]
)
FACTS = st.lists(
    st.one_of(
        st.tuples(st.just("cold"), DAYS, CELSIUS, st.booleans()),
        st.tuples(st.just("outage"), DAYS, st.integers(1, 2000), st.booleans()),
        st.tuples(st.just("short"), DAYS, DAYS, st.booleans()),
    ),
    max_size=25,
)


@given(RULES, FACTS, st.integers(0, 10**8))
def test_whatever_happens_the_refund_grows_only_and_never_exceeds_the_fee(
    values: PolicyInForce, facts: list[tuple[str, date, object, bool]], fee_fen: int
) -> None:
    known, measured, refunds = [], [], [0]
    for kind, day, what, official in facts:
        if kind == "cold":
            now = one(values, str(what), day, official=official)
            known += claims_added(values, measured, now, SEASON)
            measured += now
        elif kind == "outage":
            known += outage_claims(values, Decimal(str(what)), last_day=day)
        else:
            known += short_season_claims(values, SEASON, supplied_from=day, supplied_until=what)  # type: ignore[arg-type]
        refunds.append(refund_fen(values, SEASON, fee_fen=fee_fen, claims=known))
    assert refunds == sorted(refunds)
    assert 0 <= refunds[-1] <= fee_fen


@given(FACTS)
def test_no_day_is_owed_twice_without_a_multiplier(facts: list[tuple[str, date, object, bool]]) -> None:
    """A day's fee is the most that a day brings: so many facts on one day owe one day."""
    claims = []
    for kind, _, what, official in facts:
        if kind == "cold":
            claims += claims_of(EACH, one(EACH, str(what), TENTH, official=official), SEASON)
        elif kind == "outage":
            claims += [claim for claim in outage_claims(EACH, Decimal(24), last_day=TENTH) if claim.day == TENTH]
    assert refund_fen(EACH, SEASON, fee_fen=FEE_FEN, claims=claims) <= 1543
