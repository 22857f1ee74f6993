"""What partners are told of the events of accounts, and what they are not."""

from __future__ import annotations

from typing import Any

TOLD: dict[str, tuple[str, ...]] = {
    "AccountsOpened": (),
    "BillsIssued": (),
    "BillsCorrected": (),
    "AccountsCut": (),
    "AccountsRestored": (),
    "AccountsMoved": (),
    "AccountsTransferred": ("former_name", "name"),
}
"""By kind, the members of its items that are left out: who owns a home is between its owners and the company."""

WITHHELD: dict[str, str] = {
    "MandatesTakenOver": "bank accounts and ID numbers are for the bank gateway alone",
    "CollectionRulesDeclared": "how the company collects is between its services",
    "PrepaymentsCarriedOver": "money of an old system concerns payments, once",
}
"""Kinds that nobody outside is told, each with its reason."""


def told_event(kind: str, event: dict[str, Any]) -> dict[str, Any]:
    """The event without what partners are not told; everything else as the published language has it."""
    left_out = TOLD[kind]
    if not left_out:
        return event
    return {**event, "items": [{name: value for name, value in item.items() if name not in left_out}
                               for item in event["items"]]}  # fmt: skip
