"""From now on this tariff policy is in force: for the bills to come, not for those that were issued."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from services.accounts.domain.collection_rules import collection_rules
from services.accounts.domain.policy_remarks import not_followed
from services.accounts.policies import REFERENCE, load_policy, named_policy
from services.accounts.storage.policies import record_policy
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class ActivatePolicy:
    """The pack of that name, with other values for some of its parameters (``changes``: parameter → YAML
    text). ``pack`` is the text of a company's own pack; None: one of those that Nuan brings.
    """

    name: str
    changes: Mapping[str, str] = field(default_factory=dict)
    pack: str | None = None


def activate_policy(command: ActivatePolicy, work: Work) -> dict[str, Any]:
    """The others are told the rules of collection that it holds.

    Refused: `policy_unknown`, and what a policy refuses of itself and its changes (`parameter_unknown`,
    `policy_invalid`, …). ``not_followed`` are parameters that it sets and nothing obeys yet.
    """
    policy = named_policy(command.name, command.pack, command.changes)
    record_policy(work, policy)
    work.emit(collection_rules(policy))
    return {
        "name": policy.name,
        "version": policy.version,
        "document": policy.document,
        "not_followed": not_followed(policy, load_policy(REFERENCE)),
    }
