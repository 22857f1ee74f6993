"""The tariff policies there are, every value with its ground."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.docs.markdown import code, codes, page, table
from services.accounts.domain.policy import Policy, plain_entry
from services.accounts.domain.policy_parameters import NOT_YET_OBEYED, PARAMETERS
from services.accounts.policies import load_policy, policy_names

INTRODUCTION = """\
Tariff policies are dated data in `services/accounts/policies/`, one YAML file a city. Every value names its ground: a `document`, a
`source` that is not confirmed yet, or an `assumption` of ours. The values of a season's first day hold for the whole season. A value
may hold for everyone, or for a supply zone, a price class or a single contract. What a city's pack takes over from `default` is not
repeated here."""

NOT_YET_TOLD = """\
Heating companies know them. A policy that sets one is refused (`not_supported`), because it would promise too much."""

INHERITED = "as in "


def policies() -> str:
    return page(
        "Tariff policies", INTRODUCTION,
        *(f"## {name}\n\n{_head(load_policy(name))}\n\n{_parameters(load_policy(name))}" for name in policy_names()),
        f"## Parameters that nothing follows yet\n\n{NOT_YET_TOLD}\n\n{codes(sorted(NOT_YET_OBEYED))}" if NOT_YET_OBEYED else "",
    )  # fmt: skip


def _head(policy: Policy) -> str:
    return f"{policy.title}, from {policy.valid_from} on. Document: {policy.document}. Version `{policy.version}`."


def _parameters(policy: Policy) -> str:
    return table(("parameter", "holds", "value", "ground"), _rows(policy))


def _rows(policy: Policy) -> Iterator[tuple[str, ...]]:
    for name in PARAMETERS:
        for entry in policy.entries[name]:
            cells = plain_entry(name, entry)
            (ground, text), value, since = entry.ground, cells.pop("value"), cells.pop("valid_from")
            if not text.startswith(INHERITED):
                del cells[ground]
                until = f" until {ends}" if (ends := cells.pop("valid_until", None)) else ""
                whom = "".join(f", {scope} {which}" for scope, which in cells.items())
                yield code(name), f"from {since}{until}{whom}", _value(value), f"{ground}: {text}"


def _value(plain: object) -> str:
    if isinstance(plain, dict):
        return "<br>".join(f"`{key}: {value}`" for key, value in plain.items())
    if isinstance(plain, list):
        return "<br>".join(code(_flat(member)) for member in plain) or "none"
    return code(str(plain).lower() if isinstance(plain, bool) else plain)


def _flat(member: object) -> object:
    if not isinstance(member, dict):
        return member
    return ", ".join(f"{key} {' '.join(map(str, v)) if isinstance(v, list) else v}" for key, v in member.items())
