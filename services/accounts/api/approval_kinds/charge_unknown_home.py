"""Homes that nobody knew and that were found using heat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.accounts.api.approval_kinds import ApprovalKind
from services.accounts.api.unknown_homes import UnknownHomesSchema, finding
from services.accounts.domain.approval_effect import Effect
from services.accounts.use_cases.charge_unknown_home import charge_unknown_home
from shared.kernel.money import parse_yuan


def _effect(answer: Mapping[str, Any]) -> Effect:
    """In sums: before they are opened, the homes have no numbers that lines could name."""
    homes = answer["accounts"]
    return Effect(len(homes), charged_fen=sum(parse_yuan(home["charged"]) for home in homes))


KIND = ApprovalKind(
    "稽查补费（无户） · charge homes that nobody knew", UnknownHomesSchema, finding, charge_unknown_home, _effect
)
