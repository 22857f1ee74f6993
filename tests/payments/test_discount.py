"""The early-payment discount: for whom, in which window, through which channel, on how much."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.payments.channels import CHANNELS, channel
from services.payments.domain.discount import discount_offered_fen
from services.payments.domain.owed import owed
from shared.messages.accounts import DiscountWindow
from tests.payments.debts import debt, meet, settled, terms

SEPTEMBER = (date(2025, 9, 1), date(2025, 9, 30))
IN_WINDOW = date(2025, 9, 10)


def offered(
    *args: Any, through: str | None = "pos", on: date = IN_WINDOW, others: tuple[Any, ...] = (), **words: Any
) -> int:
    each = args[0] if args else debt(**words)
    return discount_offered_fen(each, on, others=others, channel=channel(through) if through else None)


@pytest.mark.parametrize(
    ("day", "discount_fen"),
    [
        (date(2025, 7, 25), 0), (date(2025, 7, 26), 3496), (date(2025, 9, 15), 3496),
        (date(2025, 9, 16), 2330), (date(2025, 9, 30), 2330), (date(2025, 10, 1), 0),
    ],
)  # fmt: skip
def test_the_first_and_the_last_day_of_a_window_belong_to_it(day: date, discount_fen: int) -> None:
    assert offered(on=day) == discount_fen


def test_it_is_a_percentage_of_what_is_open_rounded_half_up() -> None:
    assert offered(amount_fen=37800) == 567
    assert offered(amount_fen=100) == 2  # 1.50
    assert offered(amount_fen=30) == 0  # 0.45


def test_of_two_open_windows_the_better_one_holds() -> None:
    both = terms(discount_windows=(DiscountWindow(*SEPTEMBER, Decimal(1)), DiscountWindow(*SEPTEMBER, Decimal("2.5"))))
    assert offered(amount_fen=100000, of=both) == 2500


def test_an_older_season_in_arrears_forfeits_it() -> None:
    old = debt(100, season=2024)
    assert offered(others=(old,)) == 0
    assert offered(others=(old,), of=terms(discount_requires_no_arrears=False)) == 3496


def test_a_late_fee_alone_is_arrears_too() -> None:
    old = settled(debt(100000, season=2024), 100000, date(2025, 2, 1))
    assert old.open_principal_fen == 0
    assert offered(others=(old,)) == 0


def test_a_settled_older_season_and_a_newer_one_are_no_arrears() -> None:
    old, new = settled(debt(100, season=2024), 100, date(2024, 9, 1)), debt(100, season=2026)
    assert offered(others=(old, new)) == 3496


def test_arrears_of_another_payer_are_not_the_households() -> None:
    assert offered(others=(debt(100, season=2024, payer="employer:rail"),)) == 3496


def test_whoever_paid_a_part_before_gets_none_where_the_whole_fee_is_asked_for() -> None:
    part_paid = settled(debt(), 200000, date(2025, 9, 1))
    assert offered(part_paid) == 0


def test_credit_that_met_the_bill_when_it_was_issued_is_no_earlier_payment() -> None:
    met = settled(debt(100000), 20000, date(2025, 7, 2), by_credit=True)
    assert offered(met) == 1200


def test_a_suspended_home_gets_none_unless_the_terms_say_so() -> None:
    assert offered(suspended=True) == 0
    assert offered(suspended=True, of=terms(discount_excludes_suspended=False)) == 3496


def test_it_may_be_for_one_class_only() -> None:
    homes = terms(discount_classes=("RESIDENTIAL",))
    assert offered(of=homes) == 3496
    assert offered(of=homes, price_class="commercial") == 0


@pytest.mark.parametrize("code", sorted(CHANNELS))
def test_online_only_means_the_channels_that_are_declared_online(code: str) -> None:
    online = terms(discount_channels=("ONLINE",))
    assert offered(of=online, through=code) == (3496 if CHANNELS[code].is_online else 0)


def test_a_window_may_name_its_channel_and_its_class() -> None:
    window = DiscountWindow(*SEPTEMBER, Decimal(2), channels=("wechat",), classes=("residential",))
    named = terms(discount_windows=(window,))
    assert offered(amount_fen=100000, of=named, through="wechat") == 2000
    assert offered(amount_fen=100000, of=named, through="alipay") == 0
    assert offered(amount_fen=100000, of=named, through="wechat", price_class="commercial") == 0


def test_asked_without_a_channel_it_is_the_best_that_any_would_get() -> None:
    assert offered(of=terms(discount_channels=("ONLINE",)), through=None) == 3496


def test_the_shares_of_other_payers_have_none() -> None:
    assert offered(payer="finance:taiyuan") == 0


# Where part payments earn it too.

PARTIAL = {"discount_requires_full_payment": False, "discount_windows": (DiscountWindow(*SEPTEMBER, Decimal(10)),)}


def test_a_part_payment_earns_the_discount_on_what_it_settles() -> None:
    decided, after = meet([debt(100000, of=terms(**PARTIAL))], 45000, IN_WINDOW)
    assert [(s.paid_fen, s.discount_fen) for s in decided.settlements] == [(45000, 5000)]
    assert after[0].open_principal_fen == 50000


def test_a_part_that_is_settled_whole_keeps_its_discount() -> None:
    halves = debt(parts=[(10000, date(2025, 10, 15)), (100000, date(2025, 12, 31))], of=terms(**PARTIAL))
    decided, _ = meet([halves], 54000, IN_WINDOW)
    assert [(s.paid_fen, s.discount_fen) for s in decided.settlements] == [(9000, 1000), (45000, 5000)]


def test_what_roundings_of_many_small_parts_leave_over_is_credit() -> None:
    quarters = debt(parts=[(5, date(2025, 12, 1 + number)) for number in range(4)], of=terms(**PARTIAL))
    decided, after = meet([quarters], 17, IN_WINDOW)
    assert [(s.paid_fen, s.discount_fen) for s in decided.settlements] == [(4, 1)] * 4
    assert (after[0].open_principal_fen, decided.credit_fen) == (0, 1)


@given(
    amounts=st.lists(st.integers(1, 300000), min_size=1, max_size=3),
    pct=st.sampled_from(["0.5", "1.5", "2.5", "10", "33.3"]),
    share=st.integers(1, 100),
)
@settings(max_examples=300, deadline=None)
def test_a_part_payment_is_never_worse_off_than_its_percentage_and_never_overpaid(
    amounts: list[int], pct: str, share: int
) -> None:
    of = terms(discount_requires_full_payment=False, discount_windows=(DiscountWindow(*SEPTEMBER, Decimal(pct)),))
    parts = [(fen, date(2025, 12, 1 + number)) for number, fen in enumerate(amounts)]
    whole = debt(parts=parts, of=of)
    payable_fen = owed([whole], IN_WINDOW, channel=channel("pos")).total_fen
    paid_fen = max(1, payable_fen * share // 100)
    decided, after = meet([whole], paid_fen, IN_WINDOW)
    paid = sum(s.paid_fen for s in decided.settlements)
    given_fen = sum(s.discount_fen for s in decided.settlements)
    assert paid + decided.credit_fen == paid_fen
    assert after[0].open_principal_fen == sum(amounts) - paid - given_fen >= 0
    exact = (paid + given_fen) * Decimal(pct) / 100
    assert abs(given_fen - exact) <= Decimal("0.5") * len(amounts)
    assert decided.credit_fen == 0 or after[0].open_principal_fen == 0
