"""How money meets debts: which first, how much of each, and what becomes of the rest."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.payments.channels import channel
from services.payments.domain.allocation import AlreadyCollected, DebtOutstanding, PartialPaymentRefused
from services.payments.domain.debt import Debt
from services.payments.domain.owed import owed
from shared.messages.accounts import PaymentTerms
from tests.payments.debts import apply, debt, meet, open_fen, terms

IN_WINDOW, NO_WINDOW, LATE = date(2025, 9, 10), date(2025, 10, 20), date(2026, 1, 20)
LATE_FEE_FIRST = terms(allocation_within_season="LATE_FEE_FIRST")


def test_the_oldest_season_is_settled_first_whatever_the_order_of_the_list() -> None:
    new, old = debt(200000), debt(100000, season=2024, due_on=date(2025, 12, 31))
    _, after = meet([new, old], 150000, NO_WINDOW)
    assert open_fen(after) == [150000, 0]


def test_within_a_season_the_part_due_first_is_settled_first() -> None:
    halves = debt(parts=[(100000, date(2025, 12, 31)), (100000, date(2025, 10, 15))])
    decided, _ = meet([halves], 120000, date(2025, 10, 1))
    assert [(s.receivable_id, s.paid_fen) for s in decided.settlements] == [
        (halves.receivables[0].receivable_id, 100000), (halves.receivables[1].receivable_id, 20000),
    ]  # fmt: skip
    assert halves.receivables[0].due_on < halves.receivables[1].due_on


def test_principal_before_late_fee_stops_the_growth() -> None:
    decided, after = meet([debt(200000)], 100000, LATE)
    assert [(s.paid_fen, s.late_fee_fen) for s in decided.settlements] == [(100000, 0)]
    assert open_fen(after) == [100000]


def test_late_fee_before_principal_where_the_terms_say_so() -> None:
    decided, after = meet([debt(200000, of=LATE_FEE_FIRST)], 100000, LATE)
    assert sum(s.late_fee_fen for s in decided.settlements) == 4000
    assert open_fen(after) == [104000]


def test_money_that_does_not_even_pay_the_late_fee_leaves_the_principal_alone() -> None:
    decided, after = meet([debt(200000, of=LATE_FEE_FIRST)], 3000, LATE)
    assert [(s.paid_fen, s.late_fee_fen) for s in decided.settlements] == [(0, 3000)]
    assert owed(after, LATE).late_fee_fen == 1000


def test_what_no_debt_needs_is_credit() -> None:
    decided, _ = meet([debt(100000)], 120000, NO_WINDOW)
    assert decided.credit_fen == 20000


def test_money_without_any_debt_is_credit_whole() -> None:
    decided, _ = meet([], 5, NO_WINDOW)
    assert (decided.settlements, decided.credit_fen) == ([], 5)


def test_a_payers_money_settles_his_own_shares_alone() -> None:
    mine, theirs = debt(100000), debt(900000, payer="employer:rail")
    _, after = meet([mine, theirs], 250000, NO_WINDOW)
    assert open_fen(after) == [0, 900000]
    _, after = meet([mine, theirs], 250000, NO_WINDOW, payer="employer:rail")
    assert open_fen(after) == [100000, 650000]


def test_a_named_season_is_refused_while_an_older_one_is_open_and_says_which() -> None:
    debts = [debt(100, season=2023), debt(100, season=2024), debt(200000)]
    with pytest.raises(DebtOutstanding) as refused:
        meet(debts, 200000, NO_WINDOW, season=2025)
    assert refused.value.facts == {"season": "2025-2026", "open_seasons": ["2023-2024", "2024-2025"]}


def test_a_named_season_is_taken_when_the_older_one_is_kept_for_a_reason() -> None:
    _, after = meet([debt(100, season=2024), debt(200000)], 250000, NO_WINDOW, season=2025, keep_old_debt=True)
    assert open_fen(after) == [100, 0]


def test_keeping_old_debt_forfeits_the_discount() -> None:
    old, new = debt(100, season=2024), debt(233038)
    decided, after = meet([old, new], 229542, IN_WINDOW, season=2025, keep_old_debt=True)
    assert open_fen(after) == [100, 3496]
    assert sum(s.discount_fen for s in decided.settlements) == 0


def test_a_named_season_of_which_nothing_is_open_was_collected() -> None:
    with pytest.raises(AlreadyCollected) as refused:
        meet([debt(100, season=2024)], 100, NO_WINDOW, season=2025)
    assert refused.value.facts == {"season": "2025-2026"}


def test_where_parts_are_not_taken_a_part_of_the_oldest_season_is_refused() -> None:
    whole = terms(partial_payment_allowed=False)
    with pytest.raises(PartialPaymentRefused) as refused:
        meet([debt(200000, of=whole)], 199999, NO_WINDOW)
    assert refused.value.facts == {"season": "2025-2026", "needed": "2000.00", "value": "1999.99"}


def test_where_parts_are_not_taken_the_rest_of_a_payment_waits_as_credit() -> None:
    whole = terms(partial_payment_allowed=False)
    decided, after = meet(
        [debt(100000, season=2024, due_on=date(2025, 12, 31), of=whole), debt(200000, of=whole)], 250000, NO_WINDOW
    )
    assert open_fen(after) == [0, 200000]
    assert decided.credit_fen == 150000


def test_money_that_is_here_already_is_taken_in_parts_whatever_the_terms() -> None:
    _, after = meet([debt(200000, of=terms(partial_payment_allowed=False))], 50000, NO_WINDOW, take_any=True)
    assert open_fen(after) == [150000]


@pytest.mark.parametrize(
    ("payable_fen", "cash_fen", "rounding_fen"),
    [(229542, 229540, -2), (229545, 229550, 5), (229544, 229540, -4), (229550, 229550, 0), (4661, 4660, -1)],
)
def test_cash_of_the_rounded_amount_settles_everything(payable_fen: int, cash_fen: int, rounding_fen: int) -> None:
    decided, after = meet([debt(payable_fen)], cash_fen, NO_WINDOW, through="cash")
    assert (open_fen(after), decided.rounding_fen, decided.credit_fen) == ([0], rounding_fen, 0)


def test_cash_below_the_payable_amount_settles_the_last_part_by_a_rounding_line() -> None:
    halves = debt(parts=[(100000, date(2025, 11, 15)), (129542, date(2025, 12, 31))])
    decided, _ = meet([halves], 229540, NO_WINDOW, through="cash")
    assert [(s.paid_fen, s.rounding_fen) for s in decided.settlements] == [(100000, 0), (129540, 2)]


def test_cash_above_the_payable_amount_is_kept_by_the_till_and_settles_no_more() -> None:
    decided, _ = meet([debt(229545)], 229550, NO_WINDOW, through="cash")
    assert [(s.paid_fen, s.rounding_fen) for s in decided.settlements] == [(229545, 0)]


def test_other_cash_and_other_channels_are_taken_as_they_are() -> None:
    decided, after = meet([debt(229542)], 229530, NO_WINDOW, through="cash")
    assert (open_fen(after), decided.rounding_fen) == ([12], 0)
    decided, after = meet([debt(229542)], 229540, NO_WINDOW, through="pos")
    assert (open_fen(after), decided.rounding_fen) == ([2], 0)


def test_the_step_of_cash_is_the_terms() -> None:
    decided, after = meet([debt(229542, of=terms(cash_precision_fen=50))], 229550, NO_WINDOW, through="cash")
    assert (open_fen(after), decided.rounding_fen) == ([0], 8)


def test_other_money_has_a_step_of_its_own_and_what_a_bank_took_is_never_rounded() -> None:
    owing = debt(229542, of=terms(noncash_precision_fen=10))
    for through, paid_fen, rounding_fen, left_fen in (
        ("pos", 229540, -2, 0), ("wechat", 229540, -2, 0), ("transfer", 229542, 0, 0), ("pos", 229539, 0, 3),
        ("bank", 229540, 0, 2),
    ):  # fmt: skip
        decided, after = meet([owing], paid_fen, NO_WINDOW, through=through)
        assert (decided.rounding_fen, open_fen(after)) == (rounding_fen, [left_fen]), through


# Properties over many debts, days and orders.

DAYS = st.integers(0, 500).map(lambda number: date(2025, 8, 1) + timedelta(days=number))
THROUGH = st.sampled_from(["cash", "pos", "wechat", "bank"])


@st.composite
def some_terms(draw: st.DrawFn) -> PaymentTerms:
    return terms(
        allocation_within_season=draw(st.sampled_from(["PRINCIPAL_FIRST", "LATE_FEE_FIRST"])),
        late_fee_cap_pct_of_principal=draw(st.sampled_from([None, 30, 100])),
        discount_requires_full_payment=draw(st.booleans()),
        discount_requires_no_arrears=draw(st.booleans()),
        cash_precision_fen=draw(st.sampled_from([1, 10, 50, 100])),
        noncash_precision_fen=draw(st.sampled_from([1, 1, 10, 100])),
    )


@st.composite
def some_debts(draw: st.DrawFn) -> list[Debt]:
    of = draw(some_terms())
    debts = []
    for season in draw(st.lists(st.sampled_from([2023, 2024, 2025]), min_size=1, max_size=4)):
        amounts = draw(st.lists(st.integers(1, 400000), min_size=1, max_size=2))
        parts = [(fen, date(season, 10 + 2 * number, 15)) for number, fen in enumerate(amounts)]
        payer = draw(st.sampled_from(["self", "self", "self", "employer:rail"]))
        debts.append(debt(season=season, parts=parts, payer=payer, of=of))
    return debts


@given(some_debts(), st.lists(st.tuples(st.integers(1, 900000), THROUGH), min_size=1, max_size=4), DAYS)
@settings(max_examples=400, deadline=None)
def test_no_fen_is_lost_and_nothing_is_settled_beyond_what_is_owed(
    debts: list[Debt], payments: list[tuple[int, str]], first_on: date
) -> None:
    for number, (amount_fen, through) in enumerate(payments):
        on = first_on + timedelta(days=9 * number)
        before = owed(debts, on, channel=channel(through))
        decided, after = meet(debts, amount_fen, on, through=through)
        met = sum(s.paid_fen + s.late_fee_fen for s in decided.settlements)
        principal = sum(s.paid_fen + s.discount_fen + s.rounding_fen for s in decided.settlements)
        written_off = sum(s.rounding_fen for s in decided.settlements)
        kept = amount_fen - met - decided.credit_fen
        assert kept == decided.rounding_fen + written_off
        assert abs(kept) <= 50
        assert principal == sum(open_fen(debts)) - sum(open_fen(after))
        assert all(part.open_principal_fen >= 0 for part in after)
        assert met <= before.principal_fen + before.late_fee_fen
        assert decided.credit_fen == 0 or owed(after, on).total_fen == 0
        assert [a for a, b in zip(after, debts, strict=True) if b.payer != "self" and a != b] == []
        debts = after


@given(some_debts(), st.integers(1, 900000), DAYS)
@settings(max_examples=300, deadline=None)
def test_a_newer_season_gets_nothing_while_an_older_one_is_open(debts: list[Debt], amount_fen: int, on: date) -> None:
    _, after = meet(debts, amount_fen, on)
    touched = {each.season for each, was in zip(after, debts, strict=True) if each.settlements != was.settlements}
    left = {line.debt.season for line in owed(after, on).lines}
    assert all(season <= min(left, default=9999) for season in touched)


@given(some_debts(), st.integers(2, 900000), st.floats(0.01, 0.99), DAYS)
@settings(max_examples=300, deadline=None)
def test_two_payments_of_a_day_settle_what_one_of_their_sum_settles(
    debts: list[Debt], amount_fen: int, share: float, on: date
) -> None:
    """Without discounts, which ask for one payment, and without cash, which is rounded."""
    plain = [replace(each, terms=replace(each.terms, discount_windows=())) for each in debts]
    first_fen = min(amount_fen - 1, max(1, int(amount_fen * share)))
    _, at_once = meet(plain, amount_fen, on)
    _, halfway = meet(plain, first_fen, on)
    _, in_two = meet(halfway, amount_fen - first_fen, on)
    assert open_fen(at_once) == open_fen(in_two)
    assert owed(at_once, on).total_fen == owed(in_two, on).total_fen


@given(some_debts(), st.integers(1, 900000), THROUGH, DAYS)
@settings(max_examples=200, deadline=None)
def test_exactly_what_is_owed_settles_everything(debts: list[Debt], extra_fen: int, through: str, on: date) -> None:
    payable_fen = owed(debts, on, channel=channel(through)).total_fen
    if not payable_fen:
        return
    decided, after = meet(debts, payable_fen, on, through=through)
    assert owed(after, on + timedelta(days=400)).total_fen == 0
    assert decided.credit_fen == 0
    decided, _ = meet(debts, payable_fen + extra_fen, on, through="pos")
    assert apply(debts, decided, on)
