"""A tariff policy: what a heating company charges and on which terms, as dated data with its legal ground."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import Any

from yaml.nodes import Node, SequenceNode

from services.accounts.domain.marked_yaml import Place, compose, line_of, mapping, scalar
from services.accounts.domain.policy_checks import contradictions
from services.accounts.domain.policy_parameters import NOT_YET_OBEYED, PARAMETERS, PolicyInForce
from services.accounts.domain.policy_values import Kind
from shared.kernel.errors import InvalidInput, Refusal

GROUNDS = ("document", "source", "assumption")
"""Why a value is what it is: a legal document, what is known of a city, or our own choice."""


class PolicyNotInForce(Refusal):
    code = "policy_not_in_force"
    remedy = "Use a policy that holds on that day, or let this one begin earlier (valid_from)."


class ParameterUnknown(InvalidInput):
    code = "parameter_unknown"
    remedy = "Correct the name of the parameter; services/accounts/policies/default.yaml lists them all."


class ParameterNotObeyed(Refusal):
    """Heating companies have this parameter, and nothing here follows it so far."""

    code = "not_supported"
    status = 501
    remedy = "Leave the parameter out; what it would change does not exist yet."


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a parameter, from ``valid_from`` until the next entry begins.

    ``ground`` is ``(document | source | assumption, its text)``; ``line`` is where the entry was read.
    """

    value: Any
    valid_from: date
    ground: tuple[str, str]
    line: int = field(default=1, compare=False)


@dataclass(frozen=True, eq=False)
class Policy:
    """A policy pack. Packs of one name and content are equal and have the same ``version``.

    ``document`` is the legal document of the whole pack. Each parameter has one or more entries, in the order
    in which they begin; the first begins with the pack (``valid_from``).
    """

    name: str
    title: str
    document: str
    valid_from: date
    entries: Mapping[str, tuple[Entry, ...]]
    version: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "version", hashlib.sha256(self.canonical().encode()).hexdigest()[:12])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Policy) and (self.name, self.version) == (other.name, other.version)

    def __hash__(self) -> int:
        return hash((self.name, self.version))

    @property
    def reference(self) -> str:
        """Name, version and legal document in one line: what a bill and its terms name."""
        return f"{self.name} {self.version} · {self.document}"

    def canonical(self) -> str:
        """The one text of this content: JSON, which `read_policy` reads back to an equal policy."""
        content = {
            "policy": self.name,
            "title": self.title,
            "document": self.document,
            "valid_from": self.valid_from.isoformat(),
            "parameters": {name: [_plain(name, entry) for entry in self.entries[name]] for name in PARAMETERS},
        }
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"))

    def entry(self, parameter: str, day: date) -> Entry:
        """The entry of a parameter that holds on that day."""
        for entry in reversed(self.entries[parameter]):
            if entry.valid_from <= day:
                return entry
        raise PolicyNotInForce(
            f"the policy {self.name} begins on {self.valid_from}, after {day}",
            policy=self.name,
            day=day.isoformat(),
        )

    def on(self, day: date) -> PolicyInForce:
        """Every value that holds on that day; refused before the policy begins."""
        return _in_force(self, day)

    def governing_day(self, season: int) -> date:
        """The first day of the season: the values of that day hold for the whole season.

        ``season`` is its first year; which day is the first is what holds at the end of that year.
        """
        start: date = self.entry("season_start", date(season, 12, 31)).value.in_year(season)
        return start

    def for_season(self, season: int) -> PolicyInForce:
        return self.on(self.governing_day(season))

    def with_changes(self, changes: Mapping[str, str], *, ground: str = "set for a trial") -> Policy:
        """The same policy with other values, for all time: parameter name → its value as YAML text.

        >>> policy.with_changes({"due_date": "10-31", "discount_windows": "none"})

        Refused: another value for a parameter that nothing follows yet.
        """
        entries = dict(self.entries)
        for parameter, text in changes.items():
            place = Place("set", parameter)
            value = _kind(parameter, place, line=1).read(compose(text, place), place)
            if parameter in NOT_YET_OBEYED and value != self.entries[parameter][-1].value:
                raise ParameterNotObeyed(f"{parameter} is not followed yet", file="set", line=1, parameter=parameter)
            entries[parameter] = (Entry(value, self.valid_from, ("assumption", ground)),)
        return _checked(replace(self, entries=entries), "set")


