"""The terms of a bill, and what of it falls due when."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain.payment_terms import due_parts, payment_terms
from services.accounts.domain.policy import Policy
from services.accounts.domain.season_dates import season_of
from services.accounts.policies import load_policy
from shared.chassis.codec import encode
from shared.messages.accounts import DiscountWindow, PaymentTerms

DEFAULT = load_policy("default")
HALVES = DEFAULT.with_changes({"instalment_plan": "[{pct: 50, due: 10-15}, {pct: 50, due: 12-31}]"})
JULY = date(2025, 7, 2)


def parts(policy: Policy, amount_fen: int, posted_on: date = JULY, **payer: str) -> list[tuple[int, str]]:
    found = due_parts(policy, season_of(policy, 2025), amount_fen=amount_fen, posted_on=posted_on, **payer)
    return [(part_fen, due_on.isoformat()) for part_fen, due_on in found]


def terms(**changes: str) -> PaymentTerms:
    policy = DEFAULT.with_changes(changes)
    return payment_terms(policy, season_of(policy, 2025))


def test_the_terms_of_the_reference_policy_are_the_defaults_of_the_message() -> None:
    windows = (
        DiscountWindow(date(2025, 7, 26), date(2025, 9, 15), Decimal("1.5")),
        DiscountWindow(date(2025, 9, 16), date(2025, 9, 30), Decimal("1.0")),
    )
    assert terms() == PaymentTerms(
        policy=DEFAULT.reference, discount_windows=windows, discount_classes=("residential",)
    )


def test_the_terms_name_the_version_of_the_policy() -> None:
    assert DEFAULT.version in terms().policy
    assert DEFAULT.version not in terms(due_date="10-31").policy


def test_changed_parameters_travel_with_the_bill() -> None:
    changed = terms(
        late_fee_base="WHOLE_FEE",
        late_fee_daily_rate="0.5",
        late_fee_grace_days="3",
        late_fee_count_pay_day="false",
        late_fee_rounding="TRUNC",
        late_fee_cap_pct_of_principal="none",
        allocation_within_season="LATE_FEE_FIRST",
        discount_channels="ONLINE",
        cash_precision="0.5",
        discount_windows="[{from: 12-15, to: 01-05, pct: 2.5, channels: [wechat], classes: [GARAGE]}]",
    )
    assert changed.late_fee_base == "WHOLE_FEE"
    assert changed.late_fee_daily_rate == Decimal("0.5")
    assert changed.late_fee_grace_days == 3
    assert changed.late_fee_count_pay_day is False
    assert changed.late_fee_rounding == "TRUNC"
    assert changed.late_fee_cap_pct_of_principal is None
    assert changed.allocation_within_season == "LATE_FEE_FIRST"
    assert changed.discount_channels == ("ONLINE",)
    assert changed.cash_precision_fen == 50
    assert changed.discount_windows == (
        DiscountWindow(date(2025, 12, 15), date(2026, 1, 5), Decimal("2.5"), ("wechat",), ("garage",)),
    )


def test_a_bill_falls_due_on_the_due_date_of_the_season() -> None:
    assert parts(DEFAULT, 233038) == [(233038, "2025-12-31")]
    assert parts(DEFAULT, 233038, date(2025, 12, 31)) == [(233038, "2025-12-31")]


def test_what_is_posted_after_the_due_date_falls_due_on_the_day_of_posting() -> None:
    assert parts(DEFAULT, 125007, date(2026, 1, 10)) == [(125007, "2026-01-10")]


def test_a_due_date_in_spring_is_in_the_second_year() -> None:
    assert parts(DEFAULT.with_changes({"due_date": "04-15"}), 100) == [(100, "2026-04-15")]


def test_each_instalment_is_rounded_and_the_last_is_the_rest() -> None:
    assert parts(HALVES, 233038) == [(116519, "2025-10-15"), (116519, "2025-12-31")]
    assert parts(HALVES, 233039) == [(116520, "2025-10-15"), (116519, "2025-12-31")]


def test_only_the_households_share_is_split() -> None:
    assert parts(HALVES, 91800, payer="finance") == [(91800, "2025-12-31")]


def test_a_plan_of_one_instalment_has_its_own_due_date() -> None:
    assert parts(DEFAULT.with_changes({"instalment_plan": "[{pct: 100, due: 11-10}]"}), 100) == [(100, "2025-11-10")]


@pytest.mark.parametrize(
    ("posted", "expected"),
    [
        ("2025-10-15", [(116519, "2025-10-15"), (116519, "2025-12-31")]),
        ("2025-11-10", [(116519, "2025-11-10"), (116519, "2025-12-31")]),
        ("2025-12-31", [(233038, "2025-12-31")]),
        ("2026-01-10", [(233038, "2026-01-10")]),
    ],
)
def test_instalments_whose_day_has_passed_fall_due_on_the_day_of_posting(
    posted: str, expected: list[tuple[int, str]]
) -> None:
    assert parts(HALVES, 233038, date.fromisoformat(posted)) == expected


def test_a_part_of_nothing_is_left_out() -> None:
    assert parts(HALVES, 1) == [(1, "2025-10-15")]
    assert parts(HALVES, 0) == [(0, "2025-12-31")]


@given(
    amount_fen=st.integers(0, 10_000_000_00),
    cuts=st.lists(st.integers(1, 99), min_size=0, max_size=5, unique=True),
    posted_on=st.dates(date(2025, 7, 1), date(2026, 6, 30)),
)
def test_the_parts_add_up_in_the_order_of_their_days(amount_fen: int, cuts: list[int], posted_on: date) -> None:
    edges = [0, *sorted(cuts), 100]
    rows = [
        f"{{pct: {high - low}, due: {9 + at % 4:02d}-{10 + at // 4:02d}}}"
        for at, (low, high) in enumerate(pairwise(edges))
    ]
    rows.sort(key=lambda row: row[-6:])
    policy = DEFAULT.with_changes({"instalment_plan": f"[{', '.join(rows)}]"})
    found = due_parts(policy, season_of(policy, 2025), amount_fen=amount_fen, posted_on=posted_on)
    assert sum(part_fen for part_fen, _ in found) == amount_fen
    assert [day for _, day in found] == sorted({day for _, day in found})
    assert all(part_fen > 0 for part_fen, _ in found) or amount_fen == 0
    assert all(day >= posted_on for _, day in found)


def test_terms_have_one_written_form_however_their_numbers_were_typed() -> None:
    typed = [DEFAULT.with_changes({"late_fee_daily_rate": rate}) for rate in ("1", "1.0", "1.00")]
    written = {encode(payment_terms(policy, season_of(policy, 2025))).replace(policy.reference, "") for policy in typed}
    assert len(written) == 1
