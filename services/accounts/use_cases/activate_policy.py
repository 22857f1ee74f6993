"""From now on this tariff policy is in force: for the bills to come, not for those that were issued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.accounts.policies import load_policy
from services.accounts.storage.policies import record_policy
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class ActivatePolicy:
    """The pack of that name, with other values for some of its parameters (``changes``: parameter → YAML
    text).
    """

    name: str
    changes: Mapping[str, str] = field(default_factory=dict)


def activate_policy(command: ActivatePolicy, work: Work) -> dict[str, Any]:
    """Refused: `policy_unknown`, and what a policy refuses of its changes (`parameter_unknown`,
    `policy_invalid`, …).
    """
    policy = load_policy(command.name)
    if command.changes:
        policy = policy.with_changes(command.changes)
    record_policy(work, policy)
    return {"name": policy.name, "version": policy.version, "document": policy.document}
