"""How money meets debts: oldest season first; in a season principal before late fee, or the other way round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from services.payments.domain.channel import Channel
from services.payments.domain.debt import Debt, Receivable
from services.payments.domain.owed import Owed, OwedOfDebt, owed
from services.payments.domain.partial_discount import discounted_part
from shared.kernel.errors import Refusal
from shared.kernel.money import format_yuan
from shared.kernel.rates import half_up_to
from shared.kernel.season import season_label
from shared.messages.accounts import SELF


class AlreadyCollected(Refusal):
    code = "already_collected"
    status = 409
    remedy = "Nothing of that season is open; look at the account before taking money."


class DebtOutstanding(Refusal):
    code = "debt_outstanding"
    status = 409
    remedy = "Take the older season first, or say why the old debt is kept."


class NotThisPayer(Refusal):
    code = "not_this_payer"
    status = 409
    remedy = "Check who pays; this payer was never billed for the account."


class PartialPaymentRefused(Refusal):
    code = "partial_payment_refused"
    status = 409
    remedy = "Take the whole of the oldest open season; parts of it are not taken here."


@dataclass(slots=True)
class NewSettlement:
    """Money that meets one receivable: principal falls by ``paid_fen + discount_fen + rounding_fen``."""

    receivable_id: int
    bill_no: int
    paid_fen: int = 0
    discount_fen: int = 0
    rounding_fen: int = 0
    late_fee_fen: int = 0


@dataclass(frozen=True, slots=True)
class Allocation:
    """``rounding_fen``: money taken above (or, below zero, under) the payable amount that it settled."""

    settlements: list[NewSettlement]
    credit_fen: int
    rounding_fen: int


def allocate(debts: Sequence[Debt], *, day: date, amount_fen: int, channel: Channel, payer: str = SELF,
             season: int | None = None, keep_old_debt: bool = False, take_any: bool = False) -> Allocation:  # fmt: skip
    """What ``amount_fen`` (above zero), received on ``day``, settles of the payer's debts; the rest is credit.

    ``season`` limits it to one season; what it does not need becomes credit. ``take_any``: money that is here
    already (a bank collected it) is never refused as a part payment.

    Refuses `already_collected` (nothing of the season is open), `debt_outstanding` (an older season is),
    `partial_payment_refused` (the terms take whole seasons only).
    """
    owing = owed(debts, day, payer=payer, channel=channel)
    lines = owing.lines if season is None else _of_season(owing, season, keep_old_debt)
    payable_fen = sum(line.total_fen for line in lines)
    rounding_fen = _rounding_fen(lines, payable_fen, amount_fen, channel)
    left_fen = amount_fen - rounding_fen
    settlements: list[NewSettlement] = []
    for _, group in groupby(lines, key=lambda line: line.debt.season):
        season_lines = list(group)
        used, met = _meet_season(season_lines, left_fen, day=day, debts=debts, channel=channel, take_any=take_any,
                                 first=not settlements)  # fmt: skip
        settlements += met
        left_fen -= used
        if left_fen == 0:
            break
    if rounding_fen < 0:
        _round_down(settlements, -rounding_fen)
    return Allocation(settlements, left_fen, rounding_fen)


def _of_season(owing: Owed, season: int, keep_old_debt: bool) -> tuple[OwedOfDebt, ...]:
    lines = tuple(line for line in owing.lines if line.debt.season == season)
    if not lines:
        raise AlreadyCollected("nothing of this season is open", season=season_label(season))
    older = [line.debt.season for line in owing.lines if line.debt.season < season]
    if older and not keep_old_debt:
        open_seasons = [season_label(each) for each in sorted(set(older))]
        raise DebtOutstanding("an older season is open", season=season_label(season), open_seasons=open_seasons)
    return lines


def _rounding_fen(lines: Sequence[OwedOfDebt], payable_fen: int, amount_fen: int, channel: Channel) -> int:
    """The rounding of money that equals the payable amount rounded; 0 for any other amount, which is taken as it is.

    Cash and other money have a precision each. What a bank took is what it took, and is never rounded.
    """
    if not lines or amount_fen == payable_fen or channel.has_partner:
        return 0
    terms = [line.debt.terms for line in lines]
    step_fen = max(each.cash_precision_fen if channel.is_cash else each.noncash_precision_fen for each in terms)
    return amount_fen - payable_fen if amount_fen == half_up_to(payable_fen, step_fen) else 0


def _meet_season(lines: list[OwedOfDebt], budget_fen: int, *, day: date, debts: Sequence[Debt], channel: Channel,
                 take_any: bool, first: bool) -> tuple[int, list[NewSettlement]]:  # fmt: skip
    """How much of the budget one season takes, and the settlements it makes."""
    needed_fen = sum(line.total_fen for line in lines)
    if budget_fen >= needed_fen:
        return needed_fen, _settled_in_full(lines)
    terms = lines[0].debt.terms
    if not terms.partial_payment_allowed and not take_any:
        if first:
            raise PartialPaymentRefused(
                "this does not settle the oldest open season",
                season=season_label(lines[0].debt.season), needed=format_yuan(needed_fen), value=format_yuan(budget_fen),
            )  # fmt: skip
        return 0, []
    return _settled_in_part(lines, budget_fen, day=day, debts=debts, channel=channel)


def _settled_in_full(lines: list[OwedOfDebt]) -> list[NewSettlement]:
    met = []
    for line in lines:
        parts = [NewSettlement(part.receivable_id, line.debt.bill_no, paid_fen=open_fen)
                 for part, open_fen in open_parts(line.debt)]  # fmt: skip
        _take_discount(parts, line.discount_fen)
        met += parts
    _meet_late_fees(lines, sum(line.late_fee_fen for line in lines), met)
    return met


def _settled_in_part(lines: list[OwedOfDebt], budget_fen: int, *, day: date, debts: Sequence[Debt],
                     channel: Channel) -> tuple[int, list[NewSettlement]]:  # fmt: skip
    late_fee_first = lines[0].debt.terms.allocation_within_season == "LATE_FEE_FIRST"
    met: list[NewSettlement] = []
    left_fen = budget_fen
    if late_fee_first:
        left_fen = _meet_late_fees(lines, left_fen, met)
    for line, part, open_fen in _by_due_day(lines):
        if left_fen == 0:
            break
        paid_fen, discount_fen = discounted_part(line, open_fen, left_fen, day=day, debts=debts, channel=channel)
        met.append(NewSettlement(part.receivable_id, line.debt.bill_no, paid_fen, discount_fen))
        left_fen -= paid_fen
    if not late_fee_first:
        left_fen = _meet_late_fees(lines, left_fen, met)
    return budget_fen - left_fen, met


def _meet_late_fees(lines: list[OwedOfDebt], left_fen: int, met: list[NewSettlement]) -> int:
    """Late fee is of the bill: it is written beside its first part that money meets, else beside the first of all."""
    for line in lines:
        paid_fen = min(left_fen, line.late_fee_fen)
        if paid_fen:
            beside = next((part for part in met if part.bill_no == line.debt.bill_no), None)
            if beside is None:
                beside = NewSettlement(line.debt.receivables[0].receivable_id, line.debt.bill_no)
                met.append(beside)
            beside.late_fee_fen = paid_fen
            left_fen -= paid_fen
    return left_fen


def _by_due_day(lines: list[OwedOfDebt]) -> list[tuple[OwedOfDebt, Receivable, int]]:
    parts = [(line, part, open_fen) for line in lines for part, open_fen in open_parts(line.debt)]
    return sorted(parts, key=lambda each: (each[1].due_on, each[1].posted_on, each[1].receivable_id))


def open_parts(debt: Debt) -> list[tuple[Receivable, int]]:
    """The parts of which principal is open, with it, in the order in which they fall due."""
    settled: dict[int, int] = {}
    for settlement in debt.settlements:
        settled[settlement.receivable_id] = settled.get(settlement.receivable_id, 0) + settlement.principal_fen
    opened = [(part, part.net_fen - settled.get(part.receivable_id, 0)) for part in debt.receivables]
    return [(part, open_fen) for part, open_fen in opened if open_fen]


def _take_discount(parts: list[NewSettlement], discount_fen: int) -> None:
    """Turn what was to be paid into discount, from the part due last backwards."""
    for part in reversed(parts):
        taken_fen = min(part.paid_fen, discount_fen)
        part.paid_fen -= taken_fen
        part.discount_fen += taken_fen
        discount_fen -= taken_fen


def _round_down(settlements: list[NewSettlement], missing_fen: int) -> None:
    """Money below the payable amount: the last parts are settled by so much less money and a rounding line."""
    for part in reversed(settlements):
        taken_fen = min(part.paid_fen, missing_fen)
        part.paid_fen -= taken_fen
        part.rounding_fen += taken_fen
        missing_fen -= taken_fen
