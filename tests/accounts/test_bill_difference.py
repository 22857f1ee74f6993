"""Why a bill is not the one of last season: causes that add up to the fen."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain.bill_difference import causes_of, tell_difference
from services.accounts.domain.explanation import Told
from services.accounts.domain.policy_scope import Scope
from services.accounts.domain.price_class import PRICE_CLASSES
from services.accounts.domain.rating import Home, Rated, rate_by
from services.accounts.domain.season_dates import season_of
from services.accounts.domain.tariff import tariff_of
from services.accounts.policies import load_policy

LAST = Told("上一采暖期", "last season")
DEFAULT = load_policy("default")


def rated(home: Home, season: int = 2025, **changes: str) -> Rated:
    policy = DEFAULT.with_changes(changes)
    return rate_by(tariff_of(policy, season_of(policy, season), Scope(price_class=home.price_class)), home)


def told(before: Rated, now: Rated) -> tuple[list[tuple[str, int]], str, str]:
    causes = causes_of(before.derivation, now.derivation)
    sentence = tell_difference(before.amount_fen, now.amount_fen, causes, than=LAST)
    return [(cause.code, cause.fen) for cause in causes], sentence.zh, sentence.en


def test_the_same_is_the_same() -> None:
    found, zh, en = told(rated(Home("residential", 8963)), rated(Home("residential", 8963), 2026))
    assert (found, zh, en) == ([], "与上一采暖期相同。", "The same as last season.")


def test_price_and_area_each_have_their_part() -> None:
    before, now = rated(Home("residential", 8963)), rated(Home("residential", 9210), price_residential="28.00")
    found, zh, en = told(before, now)
    assert found == [("price", 179_26), ("area", 69_16)]
    assert zh == (
        "比上一采暖期多248.42元：单价由26.00元/平方米改为28.00元/平方米，多179.26元；"
        "面积由建筑面积89.63平方米改为建筑面积92.10平方米，多69.16元。"
    )
    assert en.startswith("248.42 yuan more than last season: the price changed from 26.00 yuan/m² to 28.00 yuan/m²")


def test_a_suspension_that_ended_is_named() -> None:
    found, zh, _ = told(rated(Home("residential", 8963, suspended=True)), rated(Home("residential", 8963)))
    assert found == [("share", 1631_27)]
    assert "此前本季报停，按30%计，应收699.11元（四舍五入到分），现在按全季计，多1631.27元" in zh


def test_another_use_is_named_with_its_price_and_its_height() -> None:
    found, zh, _ = told(rated(Home("residential", 10000, storey_height_mm=4300)),
                        rated(Home("nonresidential", 10000, storey_height_mm=4300)))  # fmt: skip
    assert found == [("price", 600_00), ("height", 960_00)]
    assert "用热性质由居民改为非居民，单价由26.00元/平方米改为32.00元/平方米，多600.00元" in zh
    assert "层高系数由1改为13/10，多960.00元" in zh


homes = st.builds(
    Home,
    price_class=st.sampled_from(sorted(PRICE_CLASSES)),
    building_area_dm2=st.integers(1, 50_000),
    usable_area_dm2=st.none() | st.integers(1, 40_000),
    storey_height_mm=st.none() | st.integers(2000, 9000),
    connected_on=st.none() | st.dates(date(2025, 10, 1), date(2026, 4, 1)),
    suspended=st.booleans(),
)
changes = st.fixed_dictionaries({
    "price_residential": st.sampled_from(["26.00", "28.35"]),
    "area_basis": st.sampled_from(["BUILDING", "USABLE"]),
    "suspend_fee_pct": st.sampled_from(["20", "30"]),
    "height_rule_kind": st.sampled_from(["STEP", "RATIO", "MULTIPLIER"]),
})  # fmt: skip


@given(before=homes, now=homes, old=changes, new=changes)
def test_the_causes_always_add_up_to_the_difference(
    before: Home, now: Home, old: dict[str, str], new: dict[str, str]
) -> None:
    was, is_now = rated(before, **old), rated(now, **new)
    found, zh, en = told(was, is_now)
    assert sum(fen for _, fen in found) == is_now.amount_fen - was.amount_fen
    assert all(fen for _, fen in found)
    assert zh.endswith("。")
    assert en.endswith(".")
