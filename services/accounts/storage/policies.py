"""The tariff policy in force: the one activated last, or the pack `default` until somebody activates one."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from services.accounts.domain.policy import Policy
from services.accounts.policies import REFERENCE, load_policy, read_recorded
from services.accounts.storage.rows import PolicyRow
from shared.chassis.unit_of_work import Work

FIRST_POLICY = REFERENCE


class ActivePolicy(NamedTuple):
    policy_id: int
    policy: Policy


def policy_in_force(work: Work) -> Policy:
    rows = work.rows("SELECT name, body FROM policies ORDER BY activated_at DESC, policy_id DESC LIMIT 1")
    return _read(*rows[0]) if rows else load_policy(FIRST_POLICY)


def recorded_policy_in_force(work: Work) -> ActivePolicy:
    """The policy in force with the number of its record; the first one is recorded when it is first used."""
    rows = work.rows("SELECT policy_id, name, body FROM policies ORDER BY activated_at DESC, policy_id DESC LIMIT 1")
    if rows:
        return ActivePolicy(rows[0][0], _read(*rows[0][1:]))
    return record_policy(work, load_policy(FIRST_POLICY))


def record_policy(work: Work, policy: Policy) -> ActivePolicy:
    """From now on this policy is in force."""
    policy_id = work.new_ids(1)[0]
    work.add([PolicyRow(policy_id, work.command_id, policy.name, policy.version, policy.canonical())])
    return ActivePolicy(policy_id, policy)


def policy_of(work: Work, policy_id: int) -> Policy:
    return _read(*work.rows("SELECT name, body FROM policies WHERE policy_id = %s", (policy_id,))[0])


@lru_cache(maxsize=16)
def _read(name: str, body: str) -> Policy:
    return read_recorded(body, name)
