"""Money paid back: what of a payer's credit may go back, and through which payments that brought it.

A refund goes through the payment that it came by: for credit that a correction set free, the last payment of that bill.
Never more goes back through a payment than it brought; what is beyond goes through the payment whose money it was, then
through the payer's other payments, the last one first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from shared.kernel.errors import NotFound, Refusal
from shared.kernel.lifecycle import Lifecycle, Move
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label
from shared.kernel.two_people import ApprovalLimit

REGULATION, DUPLICATE, PREPAYMENT = "regulation", "duplicate", "prepayment"
"""Why money is owed back: a correction set it free, it was taken by force beside a bank's, or it met no debt."""

REQUESTED, APPROVED, PAYING, UNKNOWN, PAID, FAILED = "requested", "approved", "paying", "unknown", "paid", "failed"
REJECTED, WITHDRAWN, PASSED_OVER = "rejected", "withdrawn", "passed_over"
REFUND = Lifecycle(
    "refund",
    initial=REQUESTED,
    moves=[
        Move("approve", (REQUESTED,), APPROVED),
        Move("reject", (REQUESTED,), REJECTED),
        Move("withdraw", (REQUESTED,), WITHDRAWN),
        Move("pass_over", (REQUESTED,), PASSED_OVER),
        Move("pay_out", (APPROVED,), PAYING),
        Move("confirm", (PAYING, UNKNOWN), PAID),
        Move("lose_sight", (PAYING,), UNKNOWN),
        Move("fail", (APPROVED, PAYING, UNKNOWN), FAILED),
        Move("come_back", (PAID,), FAILED),
    ],
)
"""``unknown`` is a state: an instruction went out and nobody knows what became of it. Its money waits; only a bank's or a
platform's word moves it on, so it is never paid a second time on a guess."""

LISTING, CARRIED_OUT = "listing", "carried_out"
ORDER = Lifecycle(
    "refund order",
    initial=LISTING,
    moves=[
        Move("close_list", (LISTING,), REQUESTED),
        Move("approve", (REQUESTED,), APPROVED),
        Move("reject", (REQUESTED,), REJECTED),
        Move("withdraw", (LISTING, REQUESTED), WITHDRAWN),
        Move("carry_out", (APPROVED,), CARRIED_OUT),
    ],
)

ORIGINAL_CHANNEL, STAYS_CREDIT, IN_CASH = "ORIGINAL_CHANNEL", "CREDIT", "CASH"
CASH = "cash"


class UnknownRefundOrder(NotFound):
    code = "unknown_refund_order"
    remedy = "Check the number of the order."


class NothingToRefund(Refusal):
    code = "nothing_to_refund"
    status = 409
    remedy = "Look at the credit of this payer: there is none that may go back now."


class ExceedsRefundable(Refusal):
    code = "exceeds_refundable"
    status = 409
    remedy = "Ask for the refundable amount, or leave the amount out for all of it."


class NoWayBack(Refusal):
    code = "no_way_back"
    status = 409
    remedy = "Name another way (`reroute`), after looking who takes the money."


@dataclass(frozen=True, slots=True)
class RefundRules:
    """``choice_closed_for``: the season that runs, while prepayments for it are not given back; None: they are."""

    route: str
    limits: tuple[ApprovalLimit, ...]
    due_on: date
    choice_closed_for: int | None = None
    season_begins_on: date | None = None


class HeldCredit(NamedTuple):
    """What is left of one credit. ``via`` is the payment it goes back through; ``waits``: asked for, not decided yet."""

    credit_id: int
    payment_id: int
    via: int
    left_fen: int
    received_on: date
    ground: str
    waits_fen: int = 0


class Brought(NamedTuple):
    """A payment that money may go back through; ``left_fen`` of what it brought did not go back yet."""

    payment_id: int
    channel: str
    received_on: date
    left_fen: int


class Portion(NamedTuple):
    """Money of one credit that goes back through one payment."""

    credit_id: int
    via: int
    channel: str
    amount_fen: int
    ground: str


def may_go_back(credit: HeldCredit, rules: RefundRules, *, billed: bool) -> bool:
    """Nothing by policy CREDIT; a prepayment not while its season runs and waits for its bill.

    What regulations owe, money taken twice, and what is left beside a bill of the running season (``billed``) always may.
    """
    if rules.route == STAYS_CREDIT:
        return False
    closed = rules.choice_closed_for
    if credit.ground != PREPAYMENT or closed is None or billed:
        return True
    return rules.season_begins_on is not None and credit.received_on >= rules.season_begins_on


def portions(credits: Sequence[HeldCredit], payments: Sequence[Brought], *, amount_fen: int | None, route: str,
             own: Collection[int]) -> tuple[list[Portion], int]:  # fmt: skip
    """How so much (None: all) of one payer's credits goes back, the oldest money first; and what no payment can carry.

    ``credits`` may go back; ``payments`` are the account's, ``own`` the numbers of those that the payer made. Refuses
    `nothing_to_refund`, `exceeds_refundable`.
    """
    ordered = sorted(credits, key=lambda credit: (credit.received_on, credit.credit_id))
    free_fen = {credit.credit_id: max(credit.left_fen - credit.waits_fen, 0) for credit in ordered}
    refundable_fen = sum(free_fen.values())
    if not refundable_fen:
        raise NothingToRefund("no credit may go back", refundable=format_yuan(0))
    wanted_fen = refundable_fen if amount_fen is None else amount_fen
    if wanted_fen > refundable_fen:
        raise ExceedsRefundable("so much may not go back", refundable=format_yuan(refundable_fen))
    left = {payment.payment_id: payment for payment in payments}
    latest = sorted(payments, key=lambda payment: (payment.received_on, payment.payment_id), reverse=True)
    fallback = [payment.payment_id for payment in latest if payment.payment_id in own]
    found: list[Portion] = []
    stuck_fen = 0
    for credit in ordered:
        taken_fen = min(free_fen[credit.credit_id], wanted_fen)
        wanted_fen -= taken_fen
        found += _through(credit, taken_fen, left, fallback, route)
        stuck_fen += taken_fen
    return found, stuck_fen - sum(part.amount_fen for part in found)


def _through(credit: HeldCredit, taken_fen: int, left: dict[int, Brought], fallback: Sequence[int],
             route: str) -> Iterable[Portion]:  # fmt: skip
    """The payments that this money goes back through; ``left`` is what each of them can still carry afterwards."""
    for payment_id in dict.fromkeys((credit.via, credit.payment_id, *fallback)):
        payment = left.get(payment_id)
        if payment is None or not (fen := min(payment.left_fen, taken_fen)):
            continue
        left[payment_id] = payment._replace(left_fen=payment.left_fen - fen)
        taken_fen -= fen
        yield Portion(credit.credit_id, payment_id, CASH if route == IN_CASH else payment.channel, fen, credit.ground)


def why_closed(rules: RefundRules) -> str:
    """Why credit that is there does not go back."""
    if rules.route == STAYS_CREDIT or rules.choice_closed_for is None:
        return "by the policy in force it stays credit and meets the next bill"
    return f"the season {season_label(rules.choice_closed_for)} runs: a prepayment for it waits for its bill"
