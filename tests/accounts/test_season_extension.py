"""Heat beyond the legal season is given, or charged by days."""

from __future__ import annotations

from datetime import date

import pytest

from services.accounts.domain.derivation import recomputed_fen
from services.accounts.domain.partial_use import PartialUse
from services.accounts.domain.policy_scope import Scope
from services.accounts.domain.rating import Home, Rated, rate_by
from services.accounts.domain.season_dates import season_of
from services.accounts.domain.season_extension import Supply, extra_days
from services.accounts.domain.tariff import tariff_of
from tests.accounts.policy_packs import pack


def rated(home: Home, rule: str = "DAILY_CHARGE") -> Rated:
    policy = pack(f"extension_pricing: {{value: {rule}, document: A}}")
    return rate_by(tariff_of(policy, season_of(policy, 2025), Scope(price_class=home.price_class)), home)


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
    season = season_of(pack(), 2025)
    assert extra_days(season, Supply(date.fromisoformat(first), date.fromisoformat(last))) == days


@pytest.mark.parametrize(("rule", "fen"), [("FREE", 2330_38), ("DAILY_CHARGE", 2407_54)])
def test_five_extra_days_cost_what_the_policy_says(rule: str, fen: int) -> None:
    found = rated(Home("residential", 8963, extra_days=5), rule)
    assert found.amount_fen == recomputed_fen(found.derivation) == fen


def test_what_is_charged_on_top_is_rounded_by_itself() -> None:
    line = rated(Home("residential", 8963, extra_days=1)).derivation["line"]
    assert (line["extra_exact"], line["extra_fen"], line["of"]["fen"]) == ("233038/151", 15_43, 2330_38)


@pytest.mark.parametrize(
    "home",
    [
        Home("residential", 8963, suspended=True),
        Home("residential", 8963, connected_on=date(2025, 12, 1)),
        Home("residential", 8963, use=PartialUse(cut_days=10)),
    ],
)
def test_homes_that_did_not_have_all_of_the_season_take_no_part(home: Home) -> None:
    extended = Home(**{name: getattr(home, name) for name in home.__slots__} | {"extra_days": 5})
    assert rated(extended).amount_fen == rated(home).amount_fen
