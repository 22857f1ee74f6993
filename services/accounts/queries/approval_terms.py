"""What needs a second person from when on, who decides up to which amount, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from services.accounts.domain.approval_rule import ApprovalRule
from services.accounts.storage.approval_rules import rules_in_force
from services.accounts.storage.approvals import limits_of_kinds
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan

_DELEGATIONS = """
SELECT d.delegation_id, d.from_login, d.from_person, d.to_login, d.to_person, d.from_on, d.until_on, d.reason, e.ended_on
FROM approval_delegations d LEFT JOIN approval_delegations_ended e USING (delegation_id)
WHERE d.until_on > %(today)s OR %(past)s ORDER BY d.from_on DESC, d.delegation_id DESC LIMIT 1000
"""


def approval_terms(work: Work, kinds: Sequence[str]) -> list[dict[str, Any]]:
    """Kind by kind; ``from_amount`` and ``from_homes`` None: one person will do."""
    rules, limits = rules_in_force(work, kinds), limits_of_kinds(work, kinds)
    return [
        {
            "kind": kind,
            "from_amount": _yuan(rules[kind].from_fen),
            "from_homes": rules[kind].from_homes,
            "decide_within_days": rules[kind].decide_within_days,
            "whole_day": rules[kind].whole_day,
            "limits": [{"role": limit.role, "limit": _yuan(limit.limit_fen)} for limit in limits[kind]],
        }
        for kind in kinds
    ]


def rule_of(work: Work, kind: str) -> ApprovalRule:
    """What holds of this kind now."""
    return rules_in_force(work, [kind])[kind]


def delegations(work: Work, *, past: bool) -> list[dict[str, Any]]:
    """Those that hold or will hold, with ``past`` all; the newest thousand."""
    return [
        {
            "delegation_id": number,
            "from_login": from_login,
            "from_person": from_person,
            "to_login": to_login,
            "to_person": to_person,
            "from_on": from_on.isoformat(),
            "until_on": until_on.isoformat(),
            "reason": reason,
            "ended_on": None if ended_on is None else ended_on.isoformat(),
        }
        for number, from_login, from_person, to_login, to_person, from_on, until_on, reason, ended_on in work.rows(
            _DELEGATIONS, {"today": work.today, "past": past}
        )
    ]


def _yuan(amount_fen: int | None) -> str | None:
    return None if amount_fen is None else format_yuan(amount_fen)
