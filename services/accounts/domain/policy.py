"""A tariff policy: what a heating company charges and on which terms, as dated data with its legal ground."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache
from typing import Any

from services.accounts.domain.marked_yaml import Place, compose, line_of, mapping, scalar
from services.accounts.domain.policy_checks import contradictions
from services.accounts.domain.policy_entry import Entry
from services.accounts.domain.policy_parameters import NOT_YET_OBEYED, PARAMETERS, PolicyInForce
from services.accounts.domain.policy_reading import (
    ParameterUnknown,
    kind_of,
    read_day,
    read_entries,
    read_line,
    read_zones,
)
from services.accounts.domain.policy_scope import EVERYONE, Scope
from shared.kernel.errors import Refusal

__all__ = ["Entry", "ParameterNotObeyed", "ParameterUnknown", "Policy", "PolicyNotInForce", "read_policy"]


class PolicyNotInForce(Refusal):
    code = "policy_not_in_force"
    remedy = (
        "Use a policy that holds on that day, or let this one begin earlier (valid_from) or end later (valid_until)."
    )


class ParameterNotObeyed(Refusal):
    """Heating companies have this parameter, and nothing here follows it so far."""

    code = "not_supported"
    status = 501
    remedy = "Leave the parameter out; what it would change does not exist yet."


@dataclass(frozen=True, eq=False)
class Policy:
    """A policy pack. Packs of one name and content are equal and have the same ``version``.

    ``document`` is the legal document of the whole pack. Each parameter has one or more entries, in the order
    of their scopes and days; the first is for everyone and begins with the pack (``valid_from``). ``zones`` are
    the supply zones, each with its heat stations.
    """

    name: str
    title: str
    document: str
    valid_from: date
    entries: Mapping[str, tuple[Entry, ...]]
    zones: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
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
            **({"zones": {zone: list(stations) for zone, stations in self.zones.items()}} if self.zones else {}),
            "parameters": {name: [plain_entry(name, entry) for entry in self.entries[name]] for name in PARAMETERS},
        }
        return json.dumps(content, ensure_ascii=False, separators=(",", ":"))

    def scope_of(self, *, price_class: str = "", heat_station: str | None = None, contract: str = "") -> Scope:
        """What of a home decides which values hold for it: what no entry asks about is left empty."""
        zone = self._zone_of_station.get(heat_station or "", "")
        zones, classes, contracts = self._asked
        return Scope(
            zone if zone in zones else "",
            price_class if price_class in classes else "",
            contract if contract in contracts else "",
        )

    def scopes(self) -> Iterator[Scope]:
        """Every scope that `scope_of` can answer, without those of contracts of their own."""
        zones, classes, _ = self._asked
        for zone in ("", *sorted(zones)):
            for price_class in ("", *sorted(classes)):
                yield Scope(zone, price_class)

    @property
    def contracts(self) -> frozenset[str]:
        """Accounts whose contract has values of its own."""
        return self._asked[2]

    def entry(self, parameter: str, day: date, scope: Scope = EVERYONE) -> Entry:
        """The entry of a parameter that holds on that day: the most specific one for the scope."""
        found: Entry | None = None
        for entry in self.entries[parameter]:
            if entry.holds_on(day) and entry.scope.covers(scope) and (not found or entry.scope.rank > found.scope.rank):
                found = entry
        if found is None:
            lasts = f"begins on {self.valid_from}" if day < self.valid_from else f"has no {parameter} any more"
            raise PolicyNotInForce(
                f"the policy {self.name} {lasts}: nothing holds on {day}", policy=self.name, day=day.isoformat()
            )
        return found

    def on(self, day: date, scope: Scope = EVERYONE) -> PolicyInForce:
        """Every value that holds on that day for the homes of the scope; refused before the policy begins."""
        return _in_force(self, day, scope)

    def governing_day(self, season: int) -> date:
        """The first day of the season: the values of that day hold for the whole season.

        ``season`` is its first year; which day is the first is what holds at the end of that year.
        """
        start: date = self.entry("season_start", date(season, 12, 31)).value.in_year(season)
        return start

    def for_season(self, season: int, scope: Scope = EVERYONE) -> PolicyInForce:
        return self.on(self.governing_day(season), scope)

    def with_changes(self, changes: Mapping[str, str], *, ground: str = "set for a trial") -> Policy:
        """The same policy with other values, for all time and all homes: parameter name → its value as YAML text.

        >>> policy.with_changes({"due_date": "10-31", "discount_windows": "none"})

        Refused: another value for a parameter that nothing follows yet.
        """
        entries = dict(self.entries)
        for parameter, text in changes.items():
            place = Place("set", parameter)
            value = kind_of(parameter, place, line=1).read(compose(text, place), place)
            if parameter in NOT_YET_OBEYED and value != self.entries[parameter][0].value:
                raise ParameterNotObeyed(f"{parameter} is not followed yet", file="set", line=1, parameter=parameter)
            entries[parameter] = (Entry(value, self.valid_from, ("assumption", ground)),)
        return _checked(replace(self, entries=entries), "set")

    @cached_property
    def valid_until(self) -> date | None:
        """The first day on which some value for everyone has run out; None: they hold on and on."""
        last = [[entry for entry in of_one if entry.scope == EVERYONE][-1] for of_one in self.entries.values()]
        return min((entry.valid_until for entry in last if entry.valid_until), default=None)

    def beginnings(self) -> list[date]:
        """The days on which a value begins or ends, in order."""
        entries = [entry for of_one in self.entries.values() for entry in of_one]
        return sorted({entry.valid_from for entry in entries} | {e.valid_until for e in entries if e.valid_until})

    @cached_property
    def _zone_of_station(self) -> dict[str, str]:
        return {station: zone for zone, stations in self.zones.items() for station in stations}

    @cached_property
    def _asked(self) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """The zones, price classes and contracts for which some value is."""
        scopes = {entry.scope for of_one in self.entries.values() for entry in of_one}
        zones, classes, contracts = (frozenset(part for part in parts if part) for parts in zip(*scopes, strict=True))
        return zones, classes, contracts


def read_policy(text: str, name: str, *, base: Policy | None = None, complete: bool = True) -> Policy:
    """A pack's YAML text → the policy of that name; ``NAME.yaml`` is the file that refusals speak of.

    What a pack leaves out that says ``based_on`` is taken from ``base``; a text that was recorded earlier need not
    be ``complete`` either: parameters that came later are the base's.

    Refused, with file and line: an unknown, missing or repeated key, a value of the wrong kind or an impossible
    one, days without a value or with two, and values that contradict each other (instalments that are not 100 %,
    windows that overlap, …).
    """
    file = Place(f"{name}.yaml")
    head = mapping(
        compose(text, file),
        file,
        "a table",
        required=("policy", "title", "document", "valid_from", "parameters"),
        allowed=("based_on", "zones"),
    )
    if scalar(head["policy"], file, "a name") != name:
        raise file.refusal(head["policy"], f"the pack in {file.file} is called {name}")
    if "based_on" in head and (base is None or scalar(head["based_on"], file, "a name") != base.name):
        raise file.refusal(head["based_on"], f"a pack is based on {base.name if base else 'nothing'}")
    valid_from = read_day(head["valid_from"], file)
    zones = read_zones(head.get("zones"), file)
    parameters = mapping(head["parameters"], file, "a table of parameters")
    entries = {
        parameter: read_entries(parameter, node, file, valid_from, zones) for parameter, node in parameters.items()
    }
    missing = [parameter for parameter in PARAMETERS if parameter not in entries]
    if base is not None and ("based_on" in head or not complete):
        line = line_of(head["parameters"])
        entries.update({parameter: _inherited(base, parameter, valid_from, line) for parameter in missing})
    elif missing:
        raise file.refusal(line_of(head["parameters"]), f"parameters are missing: {', '.join(missing)}")
    title, document = read_line(head["title"], file), read_line(head["document"], file)
    return _checked(Policy(name, title, document, valid_from, entries, zones), file.file)


def plain_entry(parameter: str, entry: Entry) -> dict[str, Any]:
    """The entry in its written form."""
    word, text = entry.ground
    value = PARAMETERS[parameter].kind.plain(entry.value)
    return {
        "value": "none" if value is None else value,
        "valid_from": entry.valid_from.isoformat(),
        **({"valid_until": entry.valid_until.isoformat()} if entry.valid_until else {}),
        **entry.scope.named(),
        word: text,
    }


def _inherited(base: Policy, parameter: str, valid_from: date, line: int) -> tuple[Entry, ...]:
    """The base's values for everyone, from that day on, as an assumption of this pack; ``line`` is where it lists its
    own.
    """
    entries = [entry for entry in base.entries[parameter] if entry.scope == EVERYONE]
    lasting = [entry for entry in entries if entry.valid_until is None or entry.valid_until > valid_from]
    return tuple(
        replace(
            entry,
            valid_from=max(entry.valid_from, valid_from),
            ground=("assumption", f"as in {base.name}"),
            line=line,
        )
        for entry in lasting
    )


def _checked(policy: Policy, file: str) -> Policy:
    """The policy, unless its values contradict each other on some day, for some homes."""
    scopes = [*policy.scopes(), *(Scope(contract=contract) for contract in sorted(policy.contracts))]
    for day in policy.beginnings():
        if policy.valid_until is not None and day >= policy.valid_until:
            break
        for scope in scopes:
            for parameter, problem in contradictions(policy.on(day, scope)):
                line = policy.entry(parameter, day, scope).line
                raise Place(file, parameter).refusal(line, f"from {day} on, {problem}", "")
    for entry in policy.entries["season_start"][1:]:
        for season in (entry.valid_from.year - 1, entry.valid_from.year):
            first = policy.governing_day(season)
            if first >= policy.valid_from and policy.on(first).season_start.in_year(season) != first:
                raise Place(file, "season_start").refusal(
                    entry.line, "it changes between two seasons, not within one", ""
                )
    for entry in policy.entries["connection_fee_enabled"]:
        if entry.value and (entry.ground[0] != "document" or entry.valid_until is None):
            problem = "a connection fee needs a legal document (document) and a last day (valid_until)"
            raise Place(file, "connection_fee_enabled").refusal(entry.line, problem, "")
    return policy


@lru_cache(maxsize=4096)
def _in_force(policy: Policy, day: date, scope: Scope) -> PolicyInForce:
    return PolicyInForce(**{parameter: policy.entry(parameter, day, scope).value for parameter in PARAMETERS})
