"""In which parameters two policies differ, on a day or for all time."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from services.accounts.domain.policy import Policy, plain_entry
from services.accounts.domain.policy_entry import Entry
from services.accounts.domain.policy_parameters import NOT_YET_OBEYED, PARAMETERS


class Difference(NamedTuple):
    """``before`` and ``after`` are the entries in their written form; ``followed``: a rule obeys the parameter."""

    parameter: str
    number: int
    followed: bool
    before: list[dict[str, Any]]
    after: list[dict[str, Any]]


def differences(before: Policy, after: Policy, *, on: date | None = None) -> list[Difference]:
    """Parameters whose values differ (grounds do not count), in the order of the list; ``on`` looks at one day only.

    On which day the two policies begin does not count.
    """
    found = []
    for name, parameter in PARAMETERS.items():
        was, becomes = (_entries(policy, name, on) for policy in (before, after))
        if _values(was, before, on) != _values(becomes, after, on):
            found.append(
                Difference(name, parameter.number, name not in NOT_YET_OBEYED,
                           [plain_entry(name, entry) for entry in was], [plain_entry(name, entry) for entry in becomes])
            )  # fmt: skip
    return found


def _entries(policy: Policy, name: str, on: date | None) -> list[Entry]:
    if on is None:
        return list(policy.entries[name])
    policy.entry(name, on)
    return [entry for entry in policy.entries[name] if entry.holds_on(on)]


def _values(entries: list[Entry], policy: Policy, on: date | None) -> list[tuple[Any, ...]]:
    """Value, scope and, unless a day is looked at, days of each entry; None is the beginning of the policy."""
    if on is not None:
        return [(entry.value, entry.scope) for entry in entries]
    return [
        (
            entry.value,
            entry.scope,
            None if entry.valid_from == policy.valid_from else entry.valid_from,
            entry.valid_until,
        )
        for entry in entries
    ]