def read_policy(text: str, name: str) -> Policy:
    """A pack's YAML text → the policy of that name; ``NAME.yaml`` is the file that refusals speak of.

    Refused, with file and line: an unknown, missing or repeated key, a value of the wrong kind or an impossible
    one, and values that contradict each other (instalments that are not 100 %, windows that overlap, …).
    """
    file = Place(f"{name}.yaml")
    head = mapping(
        compose(text, file),
        file,
        "a table",
        required=("policy", "title", "document", "valid_from", "parameters"),
        allowed=(),
    )
    if scalar(head["policy"], file, "a name") != name:
        raise file.refusal(head["policy"], f"the pack in {file.file} is called {name}")
    valid_from = _day(head["valid_from"], file)
    parameters = mapping(head["parameters"], file, "a table of parameters")
    entries = {parameter: _entries(parameter, node, file, valid_from) for parameter, node in parameters.items()}
    missing = [parameter for parameter in PARAMETERS if parameter not in entries]
    if missing:
        raise file.refusal(line_of(head["parameters"]), f"parameters are missing: {', '.join(missing)}")
    title, document = _line(head["title"], file), _line(head["document"], file)
    return _checked(Policy(name, title, document, valid_from, entries), file.file)


def _entries(parameter: str, node: Node, file: Place, pack_from: date) -> tuple[Entry, ...]:
    place = Place(file.file, parameter)
    kind = _kind(parameter, file, line_of(node))
    nodes = node.value if isinstance(node, SequenceNode) else [node]
    entries = [_entry(item, kind, place, pack_from) for item in nodes]
    if not entries or entries[0].valid_from != pack_from:
        raise place.refusal(node, f"the first value holds from {pack_from}, the beginning of the pack", "")
    for earlier, later in pairwise(entries):
        if later.valid_from <= earlier.valid_from:
            raise place.refusal(later.line, "each value begins after the one before", later.valid_from)
    return tuple(entries)


def _entry(node: Node, kind: Kind[Any], place: Place, pack_from: date) -> Entry:
    cells = mapping(node, place, "a table", required=("value",), allowed=("valid_from", *GROUNDS))
    grounds = [word for word in GROUNDS if word in cells]
    if len(grounds) != 1:
        raise place.refusal(node, f"one of {', '.join(GROUNDS)} says why the value is what it is", "")
    return Entry(
        value=kind.read(cells["value"], place),
        valid_from=_day(cells["valid_from"], place) if "valid_from" in cells else pack_from,
        ground=(grounds[0], _line(cells[grounds[0]], place)),
        line=line_of(cells["value"]),
    )


def _kind(parameter: str, place: Place, line: int) -> Kind[Any]:
    facts = {"file": place.file, "line": line, "parameter": parameter}
    if parameter not in PARAMETERS:
        raise ParameterUnknown(f"{place.file}, line {line}: there is no parameter {parameter}", **facts)
    return PARAMETERS[parameter].kind


def _checked(policy: Policy, file: str) -> Policy:
    """The policy, unless its values contradict each other on some day."""
    beginnings = {entry.valid_from for entries in policy.entries.values() for entry in entries}
    for day in sorted(beginnings):
        for parameter, problem in contradictions(policy.on(day)):
            raise Place(file, parameter).refusal(policy.entry(parameter, day).line, f"from {day} on, {problem}", "")
    for entry in policy.entries["season_start"][1:]:
        for season in (entry.valid_from.year - 1, entry.valid_from.year):
            first = policy.governing_day(season)
            if first >= policy.valid_from and policy.on(first).season_start.in_year(season) != first:
                raise Place(file, "season_start").refusal(
                    entry.line, "it changes between two seasons, not within one", ""
                )
    return policy


def _day(node: Node, place: Place) -> date:
    text = scalar(node, place, "a date as YYYY-MM-DD")
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
        with contextlib.suppress(ValueError):
            return date.fromisoformat(text)
    raise place.refusal(node, "a date as YYYY-MM-DD")


def _line(node: Node, place: Place) -> str:
    text = scalar(node, place, "one line of text")
    if not text.strip() or "\n" in text or len(text) > 300:
        raise place.refusal(node, "one line of text, at most 300 characters")
    return text


def _plain(parameter: str, entry: Entry) -> dict[str, Any]:
    word, text = entry.ground
    value = PARAMETERS[parameter].kind.plain(entry.value)
    return {
        "value": "none" if value is None else value,
        "valid_from": entry.valid_from.isoformat(),
        word: text,
    }


@lru_cache(maxsize=256)
def _in_force(policy: Policy, day: date) -> PolicyInForce:
    return PolicyInForce(**{parameter: policy.entry(parameter, day).value for parameter in PARAMETERS})
