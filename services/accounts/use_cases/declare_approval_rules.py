"""From which amount or number of homes on verbs need a second person, and how long one may take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.accounts.domain.approval_rule import ApprovalRule
from services.accounts.storage.approval_rules import RuleRow
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput
from shared.kernel.money import format_yuan


@dataclass(frozen=True, slots=True)
class DeclareApprovalRules:
    rules: tuple[ApprovalRule, ...]
    reason: str


def declare_approval_rules(command: DeclareApprovalRules, work: Work) -> dict[str, Any]:
    """They replace the rules that these kinds had. Refused: a kind that is named twice."""
    kinds = [rule.kind for rule in command.rules]
    if len(set(kinds)) < len(kinds):
        raise InvalidInput("a kind has one rule", place="rules", value=", ".join(kinds))
    work.add(
        RuleRow(work.command_id, rule.kind, rule.from_fen, rule.from_homes, rule.decide_within_days, rule.whole_day)
        for rule in command.rules
    )
    return {"rules": told_rules(command.rules)}


def told_rules(rules: Sequence[ApprovalRule]) -> list[dict[str, Any]]:
    return [
        {"kind": rule.kind, "from_amount": None if rule.from_fen is None else format_yuan(rule.from_fen),
         "from_homes": rule.from_homes, "decide_within_days": rule.decide_within_days,
         "whole_day": rule.whole_day}
        for rule in rules
    ]  # fmt: skip
