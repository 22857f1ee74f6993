"""Credit: money that met no debt, kept for its payer, used by the next bill at the price of the day it came."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.payments.channels import channel
from services.payments.domain.credit import Credit, use_credit
from services.payments.domain.debt import Debt
from tests.payments.debts import debt, terms
from tests.payments.till import IN_WINDOW, NO_WINDOW, Till

WINDOW, SECOND_WINDOW = date(2025, 9, 10), date(2025, 9, 20)


def credit(amount_fen: int, on: date = NO_WINDOW, *, number: int = 1, through: str = "pos") -> Credit:
    return Credit(number, number, amount_fen, on, channel(through))


def used(debts: list[Debt], *credits: Credit, others: tuple[Debt, ...] = ()) -> list[tuple[int, int, int]]:
    """By use: the payment, what it paid, the discount beside it."""
    uses = use_credit(debts, credits, others=others)
    return [
        (use.payment_id, sum(s.paid_fen for s in use.settlements), sum(s.discount_fen for s in use.settlements))
        for use in uses
    ]


def test_the_oldest_money_is_used_first() -> None:
    first, second = credit(100, date(2025, 10, 1), number=2), credit(100, date(2025, 10, 2), number=1)
    assert used([debt(150)], second, first) == [(2, 100, 0), (1, 50, 0)]


def test_money_that_came_in_the_window_earns_the_discount_of_its_day() -> None:
    assert used([debt(233038)], credit(300000, WINDOW)) == [(1, 229542, 3496)]
    assert used([debt(233038)], credit(300000, SECOND_WINDOW)) == [(1, 230708, 2330)]


def test_the_day_of_the_last_money_that_is_needed_decides() -> None:
    early, late = credit(200000, WINDOW, number=1), credit(100000, SECOND_WINDOW, number=2)
    assert used([debt(233038)], early, late) == [(1, 200000, 0), (2, 30708, 2330)]


def test_money_that_does_not_suffice_settles_at_its_face_value() -> None:
    assert used([debt(233038)], credit(200000, WINDOW)) == [(1, 200000, 0)]


def test_money_that_suffices_only_with_the_discount_suffices() -> None:
    assert used([debt(233038)], credit(229542, WINDOW)) == [(1, 229542, 3496)]
    assert used([debt(233038)], credit(229541, WINDOW)) == [(1, 229541, 0)]


def test_arrears_from_before_forfeit_the_discount() -> None:
    assert used([debt(233038)], credit(300000, WINDOW), others=(debt(1, season=2024),)) == [(1, 233038, 0)]


def test_a_discount_for_online_money_is_for_credit_that_came_online() -> None:
    online = terms(discount_channels=("ONLINE",))
    assert used([debt(233038, of=online)], credit(300000, WINDOW, through="wechat")) == [(1, 229542, 3496)]
    assert used([debt(233038, of=online)], credit(300000, WINDOW, through="cash")) == [(1, 233038, 0)]


def test_instalments_are_met_in_the_order_in_which_they_fall_due() -> None:
    halves = debt(parts=[(100000, date(2025, 12, 31)), (100000, date(2025, 10, 15))])
    [use] = use_credit([halves], [credit(120000)], others=())
    assert [(s.receivable_id, s.paid_fen) for s in use.settlements] == [
        (halves.receivables[0].receivable_id, 100000), (halves.receivables[1].receivable_id, 20000),
    ]  # fmt: skip


@given(
    bills=st.lists(st.tuples(st.sampled_from([2024, 2025, 2026]), st.integers(1, 300000)), min_size=1, max_size=3),
    money=st.lists(st.tuples(st.integers(1, 400000), st.integers(0, 90)), min_size=1, max_size=4),
)
@settings(max_examples=300, deadline=None)
def test_credit_is_never_used_beyond_what_it_is_nor_for_more_than_is_billed(
    bills: list[tuple[int, int]], money: list[tuple[int, int]]
) -> None:
    debts = [debt(fen, season=season) for season, fen in bills]
    credits = [credit(fen, date(2025, 7, 20) + timedelta(days=days), number=n) for n, (fen, days) in enumerate(money)]
    uses = use_credit(debts, credits, others=())
    by_credit: dict[int, int] = {}
    by_part: dict[int, int] = {}
    for use in uses:
        for s in use.settlements:
            by_credit[use.payment_id] = by_credit.get(use.payment_id, 0) + s.paid_fen
            by_part[s.receivable_id] = by_part.get(s.receivable_id, 0) + s.paid_fen + s.discount_fen
    assert all(fen <= credits[number].amount_fen for number, fen in by_credit.items())
    amounts = {part.receivable_id: part.amount_fen for each in debts for part in each.receivables}
    assert all(fen <= amounts[part] for part, fen in by_part.items())
    left = sum(each.amount_fen for each in credits) - sum(by_credit.values())
    assert left == 0 or by_part == amounts


# In the books.


def test_what_meets_no_debt_is_credit_of_its_payer(till: Till) -> None:
    home = till.home()
    taken = till.pay(home, "3000.00")
    assert (taken["credit"], till.credit(home), taken["settled"]) == ("3000.00", "3000.00", [])


def test_a_bill_that_credit_settled_with_its_discount_owes_nothing_more(till: Till) -> None:
    home = till.home()
    till.on_day(IN_WINDOW)
    till.pay(home, "2295.42", "wechat")
    till.on_day(NO_WINDOW)
    till.bill(home, posted_on=NO_WINDOW)
    assert till.has(home) == ("0.00", "0.00")


def test_prepayments_of_an_old_system_are_credit_as_of_their_day_and_once(till: Till) -> None:
    home = till.home()
    till.take_over(home, "2295.42", IN_WINDOW)
    assert till.credit(home) == "2295.42"
    till.bill(home, posted_on=NO_WINDOW)
    assert till.has(home) == ("0.00", "0.00")
    received = [line["received"] for line in till.statement(home)["lines"]]
    assert received == ["2295.42", "0.00"]
