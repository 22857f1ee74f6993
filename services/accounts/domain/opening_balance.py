"""Arrears that an old system handed over: on which terms they are owed, and how a customer is told."""

from __future__ import annotations

from dataclasses import replace

from shared.kernel.money import format_yuan
from shared.kernel.season import season_label
from shared.messages.accounts import PaymentTerms

OPENING = "opening"
_POLICY = "旧系统移交欠费"


def opening_terms(current: PaymentTerms) -> PaymentTerms:
    """The terms in force, without late fee and discount: what was handed over is all that is owed."""
    return replace(current, policy=_POLICY, late_fee_kind="NONE", discount_windows=())


def explain_opening(season: int, amount_fen: int) -> str:
    return f"{season_label(season)}采暖期欠费{format_yuan(amount_fen)}元，由原收费系统移交，不另计违约金。"
