"""A payer bears its share of the charge up to a cap; the household bears the rest, and the parts are the whole."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain.relief import (
    AskedRelief,
    MechanismNotFollowed,
    ProofExpired,
    Relief,
    ReliefUnknown,
    divide,
    relief_of,
)
from services.accounts.policies import load_policy
from services.accounts.reliefs import RELIEF_KINDS
from shared.kernel.errors import InvalidInput
from shared.messages.accounts import SELF

VALUES = load_policy("default").for_season(2025)
DAY = date(2025, 9, 1)


def relief(share: str, cap: str | None, payer: str = "finance", mechanism: str = "SPLIT_BILL") -> Relief:
    return Relief("low_income", payer, Decimal(share), None if cap is None else Decimal(cap), mechanism)


@pytest.mark.parametrize(
    ("charge_fen", "area", "share", "cap", "payer_fen"),
    [
        (129600, "72.00", "85", "60", 91800),
        (120000, "48.00", "60", "50", 72000),
        (150000, "60.00", "60", "50", 75000),
        (286000, "110.00", "90", "95", 222300),
        (222000, "92.50", "100", "80", 192000),
        (69911, "89.63", "100", None, 69911),
    ],
)
def test_a_payer_bears_its_share_of_the_area_up_to_the_cap(
    charge_fen: int, area: str, share: str, cap: str | None, payer_fen: int
) -> None:
    parts = divide(charge_fen, area_m2=Fraction(area), reliefs=[relief(share, cap)])
    assert parts == {SELF: charge_fen - payer_fen, "finance": payer_fen}


def test_a_home_without_relief_bears_everything() -> None:
    assert divide(233038, area_m2=Fraction("89.63"), reliefs=[]) == {SELF: 233038}


def test_of_two_payers_none_takes_more_than_is_left() -> None:
    both = [relief("85", None), relief("90", None, "TEXTILE")]
    assert divide(100000, area_m2=Fraction(50), reliefs=both) == {SELF: 0, "finance": 85000, "TEXTILE": 15000}


def test_what_is_reimbursed_leaves_the_bill_whole() -> None:
    assert divide(100000, area_m2=Fraction(50), reliefs=[relief("100", "40", mechanism="REIMBURSE")]) == {SELF: 100000}


def test_a_kind_of_the_policy_needs_no_more_words() -> None:
    assert relief_of(AskedRelief("low_income"), RELIEF_KINDS["low_income"], VALUES, day=DAY) == relief("85", "60")
    employer = relief_of(AskedRelief("employer", payer="TEXTILE"), RELIEF_KINDS["employer"], VALUES, day=DAY)
    assert (employer.payer, employer.share_pct, employer.cap_m2) == ("TEXTILE", Decimal(90), Decimal(95))


def test_a_proof_counts_on_its_last_day_and_no_longer() -> None:
    assert (
        relief_of(AskedRelief("low_income", proof_until=DAY), RELIEF_KINDS["low_income"], VALUES, day=DAY).payer
        == "finance"
    )
    with pytest.raises(ProofExpired):
        relief_of(AskedRelief("low_income", proof_until=date(2025, 8, 31)), RELIEF_KINDS["low_income"], VALUES, day=DAY)


def test_a_kind_that_nobody_describes_is_refused() -> None:
    with pytest.raises(ReliefUnknown):
        relief_of(AskedRelief("veteran_benefit"), RELIEF_KINDS["veteran_benefit"], VALUES, day=DAY)
    with pytest.raises(ReliefUnknown):
        relief_of(AskedRelief("employer"), RELIEF_KINDS["employer"], VALUES, day=DAY)
    with pytest.raises(InvalidInput):
        relief_of(AskedRelief("low_income", payer=SELF), RELIEF_KINDS["low_income"], VALUES, day=DAY)
    with pytest.raises(MechanismNotFollowed):
        relief_of(
            AskedRelief("employer", "TEXTILE", mechanism="PRICE_CLASS"), RELIEF_KINDS["employer"], VALUES, day=DAY
        )


RELIEFS = st.lists(
    st.builds(
        Relief, st.just("low_income"), st.sampled_from(["finance", "TEXTILE", "STEEL"]), st.decimals(0, 100, places=2),
        st.none() | st.decimals("0.01", 200, places=2), st.just("SPLIT_BILL"),
    ), max_size=4,
)  # fmt: skip
AREAS = st.fractions(Fraction(1, 100), 2000, max_denominator=100)


@given(st.integers(0, 10**9), AREAS, RELIEFS)
def test_the_parts_add_up_to_the_charge_and_none_is_below_zero(
    charge_fen: int, area_m2: Fraction, reliefs: list[Relief]
) -> None:
    parts = divide(charge_fen, area_m2=area_m2, reliefs=reliefs)
    assert sum(parts.values()) == charge_fen
    assert min(parts.values()) >= 0


@given(st.integers(0, 10**9), AREAS, st.decimals("0.01", 200, places=2))
def test_a_higher_cap_never_costs_the_household_more(charge_fen: int, area_m2: Fraction, cap_m2: Decimal) -> None:
    lower, higher = relief("85", str(cap_m2)), relief("85", str(cap_m2 + 1))
    assert (
        divide(charge_fen, area_m2=area_m2, reliefs=[higher])[SELF]
        <= divide(charge_fen, area_m2=area_m2, reliefs=[lower])[SELF]
    )
