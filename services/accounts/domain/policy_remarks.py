"""What a reader of a policy should know, although nothing of it is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from services.accounts.domain.policy import Policy
from services.accounts.domain.policy_parameters import NOT_YET_OBEYED
from services.accounts.domain.policy_scope import Scope

PRICED_BY_DOCUMENT = (
    "price_residential",
    "price_nonresidential",
    "height_pct_per_step",
    "suspend_fee_pct",
    "late_fee_daily_rate",
)
"""What customers take to court: each of these needs a legal document, not only a source."""


class Remark(NamedTuple):
    """``code`` is not_followed or no_document; ``line`` is where the value was read (1 is the first)."""

    code: str
    parameter: str
    line: int
    text: str


def not_followed(policy: Policy, reference: Policy) -> list[str]:
    """Parameters that the policy sets to something else than the reference and that nothing obeys yet."""
    return sorted(name for name in NOT_YET_OBEYED if _values(policy, name) != _values(reference, name))


def remarks(policy: Policy, reference: Policy) -> Iterator[Remark]:
    for parameter in not_followed(policy, reference):
        line = policy.entries[parameter][0].line
        yield Remark("not_followed", parameter, line, "nothing follows this value yet")
    for parameter in PRICED_BY_DOCUMENT:
        for entry in policy.entries[parameter]:
            if entry.ground[0] != "document":
                text = f"rests on {'a source' if entry.ground[0] == 'source' else 'an assumption'}, not on a document"
                yield Remark("no_document", parameter, entry.line, text)


def _values(policy: Policy, parameter: str) -> list[tuple[Any, Scope]]:
    return [(entry.value, entry.scope) for entry in policy.entries[parameter]]
