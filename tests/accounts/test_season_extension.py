"""Heat beyond the legal season is given, or charged by days."""

from __future__ import annotations

from datetime import date

import pytest

from services.accounts.domain.season_dates import season_of
from services.accounts.domain.season_extension import extension_line, extra_days
from tests.accounts.policy_packs import pack

POLICY = pack("extension_pricing: {value: DAILY_CHARGE, document: A}")
SEASON = season_of(POLICY, 2025)


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2025-11-01", "2026-03-31", 0),
        ("2025-11-04", "2026-03-20", 0),
        ("2025-10-29", "2026-03-31", 3),
        ("2025-10-29", "2026-04-05", 8),
        ("2025-11-09", "2026-04-01", 1),
    ],
)
def test_days_before_and_after_the_season_are_extra(first: str, last: str, days: int) -> None:
    supplied = {"supplied_from": date.fromisoformat(first), "supplied_until": date.fromisoformat(last)}
    assert extra_days(SEASON, **supplied) == days


@pytest.mark.parametrize(("rule", "fen"), [("FREE", 0), ("DAILY_CHARGE", 77_16)])
def test_five_extra_days_cost_what_the_policy_says(rule: str, fen: int) -> None:
    policy = pack(f"extension_pricing: {{value: {rule}, document: A}}")
    line = extension_line(
        policy.for_season(2025), SEASON, fee_fen=2330_38, supplied_from=date(2025, 11, 1),
        supplied_until=date(2026, 4, 5),
    )  # fmt: skip
    assert line["fen"] == fen
    assert line["days"] == 5
