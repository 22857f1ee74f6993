"""The entries of a policy's parameters, read without guessing: what is unknown, twice, too early or too late is refused.

One parameter is one entry or a list of entries:

    price_residential:
      - {value: 24.00, document: "…"}
      - {value: 25.50, valid_from: 2027-11-01, document: "…"}
      - {value: 30.00, zone: boiler, document: "…"}
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any

from yaml.nodes import Node, ScalarNode, SequenceNode

from services.accounts.domain.marked_yaml import Place, line_of, mapping, scalar, sequence
from services.accounts.domain.policy_entry import GROUNDS, Entry
from services.accounts.domain.policy_parameters import COMPANY_WIDE, PARAMETERS
from services.accounts.domain.policy_scope import EVERYONE, Scope
from services.accounts.domain.policy_values import Kind
from services.accounts.domain.price_class import PRICE_CLASSES
from shared.kernel.errors import InvalidInput

ZONE = re.compile(r"\S(?:.{0,38}\S)?")
_CONTRACT = re.compile(r"[0-9]{10}", re.ASCII)


class ParameterUnknown(InvalidInput):
    code = "parameter_unknown"
    remedy = "Correct the name of the parameter; services/accounts/policies/default.yaml lists them all."


def kind_of(parameter: str, place: Place, line: int) -> Kind[Any]:
    if parameter not in PARAMETERS:
        raise ParameterUnknown(
            f"{place.file}, line {line}: there is no parameter {parameter}",
            file=place.file,
            line=line,
            parameter=parameter,
        )
    return PARAMETERS[parameter].kind


def read_zones(node: Node | None, file: Place) -> dict[str, tuple[str, ...]]:
    """Supply zones: the name of each with the heat stations that it is made of; a station is in one zone."""
    zones: dict[str, tuple[str, ...]] = {}
    if node is None or (isinstance(node, ScalarNode) and not node.value):
        return zones
    taken: set[str] = set()
    for zone, stations_node in mapping(node, file, "a table of supply zones").items():
        if not ZONE.fullmatch(zone):
            raise file.refusal(stations_node, "the name of a zone has 1 to 40 characters", zone)
        stations = [
            (item, read_line(item, file))
            for item in sequence(stations_node, file, "a list of the zone's heat stations")
        ]
        for item, station in stations:
            if station in taken:
                raise file.refusal(item, "each heat station belongs to one zone, and stands there once", station)
            taken.add(station)
        zones[zone] = tuple(station for _, station in stations)
    return zones


def read_entries(
    parameter: str, node: Node, file: Place, pack_from: date, zones: Mapping[str, Any]
) -> tuple[Entry, ...]:
    """The entries in the order of their scopes and days.

    Refused: values for everyone that leave a day out or overlap, values of one scope that overlap.
    """
    place = Place(file.file, parameter)
    kind = kind_of(parameter, file, line_of(node))
    nodes = node.value if isinstance(node, SequenceNode) else [node]
    scopes: dict[Scope, list[Entry]] = {EVERYONE: []}
    for item in nodes:
        entry = _entry(item, kind, place, pack_from, zones)
        scopes.setdefault(entry.scope, []).append(entry)
    general = scopes[EVERYONE]
    if not general or general[0].valid_from != pack_from:
        raise place.refusal(node, f"the first value holds from {pack_from}, the beginning of the pack", "")
    for entries in scopes.values():
        for earlier, later in pairwise(entries):
            _follows(earlier, later, place)
    return tuple(_ended(entries, at) for entries in scopes.values() for at in range(len(entries)))


def read_day(node: Node, place: Place) -> date:
    text = scalar(node, place, "a date as YYYY-MM-DD")
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
        with contextlib.suppress(ValueError):
            return date.fromisoformat(text)
    raise place.refusal(node, "a date as YYYY-MM-DD")


def read_line(node: Node, place: Place) -> str:
    text = scalar(node, place, "one line of text")
    if not text.strip() or "\n" in text or len(text) > 300:
        raise place.refusal(node, "one line of text, at most 300 characters")
    return text


def _follows(earlier: Entry, later: Entry, place: Place) -> None:
    if later.valid_from <= earlier.valid_from:
        raise place.refusal(later.line, "each value begins after the one before", later.valid_from)
    if earlier.valid_until is not None and earlier.valid_until > later.valid_from:
        raise place.refusal(later.line, f"two values hold from {later.valid_from} to {earlier.valid_until}", "")
    if earlier.valid_until is not None and earlier.valid_until < later.valid_from and later.scope == EVERYONE:
        raise place.refusal(later.line, f"no value holds from {earlier.valid_until} to {later.valid_from}", "")


def _ended(entries: list[Entry], at: int) -> Entry:
    """The entry with its last day known: where no end is written it is the beginning of the next."""
    entry = entries[at]
    if entry.valid_until is not None or at + 1 == len(entries):
        return entry
    return Entry(entry.value, entry.valid_from, entry.ground, entries[at + 1].valid_from, entry.scope, entry.line)


def _entry(node: Node, kind: Kind[Any], place: Place, pack_from: date, zones: Mapping[str, Any]) -> Entry:
    allowed = ("valid_from", "valid_until", *Scope._fields, *GROUNDS)
    cells = mapping(node, place, "a table", required=("value",), allowed=allowed)
    grounds = [word for word in GROUNDS if word in cells]
    if len(grounds) != 1:
        raise place.refusal(node, f"one of {', '.join(GROUNDS)} says why the value is what it is", "")
    valid_from = read_day(cells["valid_from"], place) if "valid_from" in cells else pack_from
    valid_until = read_day(cells["valid_until"], place) if "valid_until" in cells else None
    if valid_from < pack_from:
        raise place.refusal(cells["valid_from"], f"nothing holds before {pack_from}, the beginning of the pack")
    if valid_until is not None and valid_until <= valid_from:
        raise place.refusal(cells["valid_until"], f"the first day without the value comes after {valid_from}")
    return Entry(
        value=kind.read(cells["value"], place),
        valid_from=valid_from,
        ground=(grounds[0], read_line(cells[grounds[0]], place)),
        valid_until=valid_until,
        scope=_scope(cells, place, zones),
        line=line_of(cells["value"]),
    )


def _scope(cells: Mapping[str, Node], place: Place, zones: Mapping[str, Any]) -> Scope:
    parts = {key: scalar(cells[key], place, "one word") for key in Scope._fields if key in cells}
    if parts and place.parameter in COMPANY_WIDE:
        raise place.refusal(cells[next(iter(parts))], "this parameter is the same for the whole company", "")
    if parts.get("zone", "") not in ("", *zones):
        raise place.refusal(cells["zone"], f"zones of this pack are {', '.join(zones) or 'none'} (see its head)")
    if parts.get("price_class", "") not in ("", *PRICE_CLASSES):
        raise place.refusal(cells["price_class"], f"one of {', '.join(PRICE_CLASSES)}")
    if "contract" in parts and not _CONTRACT.fullmatch(parts["contract"]):
        raise place.refusal(cells["contract"], "the number of the account, ten digits")
    return Scope(**parts)
