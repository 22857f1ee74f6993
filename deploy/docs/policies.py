"""The tariff policies there are, every value with its ground."""

from __future__ import annotations

from deploy.docs.markdown import code, codes, page, table
from services.accounts.domain.policy import Entry, Policy
from services.accounts.domain.policy_parameters import NOT_YET_OBEYED, PARAMETERS
from services.accounts.policies import load_policy, policy_names

INTRODUCTION = """\
Tariff policies are dated data in `services/accounts/policies/`, one YAML file a city. Every value names its ground: a `document`, a
`source` that is not confirmed yet, or an `assumption` of ours. The values of a season's first day hold for the whole season."""

NOT_YET_TOLD = """\
Heating companies know them. A policy that sets one is refused (`not_supported`), because it would promise too much."""


def policies() -> str:
    return page(
        "Tariff policies", INTRODUCTION,
        *(f"## {name}\n\n{_head(load_policy(name))}\n\n{_parameters(load_policy(name))}" for name in policy_names()),
        f"## Parameters that nothing follows yet\n\n{NOT_YET_TOLD}\n\n{codes(sorted(NOT_YET_OBEYED))}",
    )  # fmt: skip


def _head(policy: Policy) -> str:
    return f"{policy.title}, from {policy.valid_from} on. Document: {policy.document}. Version `{policy.version}`."


def _parameters(policy: Policy) -> str:
    rows = [
        (code(name), entry.valid_from, _value(name, entry), f"{entry.ground[0]}: {entry.ground[1]}")
        for name in PARAMETERS for entry in policy.entries[name]
    ]  # fmt: skip
    return table(("parameter", "from", "value", "ground"), rows)


def _value(name: str, entry: Entry) -> str:
    plain = PARAMETERS[name].kind.plain(entry.value)
    if isinstance(plain, dict):
        return "<br>".join(f"`{key}: {value}`" for key, value in plain.items())
    if isinstance(plain, list):
        return "<br>".join(code(_flat(member)) for member in plain) or "none"
    return code("none" if plain is None else str(plain).lower() if isinstance(plain, bool) else plain)


def _flat(member: object) -> object:
    if not isinstance(member, dict):
        return member
    return ", ".join(f"{key} {' '.join(v) if isinstance(v, list) else v}" for key, v in member.items())
