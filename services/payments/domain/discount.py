"""The early-payment discount: a percentage of what is open, for who pays all of his share of a season in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from services.payments.domain.channel import Channel, names_channel
from services.payments.domain.debt import Debt
from services.payments.domain.late_fee import late_fee_open_fen
from shared.kernel.rates import PERCENT, half_up
from shared.messages.accounts import DiscountWindow


def discount_offered_fen(debt: Debt, day: date, *, others: Sequence[Debt], channel: Channel | None) -> int:
    """What is taken off when all that is open of ``debt`` is paid on ``day`` through ``channel``.

    ``others`` are the payer's other debts as they were before the payment. ``channel`` None asks for the best
    that any channel would get.
    """
    pct = discount_pct(debt, day, others=others, channel=channel)
    return half_up(debt.open_principal_fen * pct * PERCENT) if pct else 0


def discount_pct(debt: Debt, day: date, *, others: Sequence[Debt], channel: Channel | None) -> Fraction:
    """The percentage that holds for ``debt`` on ``day``; 0 when one of the terms' conditions is not met."""
    terms = debt.terms
    if not terms.discount_windows or not debt.of_household:
        return Fraction(0)
    open_windows = [
        window for window in terms.discount_windows
        if window.from_on <= day <= window.until_on and _window_holds(window, debt, channel)
    ]  # fmt: skip
    if not open_windows or not _conditions_hold(debt, day, others, channel):
        return Fraction(0)
    return Fraction(max(Decimal(window.pct) for window in open_windows))


def _window_holds(window: DiscountWindow, debt: Debt, channel: Channel | None) -> bool:
    return _names_channel(window.channels, channel) and _names_class(window.classes, debt.price_class)


def _conditions_hold(debt: Debt, day: date, others: Sequence[Debt], channel: Channel | None) -> bool:
    terms = debt.terms
    return (
        _names_channel(terms.discount_channels, channel)
        and _names_class(terms.discount_classes, debt.price_class)
        and not (terms.discount_excludes_suspended and debt.suspended)
        and not (terms.discount_requires_full_payment and any(not s.by_credit for s in debt.settlements))
        and not (terms.discount_requires_no_arrears and has_arrears(debt, day, others))
    )


def has_arrears(debt: Debt, day: date, others: Sequence[Debt]) -> bool:
    """Whether the owner who owes ``debt`` owes anything of an older season, late fee included."""
    return any(
        other.payer == debt.payer and other.season < debt.season
        and (other.open_principal_fen > 0 or late_fee_open_fen(other, day) > 0)
        for other in others
    )  # fmt: skip


def _names_channel(names: tuple[str, ...], channel: Channel | None) -> bool:
    return channel is None or names_channel(names, channel)


def _names_class(names: tuple[str, ...], price_class: str) -> bool:
    named = {name.upper() for name in names}
    return "ALL" in named or price_class.upper() in named
