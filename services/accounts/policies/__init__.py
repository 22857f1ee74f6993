"""Tariff policies as dated data: one pack is one file ``NAME.yaml`` in this folder."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from services.accounts.domain.policy import Policy, read_policy
from shared.kernel.errors import NotFound

REFERENCE = "default"
"""The pack that the others are based on: what they leave out is as it is there."""

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
    return read_pack((_FOLDER / f"{name}.yaml").read_text(encoding="utf-8"), name)


def read_pack(text: str, name: str) -> Policy:
    """A pack from anywhere, as one of the folder is read: it may be based on the reference."""
    return read_policy(text, name, base=None if name == REFERENCE else load_policy(REFERENCE))


def named_policy(name: str, pack: str | None = None, changes: Mapping[str, str] | None = None) -> Policy:
    """The pack of that name, or the one whose text this is, with other values for some parameters."""
    policy = load_policy(name) if pack is None else read_pack(pack, name)
    return policy.with_changes(changes) if changes else policy


def read_recorded(text: str, name: str) -> Policy:
    """A policy as it was recorded: parameters that came later are as in the reference."""
    return read_policy(text, name, base=load_policy(REFERENCE), complete=False)
