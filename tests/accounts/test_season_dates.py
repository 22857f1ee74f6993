"""A season's days, in common and leap years, and the days that a month and day mean for it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from services.accounts.domain.month_day import MonthDay, parse_month_day
from services.accounts.domain.season_dates import (
    HeatingSeason,
    current_season,
    declared_season,
    placed,
    season_of,
)
from services.accounts.domain.season_prices import PriceSegment, SeasonInvalid
from services.accounts.policies import load_policy

DEFAULT = load_policy("default")


def season(changes: dict[str, str], year: int = 2025) -> HeatingSeason:
    return season_of(DEFAULT.with_changes(changes), year)


def declared(start: str, end: str, **prices: str) -> HeatingSeason:
    return declared_season(
        DEFAULT,
        season=2025,
        start_on=date.fromisoformat(start),
        end_on=date.fromisoformat(end),
        prices=prices,
    )


@pytest.mark.parametrize(("year", "days"), [(2025, 151), (2026, 151), (2027, 152), (2099, 151), (2023, 152)])
def test_a_season_has_a_day_more_when_february_has(year: int, days: int) -> None:
    assert season({}, year).day_count == days


def test_a_season_ends_in_its_second_year() -> None:
    assert (season({}).start_on, season({}).end_on) == (date(2025, 11, 1), date(2026, 3, 31))


def test_a_season_may_end_with_february() -> None:
    changes = {"season_end": "02-29"}
    assert season(changes, 2025).end_on == date(2026, 2, 28)
    assert season(changes, 2027).end_on == date(2028, 2, 29)


def test_an_exclusive_end_is_not_heated() -> None:
    changes = {"season_start": "11-15", "season_end": "03-15", "season_boundary_mode": "END_EXCLUSIVE"}
    assert season(changes).end_on == date(2026, 3, 14)
    assert season(changes).day_count == 120


def test_the_policy_may_fix_the_number_of_days() -> None:
    fixed = season({"season_day_count": "150"})
    assert fixed.day_count == 150
    assert fixed.days_from(date(2025, 11, 1)) == 150
    assert fixed.days_from(date(2025, 11, 3)) == 149


@pytest.mark.parametrize(
    ("day", "days"),
    [("2025-07-01", 151), ("2025-11-01", 151), ("2026-01-10", 81), ("2026-03-31", 1), ("2026-04-01", 0)],
)
def test_days_from_a_day_count_that_day(day: str, days: int) -> None:
    assert season({}).days_from(date.fromisoformat(day)) == days


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        ("2025-11-01", "2026-03-31", 5),
        ("2025-11-15", "2026-03-15", 4),
        ("2025-11-15", "2026-03-14", 4),
        ("2025-11-15", "2026-03-13", 3),
        ("2025-10-31", "2026-02-27", 4),
        ("2025-10-31", "2026-02-26", 3),
    ],
)
def test_whole_months_run_to_the_day_after_the_last(start: str, end: str, months: int) -> None:
    assert declared(start, end).whole_months == months


@pytest.mark.parametrize(
    ("start", "end"),
    [("2025-11-01", "2025-10-31"), ("2024-11-01", "2025-03-31"), ("2025-11-01", "2026-10-31")],
)
def test_days_that_are_no_season_of_these_years_are_refused(start: str, end: str) -> None:
    with pytest.raises(SeasonInvalid):
        declared(start, end)


def test_segments_hold_from_their_day_on() -> None:
    prices = declared("2025-11-16", "2026-04-05", segments="11-16:24.00 01-01:26.40").prices
    assert prices.segments == (PriceSegment(Decimal("24.00"), 46), PriceSegment(Decimal("26.40"), 95))


def test_published_prices_are_kept_as_published() -> None:
    assert declared("2025-11-16", "2026-04-05", published="7.82 17.78").prices.published == (
        Decimal("7.82"),
        Decimal("17.78"),
    )


@pytest.mark.parametrize(
    "prices",
    [
        {"segments": "11-02:24.00 01-01:26.40"},
        {"segments": "11-01:24.00 11-01:26.40"},
        {"segments": "11-01:24.00 01-01:26.40 12-01:27"},
        {"segments": "11-01:24.00 04-01:26.40"},
        {"segments": "11-01=24.00"},
        {"segments": "11-01:"},
        {"segments": ""},
        {"published": ""},
        {"published": "7,82"},
        {"price_residential": "0"},
        {"price_residential": "0.00"},
        {"price_residential": "-1"},
        {"price_garage": "5"},
        {"price_residential": "24", "segments": "11-01:24.00"},
        {"published": "24", "segments": "11-01:24.00"},
    ],
)
def test_prices_that_cannot_be_are_refused(prices: dict[str, str]) -> None:
    with pytest.raises(SeasonInvalid) as caught:
        declared("2025-11-01", "2026-03-31", **prices)
    assert caught.value.facts["place"] in prices


@pytest.mark.parametrize(
    ("day", "opens", "meant"),
    [
        ("12-31", "07-01", "2025-12-31"),
        ("07-26", "07-01", "2025-07-26"),
        ("07-26", "10-01", "2025-07-26"),
        ("05-02", "07-01", "2025-05-02"),
        ("05-01", "07-01", "2026-05-01"),
        ("04-15", "07-01", "2026-04-15"),
        ("04-15", "04-01", "2025-04-15"),
        ("01-10", "07-01", "2026-01-10"),
        ("02-29", "07-01", "2026-02-28"),
    ],
)
def test_a_month_and_day_mean_the_day_around_the_season(day: str, opens: str, meant: str) -> None:
    month_day, opens_on = parse_month_day(day), parse_month_day(opens)
    assert month_day is not None and opens_on is not None
    assert placed(month_day, season({}), opens=opens_on) == date.fromisoformat(meant)


@pytest.mark.parametrize(("day", "current"), [("2025-06-30", 2024), ("2025-07-01", 2025), ("2026-01-01", 2025)])
def test_the_current_season_is_the_last_whose_billing_has_opened(day: str, current: int) -> None:
    assert current_season(DEFAULT, date.fromisoformat(day)) == current


@pytest.mark.parametrize("text", ["2-29", "02-30", "13-01", "00-10", "11/01", "１１-01", "11-01 ", ""])
def test_what_is_no_day_of_the_year_is_none(text: str) -> None:
    assert parse_month_day(text) is None
    assert parse_month_day("02-29") == MonthDay(2, 29)
