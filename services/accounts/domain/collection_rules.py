"""What a policy tells payments and the bank gateway: the rules of collection that are one for the whole company."""

from __future__ import annotations

from services.accounts.domain.policy import Policy, PolicyNotInForce
from services.accounts.domain.policy_rows import ClosedPeriod as ClosedRow
from shared.messages.accounts import ClosedPeriod, CollectionRules, CollectionRulesDeclared

TOLD = (
    "payment_closed_period",
    "cashier_reverse_window",
    "in_transit_blocks_other_channels",
    "in_transit_freeze_late_fee",
    "batch_timeout_days",
    "bank_only_autopost",
)
"""The parameters that travel by this message; what concerns one bill travels with it (docs/decisions/0033)."""


def collection_rules(policy: Policy) -> CollectionRulesDeclared:
    """The rules of every day of the policy: one item for each day on which one of them changes.

    A value that runs out without another one is followed further: money that comes has to be taken by some rule.
    """
    entries = [entry for parameter in TOLD for entry in policy.entries[parameter]]
    days = sorted({entry.valid_from for entry in entries} | {e.valid_until for e in entries if e.valid_until})
    items: list[CollectionRules] = []
    for day in days:
        try:
            values = {parameter: policy.entry(parameter, day).value for parameter in TOLD}
        except PolicyNotInForce:
            continue
        items.append(
            CollectionRules(valid_from=day, closed_periods=_closed(values.pop("payment_closed_period")), **values)
        )
    return CollectionRulesDeclared(policy.reference, tuple(items))


def _closed(rows: tuple[ClosedRow, ...]) -> tuple[ClosedPeriod, ...]:
    return tuple(ClosedPeriod(str(row.first_day), str(row.last_day), row.channels) for row in rows)
