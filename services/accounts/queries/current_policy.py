"""The tariff policy in force, with the ground of each value."""

from __future__ import annotations

import json
from typing import Any

from services.accounts.storage.policies import policy_in_force
from shared.chassis.unit_of_work import Work


def current_policy(work: Work) -> dict[str, Any]:
    policy = policy_in_force(work)
    content = json.loads(policy.canonical())
    return {
        "name": policy.name,
        "version": policy.version,
        "title": policy.title,
        "document": policy.document,
        "valid_from": policy.valid_from.isoformat(),
        "zones": content.get("zones", {}),
        "parameters": content["parameters"],
    }
