"""The two-part tariff: basic fee by area, metered fee by heat, four ways to settle."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain.derivation import recomputed_fen
from services.accounts.domain.explanation import explain, explain_in_english
from services.accounts.domain.metered_heat import HeatInvalid, SeasonHeat
from services.accounts.domain.policy import Policy
from services.accounts.domain.policy_scope import Scope
from services.accounts.domain.rating import Home, Rated, rate_by
from services.accounts.domain.season_dates import season_of
from services.accounts.domain.tariff import tariff_of
from tests.accounts.policy_packs import pack

TIANJIN = {"price_residential": "25.00", "basic_share_pct": "30", "metered_price": "0.13/kWh"}
HARBIN = {"price_residential": "38.32", "basic_share_pct": "40", "metered_price": "42.55/GJ"}


def policy_of(**values: str) -> Policy:
    return pack("\n".join(f"{name}: {{value: {value}, document: A}}" for name, value in values.items()))


def settled(
    area_dm2: int, quantity: str, unit: str = "kWh", *, factor: str | None = None, **values: str
) -> tuple[Rated, dict[str, Any]]:
    """What the season costs, and the node of the settlement."""
    policy = policy_of(**values)
    tariff = tariff_of(policy, season_of(policy, 2025), Scope(price_class="residential"))
    heat = SeasonHeat(Decimal(quantity), unit, Decimal(factor) if factor else None)
    rated = rate_by(tariff, Home("residential", area_dm2, heat=heat))
    return rated, rated.derivation["line"]


@pytest.mark.parametrize(
    ("mode", "kwh", "charge_fen"),
    [
        ("BOTH", "8100", 1803_00),
        ("BOTH", "14000", 2570_00),
        ("REFUND_ONLY", "8100", 1803_00),
        ("REFUND_ONLY", "14000", 2500_00),
        ("COLLECT_ONLY", "8100", 2500_00),
        ("COLLECT_ONLY", "14000", 2570_00),
        ("NONE", "8100", 2500_00),
        ("NONE", "14000", 2500_00),
    ],
)
def test_a10_a11_a_season_is_settled_by_the_mode_of_the_policy(mode: str, kwh: str, charge_fen: int) -> None:
    found, _ = settled(10000, kwh, **TIANJIN, metered_settlement_mode=mode)
    assert found.amount_fen == charge_fen


def test_a12_harbin_charges_the_area_fee_at_most() -> None:
    found, line = settled(8000, "45.2", "GJ", **HARBIN, metered_settlement_mode="REFUND_ONLY")
    assert (line["basic_fen"], line["metered_fen"]) == (1226_24, 1923_26)
    assert found.amount_fen == 3065_60


def test_basic_fee_and_metered_fee_are_rounded_each() -> None:
    found, line = settled(
        8963, "1234.56", price_residential="26.00", basic_share_pct="33.3333", metered_price="0.135/kWh"
    )
    assert (line["basic_fen"], line["metered_fen"]) == (776_79, 166_67)
    assert found.amount_fen == 943_46


def test_a_meter_in_another_unit_than_the_price_is_converted_exactly() -> None:
    in_gj, _ = settled(10000, "29.16", "GJ", **TIANJIN)
    in_kwh, _ = settled(10000, "8100", "kWh", **TIANJIN)
    assert in_gj.amount_fen == in_kwh.amount_fen == 1803_00


def test_a_flat_is_corrected_only_where_the_policy_has_factors() -> None:
    found, _ = settled(10000, "8100", factor="0.9", **TIANJIN, flat_correction_factor_enabled="true")
    assert found.amount_fen == 750_00 + 947_70
    with pytest.raises(HeatInvalid, match="correction factor"):
        settled(10000, "8100", factor="0.9", **TIANJIN)


@pytest.mark.parametrize(
    ("quantity", "unit", "factor"),
    [("-1", "kWh", None), ("NaN", "kWh", None), ("1e9", "kWh", None), ("8100", "MWh", None), ("8100", "kWh", "0")],
)
def test_heat_that_cannot_be_is_refused(quantity: str, unit: str, factor: str | None) -> None:
    with pytest.raises(HeatInvalid):
        settled(10000, quantity, unit, factor=factor, **TIANJIN, flat_correction_factor_enabled="true")


@pytest.mark.parametrize(("prepay", "amount_fen"), [("FULL_AREA_FEE", 2500_00), ("BASIC_ONLY", 750_00)])
def test_a_metered_home_pays_in_advance_what_the_policy_says(prepay: str, amount_fen: int) -> None:
    policy = policy_of(**TIANJIN, metered_prepay=prepay)
    tariff = tariff_of(policy, season_of(policy, 2025), Scope(price_class="residential"))
    metered = rate_by(tariff, Home("residential", 10000, metered=True))
    assert metered.amount_fen == recomputed_fen(metered.derivation) == amount_fen
    assert rate_by(tariff, Home("residential", 10000)).amount_fen == 2500_00


def test_a_settlement_is_told_in_both_languages() -> None:
    derivation = settled(10000, "8100", **TIANJIN)[0].derivation
    assert "基本热费30%为750.00元，计量热费8100kWh×0.13元/kWh=1053.00元，合计1803.00元，多退少补，应收1803.00元" in (
        explain(derivation)
    )
    assert "settled both ways: 1803.00 yuan" in explain_in_english(derivation)


@given(
    area_dm2=st.integers(1, 50_000),
    kwh=st.decimals("0", "50000", places=2),
    mode=st.sampled_from(["NONE", "BOTH", "REFUND_ONLY", "COLLECT_ONLY"]),
)
def test_a_settlement_is_worked_out_again_and_keeps_its_bounds(area_dm2: int, kwh: Decimal, mode: str) -> None:
    found, line = settled(area_dm2, str(kwh), **TIANJIN, metered_settlement_mode=mode)
    area_fee, total = line["of"]["fen"], line["basic_fen"] + line["metered_fen"]
    assert recomputed_fen(found.derivation) == found.amount_fen
    assert min(area_fee, total) <= found.amount_fen <= max(area_fee, total)
