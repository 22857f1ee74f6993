"""Credit meets the bills that are posted: oldest season first, oldest money first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.payments.domain.allocation import NewSettlement, open_parts
from services.payments.domain.channel import Channel
from services.payments.domain.debt import Debt, Receivable, Settlement
from services.payments.domain.discount import discount_offered_fen
from services.payments.domain.owed import in_order


@dataclass(frozen=True, slots=True)
class Credit:
    """What is left of a payment that met no debt, or that a correction set free."""

    credit_id: int
    payment_id: int
    amount_fen: int
    received_on: date
    channel: Channel


@dataclass(frozen=True, slots=True)
class CreditUse:
    """``used_on`` is the day on which the debt that it settles was posted."""

    credit_id: int
    payment_id: int
    used_on: date
    settlements: list[NewSettlement]


def use_credit(new_debts: Sequence[Debt], credits: Sequence[Credit], *,
               others: Sequence[Debt]) -> list[CreditUse]:  # fmt: skip
    """How one payer's credit settles his new debts, each when it is posted; ``others`` are his debts from before.

    A debt that the credit covers less the discount of the day on which the last of the money needed was received
    is settled with that discount; otherwise the credit settles what it can at its face value.
    """
    left = sorted(credits, key=lambda credit: (credit.received_on, credit.credit_id))
    uses: list[CreditUse] = []
    known = list(others)
    for debt in sorted(new_debts, key=in_order):
        made, left = _meet(debt, left, known)
        uses += made
        settled = tuple(
            Settlement(part.receivable_id, use.payment_id, use.used_on, part.paid_fen, part.discount_fen, by_credit=True)
            for use in made for part in use.settlements
        )  # fmt: skip
        known.append(replace(debt, settlements=(*debt.settlements, *settled)))
    return uses


def use_credit_on_line(debt: Debt, line: Receivable, credits: Sequence[Credit], *,
                       others: Sequence[Debt]) -> list[CreditUse]:  # fmt: skip
    """How the payer's credit settles a line that was added to his debt.

    Where the line is all that is open and no payment came before, it is met like a new bill, discount and all;
    otherwise at its face value, and what else is open stays so.
    """
    open_fen = {part.receivable_id: fen for part, fen in open_parts(debt)}
    ordered = sorted(credits, key=lambda credit: (credit.received_on, credit.credit_id))
    if set(open_fen) == {line.receivable_id} and all(settlement.by_credit for settlement in debt.settlements):
        uses, _ = _meet(debt, ordered, list(others))
    else:
        parts = [[line.receivable_id, open_fen.get(line.receivable_id, 0)]]
        uses, _ = _spend(parts, ordered, parts[0][1], debt.bill_no, line.posted_on)
    return [replace(use, used_on=line.posted_on) for use in uses]


def _meet(debt: Debt, credits: list[Credit], others: list[Debt]) -> tuple[list[CreditUse], list[Credit]]:
    """The uses that one debt makes of the credits, and what is left of them."""
    discount_fen = _discount_fen(debt, credits, others)
    needed_fen = debt.open_principal_fen - discount_fen
    parts = [[part.receivable_id, open_fen] for part, open_fen in open_parts(debt)]
    uses, left = _spend(parts, credits, needed_fen, debt.bill_no, debt.receivables[0].posted_on)
    if discount_fen and uses:
        _add_discount(uses[-1], parts, debt.bill_no)
    return uses, left


def _spend(parts: list[list[int]], credits: Sequence[Credit], needed_fen: int, bill_no: int,
           used_on: date) -> tuple[list[CreditUse], list[Credit]]:  # fmt: skip
    """Meet the parts (receivable, open fen) with so much credit; what the parts still need is left in ``parts``."""
    uses, left = [], []
    for credit in credits:
        used_fen = min(credit.amount_fen, needed_fen)
        needed_fen -= used_fen
        if used_fen:
            settlements = _take(parts, used_fen, bill_no)
            uses.append(CreditUse(credit.credit_id, credit.payment_id, used_on, settlements))
        if used_fen < credit.amount_fen:
            left.append(replace(credit, amount_fen=credit.amount_fen - used_fen))
    return uses, left


def _discount_fen(debt: Debt, credits: list[Credit], others: list[Debt]) -> int:
    """The discount of the day on which the last of the money needed was received; 0 when it never suffices."""
    gathered_fen = 0
    for credit in credits:
        gathered_fen += credit.amount_fen
        discount_fen = discount_offered_fen(debt, credit.received_on, others=others, channel=credit.channel)
        if gathered_fen >= debt.open_principal_fen - discount_fen:
            return discount_fen
    return 0


def _take(parts: list[list[int]], amount_fen: int, bill_no: int) -> list[NewSettlement]:
    """Money for the parts in the order in which they fall due; what they still need is left in ``parts``."""
    met = []
    for part in parts:
        taken_fen = min(part[1], amount_fen)
        if taken_fen:
            met.append(NewSettlement(part[0], bill_no, taken_fen))
            part[1] -= taken_fen
            amount_fen -= taken_fen
    return met


def _add_discount(use: CreditUse, parts: list[list[int]], bill_no: int) -> None:
    """The rest of every part, which the discount settles, is written beside the last money used."""
    for receivable_id, rest_fen in parts:
        if not rest_fen:
            continue
        beside = next((s for s in use.settlements if s.receivable_id == receivable_id), None)
        if beside is None:
            use.settlements.append(NewSettlement(receivable_id, bill_no, discount_fen=rest_fen))
        else:
            beside.discount_fen += rest_fen
