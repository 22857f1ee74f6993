"""Tariff policies as dated data: one pack is one file ``NAME.yaml`` in this folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from services.accounts.domain.policy import Policy, read_policy
from shared.kernel.errors import NotFound

_FOLDER = Path(__file__).parent


class PolicyUnknown(NotFound):
    code = "policy_unknown"
    remedy = "Name one of the policy packs there are."


def policy_names() -> list[str]:
    """The packs there are, in alphabetical order."""
    return sorted(file.stem for file in _FOLDER.glob("*.yaml"))


@cache
def load_policy(name: str) -> Policy:
    """The pack of that name; refused when there is none, or when it cannot be read for certain."""
    if name not in policy_names():
        raise PolicyUnknown(f"the policy packs are {', '.join(policy_names())}", policy=name)
    return read_policy((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), name)
