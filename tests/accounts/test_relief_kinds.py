"""Kinds of relief are declarations; what the policy says of a kind is followed, and so is what the clerk says."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.relief import (
    ApplicationWindowClosed,
    AskedRelief,
    MechanismNotFollowed,
    OwnerDiffers,
    ProofMissing,
    Relief,
    ReliefUnknown,
    divide,
    relief_of,
)
from services.accounts.domain.relief_kind import PRICE_CLASS, REIMBURSE, SPLIT_BILL
from services.accounts.domain.season_dates import HeatingSeason, season_of
from services.accounts.policies import load_policy
from services.accounts.reliefs import RELIEF_KINDS, relief_kind
from shared.messages.accounts import SELF

DAY = date(2025, 9, 1)
SEASON: HeatingSeason = season_of(load_policy("default"), 2025)


def values_with(**changes: str) -> PolicyInForce:
    return load_policy("default").with_changes(changes).for_season(2025)


def decided(asked: AskedRelief, values: PolicyInForce | None = None, *, day: date = DAY, owner: str = "") -> Relief:
    return relief_of(asked, relief_kind(asked.kind), values or values_with(), day=day, owner=owner)


@pytest.mark.parametrize("code", RELIEF_KINDS)
def test_every_kind_says_what_it_is_what_has_to_be_shown_and_how_it_may_be_granted(code: str) -> None:
    kind = RELIEF_KINDS[code]
    assert kind.code == code
    assert kind.title
    assert kind.title_en
    assert kind.proof
    assert set(kind.mechanisms) <= {SPLIT_BILL, REIMBURSE, PRICE_CLASS}


@pytest.mark.parametrize("city", ["default", "taiyuan", "beijing", "tianjin", "shenyang"])
def test_every_scheme_of_a_pack_is_of_a_kind_that_is_declared_and_by_a_mechanism_that_it_has(city: str) -> None:
    for scheme in load_policy(city).for_season(2025).relief_schemes:
        assert scheme.mechanism in RELIEF_KINDS[scheme.kind].mechanisms


def test_a_word_that_is_no_kind_is_refused_even_with_figures() -> None:
    with pytest.raises(ReliefUnknown):
        decided(AskedRelief("lottery", "finance", Decimal(50)))


def test_a_kind_is_granted_by_its_own_mechanisms_only() -> None:
    with pytest.raises(MechanismNotFollowed):
        decided(AskedRelief("special_price", "finance", Decimal(50), mechanism=SPLIT_BILL))


TAIYUAN = load_policy("taiyuan").for_season(2025)


@pytest.mark.parametrize(("day", "taken"), [
    (date(2025, 8, 31), False), (date(2025, 9, 1), True), (date(2025, 11, 30), True), (date(2025, 12, 1), False),
])  # fmt: skip
def test_applications_are_taken_on_the_days_of_the_policy(day: date, taken: bool) -> None:
    if taken:
        assert decided(AskedRelief("low_income"), TAIYUAN, day=day).share_pct == 85
    else:
        with pytest.raises(ApplicationWindowClosed):
            decided(AskedRelief("low_income"), TAIYUAN, day=day)
        assert decided(AskedRelief("low_income", late_because="fell ill"), TAIYUAN, day=day).share_pct == 85


def test_days_of_application_may_pass_the_turn_of_the_year() -> None:
    rows = "[{kind: low_income, pct: 85, apply_from: 11-01, apply_until: 02-01}]"
    values = values_with(relief_schemes=rows)
    assert decided(AskedRelief("low_income"), values, day=date(2026, 1, 15)).share_pct == 85
    with pytest.raises(ApplicationWindowClosed):
        decided(AskedRelief("low_income"), values, day=date(2026, 2, 2))


def test_a_proof_that_the_policy_names_has_to_be_there() -> None:
    values = values_with(relief_schemes="[{kind: low_income, pct: 85, proof: 低保证}]")
    with pytest.raises(ProofMissing):
        decided(AskedRelief("low_income"), values)
    assert decided(AskedRelief("low_income", proof_until=DAY), values).payer == "finance"


def test_the_proof_is_the_owners_or_that_of_a_relative_who_is_named() -> None:
    asked = AskedRelief("low_income", holder="李 四")
    assert decided(asked, owner="李四").payer == "finance"
    with pytest.raises(OwnerDiffers):
        decided(asked, owner="王五")
    assert decided(AskedRelief("low_income", holder="李四", relative="spouse"), owner="王五").payer == "finance"


def test_a_policy_may_take_anybodys_proof() -> None:
    values = values_with(relief_requires_owner_match="false")
    assert decided(AskedRelief("low_income", holder="李四"), values, owner="王五").payer == "finance"


def test_an_employers_letter_names_the_employee_and_not_the_owner() -> None:
    assert decided(AskedRelief("employer", "TEXTILE", holder="李四"), owner="王五").payer == "TEXTILE"


def differential() -> Relief:
    return decided(AskedRelief("differential_subsidy"), load_policy("shenyang").for_season(2025))


def test_the_city_pays_a_sum_for_each_square_metre_beside_the_households_price() -> None:
    parts = divide(233038, area_m2=Fraction("89.63"), season_fee_fen=Fraction(233038), reliefs=[differential()])
    assert parts == {SELF: 208838, "finance": 24200}, "89.63 × 2.70 = 242.00, and 89.63 × 23.30 = 2,088.38"


def test_of_a_suspended_home_the_sum_is_as_much_smaller_as_the_fee() -> None:
    parts = divide(69911, area_m2=Fraction("89.63"), season_fee_fen=Fraction(233038), reliefs=[differential()])
    assert parts == {SELF: 62651, "finance": 7260}


def test_without_the_parameter_there_is_no_differential_subsidy() -> None:
    with pytest.raises(ReliefUnknown):
        decided(AskedRelief("differential_subsidy"))


def test_a_share_for_some_of_the_seasons_days_is_that_part_of_it() -> None:
    whole = decided(AskedRelief("employer", "TEXTILE", Decimal(100)))
    until = decided(AskedRelief("employer", "TEXTILE", Decimal(100), until_on=date(2026, 1, 1)))
    after = decided(AskedRelief("employer", "STEEL", Decimal(100), from_on=date(2026, 1, 1)))
    of = {"area_m2": Fraction(50), "season": SEASON}
    assert divide(151_00, reliefs=[whole], **of) == {SELF: 0, "TEXTILE": 151_00}
    assert divide(151_00, reliefs=[until, after], **of) == {SELF: 0, "TEXTILE": 61_00, "STEEL": 90_00}


@pytest.mark.parametrize(("until", "part"), [
    (date(2025, 9, 1), 0), (date(2025, 11, 1), 0), (date(2025, 11, 2), 1), (date(2026, 3, 31), 150), (date(2026, 4, 1), 151),
    (date(2027, 1, 1), 151),
])  # fmt: skip
def test_a_relief_holds_until_the_day_before_its_end(until: date, part: int) -> None:
    relief = Relief("employer", "TEXTILE", Decimal(90), None, until_on=until)
    assert relief.part_of(SEASON) * 151 == part


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"price": Decimal("15.00")}, (Decimal("15.00"), None)),
        ({"price_class": "school"}, (None, "school")),
        ({"share_pct": Decimal(40)}, (None, None)),
    ],
)
def test_a_price_of_its_own_is_a_sum_another_class_or_a_part(asked: dict[str, Any], told: tuple[Any, ...]) -> None:
    relief = decided(AskedRelief("special_price", **asked))
    assert (relief.mechanism, relief.price, relief.price_class) == (PRICE_CLASS, *told)


def test_a_scheme_of_the_policy_may_be_a_price() -> None:
    values = values_with(relief_schemes="[{kind: low_income, pct: 0, mechanism: PRICE_CLASS, price: 15}]")
    assert decided(AskedRelief("low_income"), values).price == 15
