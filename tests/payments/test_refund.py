"""How a payer's credit is divided over the payments that brought it: laws that hold for any credits and payments."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.domain.refund import (
    DUPLICATE,
    ORDER,
    PREPAYMENT,
    REFUND,
    REGULATION,
    Brought,
    ExceedsRefundable,
    HeldCredit,
    NothingToRefund,
    RefundRules,
    may_go_back,
    portions,
)
from shared.kernel.lifecycle import TransitionRefused

DAY = date(2025, 10, 20)
PAYMENTS = st.lists(
    st.tuples(st.sampled_from(["cash", "wechat", "bank"]), st.dates(date(2025, 7, 1), DAY), st.integers(0, 5000)),
    min_size=1,
    max_size=6,
).map(lambda rows: [Brought(number, *row) for number, row in enumerate(rows, start=1)])


@st.composite
def held(draw: st.DrawFn) -> tuple[list[HeldCredit], list[Brought]]:
    payments = draw(PAYMENTS)
    ids = st.sampled_from([payment.payment_id for payment in payments])
    credits = [
        HeldCredit(number, draw(ids), draw(ids), draw(st.integers(1, 4000)), draw(st.dates(date(2025, 7, 1), DAY)), REGULATION,
                   draw(st.sampled_from([0, 0, 100])))
        for number in range(1, draw(st.integers(1, 5)) + 1)
    ]  # fmt: skip
    return credits, payments


@given(held(), st.one_of(st.none(), st.integers(1, 20_000)))
def test_never_more_of_a_credit_than_is_free_nor_through_a_payment_than_it_brought(
    both: tuple[list[HeldCredit], list[Brought]], amount_fen: int | None
) -> None:
    credits, payments = both
    free = {credit.credit_id: max(credit.left_fen - credit.waits_fen, 0) for credit in credits}
    own = {payment.payment_id for payment in payments}
    if not sum(free.values()):
        with pytest.raises(NothingToRefund):
            portions(credits, payments, amount_fen=amount_fen, route="ORIGINAL_CHANNEL", own=own)
        return
    if amount_fen is not None and amount_fen > sum(free.values()):
        with pytest.raises(ExceedsRefundable):
            portions(credits, payments, amount_fen=amount_fen, route="ORIGINAL_CHANNEL", own=own)
        return
    found, stuck_fen = portions(credits, payments, amount_fen=amount_fen, route="ORIGINAL_CHANNEL", own=own)
    wanted = sum(free.values()) if amount_fen is None else amount_fen
    of_credit, through = Counter[int](), Counter[int]()
    for part in found:
        assert part.amount_fen > 0
        of_credit[part.credit_id] += part.amount_fen
        through[part.via] += part.amount_fen
    assert sum(part.amount_fen for part in found) + stuck_fen == wanted
    assert all(fen <= free[credit_id] for credit_id, fen in of_credit.items())
    assert all(through[payment.payment_id] <= payment.left_fen for payment in payments)
    assert not stuck_fen or all(through[payment.payment_id] == payment.left_fen for payment in payments)


@given(held())
def test_the_first_money_goes_through_the_payment_that_is_named(both: tuple[list[HeldCredit], list[Brought]]) -> None:
    credits, payments = both
    left = {payment.payment_id: payment.left_fen for payment in payments}
    first = min(credits, key=lambda credit: (credit.received_on, credit.credit_id))
    if first.left_fen <= first.waits_fen or not left[first.via]:
        return
    found, _ = portions(credits, payments, amount_fen=1, route="ORIGINAL_CHANNEL", own=set(left))
    assert [(part.credit_id, part.via) for part in found] == [(first.credit_id, first.via)]


def test_under_cash_all_of_it_is_cash_and_still_bounded_by_what_was_brought() -> None:
    credit = HeldCredit(1, 1, 1, 300, DAY, PREPAYMENT)
    found, stuck_fen = portions([credit], [Brought(1, "wechat", DAY, 200)], amount_fen=None, route="CASH", own={1})
    assert ([(part.channel, part.amount_fen) for part in found], stuck_fen) == ([("cash", 200)], 100)


RULES = RefundRules(
    "ORIGINAL_CHANNEL", (), date(2026, 4, 30), choice_closed_for=2025, season_begins_on=date(2025, 11, 1)
)


@pytest.mark.parametrize(
    ("ground", "received_on", "billed", "goes"),
    [
        (PREPAYMENT, date(2025, 10, 31), False, False), (PREPAYMENT, date(2025, 11, 1), False, True),
        (PREPAYMENT, date(2025, 10, 31), True, True), (DUPLICATE, date(2025, 10, 31), False, True),
        (REGULATION, date(2025, 10, 31), False, True),
    ],
)  # fmt: skip
def test_while_a_season_runs_only_what_waits_for_its_bill_stays(
    ground: str, received_on: date, billed: bool, goes: bool
) -> None:
    credit = HeldCredit(1, 1, 1, 100, received_on, ground)
    assert may_go_back(credit, RULES, billed=billed) is goes


def test_what_ended_moves_no_more_and_unknown_is_never_sent_again() -> None:
    for state in ("failed", "rejected", "withdrawn", "passed_over"):
        assert REFUND.open_to(state) == []
    assert REFUND.open_to("unknown") == ["confirm", "fail"]
    with pytest.raises(TransitionRefused):
        ORDER.after("carry_out", "requested")
