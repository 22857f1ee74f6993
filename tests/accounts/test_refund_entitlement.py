"""A day counts once, with the highest of its claims; the refund of a season is rounded once and never above the fee."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.refund_entitlement import (
    ClaimOutsideSeason,
    DayClaim,
    FeeRate,
    Room,
    assert_within,
    band_share,
    outage_claims,
    refund_fen,
    short_season_claims,
)
from services.accounts.domain.season_dates import HeatingSeason, season_of
from services.accounts.policies import load_policy
from shared.kernel.errors import InvalidInput
from tests.accounts.cold_days import room_claims, temperature_claims

FEE_FEN = 233038


def season_under(**changes: str) -> tuple[HeatingSeason, PolicyInForce]:
    policy = load_policy("default").with_changes(changes)
    return season_of(policy, 2025), policy.for_season(2025)


def refunded(claims: list[DayClaim], *, fee_fen: int = FEE_FEN, **changes: str) -> int:
    season, values = season_under(**changes)
    return refund_fen(values, season, fee_fen=fee_fen, claims=claims)


def values_of(**changes: str) -> PolicyInForce:
    return season_under(**changes)[1]


def test_cold_days_are_added_up_before_they_are_rounded() -> None:
    values = values_of()
    cold = temperature_claims(values, "16.5", days=12, last_day=date(2025, 12, 12))
    assert refunded(cold) == 5556
    cold += temperature_claims(values, "15.2", days=5, last_day=date(2025, 12, 20))
    assert refunded(cold) == 9414
    cold += temperature_claims(values, "13.8", days=2, last_day=date(2025, 12, 24))
    assert refunded(cold) == 12501


@pytest.mark.parametrize(
    ("celsius", "share"),
    [("18.0", "0"), ("17.9", "3/10"), ("16.0", "3/10"), ("15.9", "1/2"), ("14.0", "1/2"), ("13.9", "1"), ("-5.0", "1")],
)
def test_an_edge_belongs_to_the_warmer_band(celsius: str, share: str) -> None:
    assert band_share(values_of(), Decimal(celsius)) == Fraction(share)


def test_measured_by_a_third_party_it_may_count_double() -> None:
    values = values_of(refund_official_multiplier="2")
    (claim,) = temperature_claims(values, "16.5", days=1, last_day=date(2026, 1, 5), official=True)
    assert claim.share == Fraction(6, 10)


@pytest.mark.parametrize(
    ("hours", "fen"), [("23", 0), ("23.9", 0), ("24", 1543), ("24.1", 3087), ("31", 3087), ("48", 3087)]
)
def test_an_outage_counts_from_the_threshold_on_by_days_begun(hours: str, fen: int) -> None:
    claims = outage_claims(values_of(), Decimal(hours), last_day=date(2026, 1, 10))
    assert refunded(claims) == fen


def test_an_outage_may_count_by_hours() -> None:
    values = values_of(outage_day_rounding="HOURS")
    claims = outage_claims(values, Decimal(31), last_day=date(2026, 1, 10))
    assert [(claim.day.day, claim.share) for claim in claims] == [(9, Fraction(7, 24)), (10, Fraction(1))]
    assert refunded(claims) == 1993


def test_an_outage_may_count_twice_over() -> None:
    values = values_of(outage_multiplier="2")
    claims = outage_claims(values, Decimal(31), last_day=date(2026, 1, 10))
    assert refunded(claims) == 6173
    cold = temperature_claims(values, "13.0", days=2, last_day=date(2026, 1, 10))
    assert refunded(claims + cold) == 6173


def test_a_day_with_two_causes_counts_once_with_the_higher() -> None:
    values = values_of()
    cold = temperature_claims(values, "16.5", days=3, last_day=date(2026, 1, 10))
    out = outage_claims(values, Decimal(24), last_day=date(2026, 1, 10))
    assert (refunded(cold), refunded(cold + out), refunded(cold + out + cold)) == (1389, 2469, 2469)


def test_only_the_cold_rooms_may_count() -> None:
    bands = "[{lower_incl: 16.1, upper_excl: 18.0, pct: 40}, {lower_incl: 14.1, upper_excl: 16.1, pct: 60}, {upper_excl: 14.1, pct: 100}]"
    changes = {"refund_scope": "AFFECTED_ROOMS", "refund_bands": bands, "season_start": "11-15", "season_end": "03-15"}
    rooms = [Room(Decimal("14.20"), Decimal("16.5")), Room(Decimal("25.60"), Decimal("16.0"))]
    claims = room_claims(
        values_of(**changes),
        rooms,
        rate=FeeRate(222000, Fraction(2400), Fraction("92.50")),
        days=8,
        last_day=date(2026, 1, 20),
    )
    assert refunded(claims, fee_fen=222000, **changes) == 3339


def test_rooms_larger_than_the_home_are_refused() -> None:
    with pytest.raises(InvalidInput):
        room_claims(
            values_of(),
            [Room(Decimal(90), Decimal(10))],
            rate=FeeRate(FEE_FEN, Fraction(2600), Fraction(89)),
            days=1,
            last_day=date(2026, 1, 1),
        )


def test_a_city_may_keep_the_basic_fee() -> None:
    bands = "[{lower_incl: 16.0, upper_excl: 18.0, pct: 20}, {lower_incl: 14.0, upper_excl: 16.0, pct: 50}, {upper_excl: 14.0, pct: 100}]"
    changes = {"refund_base": "FEE_MINUS_BASIC", "basic_share_pct": "30", "refund_bands": bands,
               "season_start": "11-15", "season_end": "03-15"}  # fmt: skip
    claims = temperature_claims(values_of(**changes), "17.0", days=10, last_day=date(2026, 1, 20))
    assert refunded(claims, **changes) == 2696


def test_a_season_that_begins_late_gives_its_missing_days_back() -> None:
    season, values = season_under()
    claims = short_season_claims(values, season, supplied_from=date(2025, 11, 4), supplied_until=date(2026, 3, 31))
    assert [claim.day for claim in claims] == [date(2025, 11, 1), date(2025, 11, 2), date(2025, 11, 3)]
    assert refunded(claims) == 4630


def test_a_season_of_enough_days_gives_nothing_back() -> None:
    season, values = season_under(short_season_credit_threshold_days="148")
    supplied = {"supplied_from": date(2025, 11, 4), "supplied_until": date(2026, 3, 31)}
    assert short_season_claims(values, season, **supplied) == []


def test_days_of_another_season_are_no_claim_of_this_one() -> None:
    season, _ = season_under()
    with pytest.raises(ClaimOutsideSeason):
        assert_within(season, [DayClaim(date(2026, 4, 1), "temperature", Fraction(1))])


DAYS = [date(2025, 11, 1) + timedelta(days=number) for number in range(151)]
CLAIMS = st.lists(
    st.builds(DayClaim, st.sampled_from(DAYS), st.just("temperature"), st.fractions(0, 3, max_denominator=100)),
    max_size=200,
)


@given(CLAIMS, CLAIMS, st.integers(0, 10**8))
def test_a_refund_never_exceeds_the_fee_and_never_shrinks_with_more_claims(
    claims: list[DayClaim], more: list[DayClaim], fee_fen: int
) -> None:
    once, together = refunded(claims, fee_fen=fee_fen), refunded(claims + more, fee_fen=fee_fen)
    assert 0 <= once <= together <= fee_fen


@given(CLAIMS)
def test_the_order_of_claims_and_their_repetition_change_nothing(claims: list[DayClaim]) -> None:
    assert refunded(claims) == refunded(list(reversed(claims)) + claims)
