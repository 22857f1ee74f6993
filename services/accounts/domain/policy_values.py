"""The kinds of value that a policy parameter can have: how each is read, what is impossible, how it is written.

A kind reads a marked YAML node and writes the value back as plain data, in one form only: ``26.0`` and
``26.00`` are one price and give one policy version.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from yaml.nodes import Node, ScalarNode, SequenceNode

from services.accounts.domain.marked_yaml import Place, mapping, scalar, sequence
from services.accounts.domain.month_day import MonthDay, parse_month_day
from services.accounts.domain.price_class import PRICE_CLASSES

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

CHANNELS = ("ALL", "ONLINE", "cash", "pos", "wechat", "alipay", "transfer", "bank")
"""Where a discount may be earned; ONLINE is WeChat and Alipay."""

HEAT_UNITS = ("kWh", "GJ")

_DECIMAL = re.compile(r"(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,9})?", re.ASCII)
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NOTHING = ("none", "null", "~", "")


def plain_number(value: Decimal) -> str:
    """The one written form: 26.00 → ``26``, 100 → ``100``."""
    return f"{value.normalize():f}"


def _says_nothing(node: Node) -> bool:
    if isinstance(node, SequenceNode):
        return not node.value
    return isinstance(node, ScalarNode) and node.value.lower() in _NOTHING


class Kind(Protocol[T_co]):
    def read(self, node: Node, place: Place) -> T_co: ...

    def plain(self, value: Any) -> Any:
        """The one written form of a value: text, lists and tables of text, bool or None."""
        ...


@dataclass(frozen=True)
class Number:
    """An exact decimal: at least ``least`` (or above ``above``), at most ``most``, at most ``decimals`` places."""

    most: str
    decimals: int
    least: str = "0"
    above: str | None = None

    def read(self, node: Node, place: Place) -> Decimal:
        text = scalar(node, place, self._expected())
        if not _DECIMAL.fullmatch(text) or len(text.partition(".")[2].rstrip("0")) > self.decimals:
            raise place.refusal(node, self._expected())
        value = Decimal(text)
        if not Decimal(self.least) <= value <= Decimal(self.most) or (self.above and value <= Decimal(self.above)):
            raise place.refusal(node, self._expected())
        return value

    def plain(self, value: Decimal) -> str:
        return plain_number(value)

    def _expected(self) -> str:
        lowest = f"more than {self.above}" if self.above else f"at least {self.least}"
        return f"a number, {lowest}, at most {self.most}, with at most {self.decimals} decimals"


@dataclass(frozen=True)
class Whole:
    """A whole number; both bounds are possible values."""

    least: int
    most: int

    def read(self, node: Node, place: Place) -> int:
        expected = f"a whole number from {self.least} to {self.most}"
        text = scalar(node, place, expected)
        if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) or not self.least <= int(text) <= self.most:
            raise place.refusal(node, expected)
        return int(text)

    def plain(self, value: int) -> int:
        return value


class DayCount(NamedTuple):
    """So many days: working days, or all of them."""

    days: int
    working: bool


@dataclass(frozen=True)
class DaysOf:
    """A number of days, as ``10``, or of working days, as ``5 working``; ``most`` is a possible value."""

    most: int

    def read(self, node: Node, place: Place) -> DayCount:
        expected = f"a number of days from 0 to {self.most}, as 10, or 5 working"
        match = re.fullmatch(r"([0-9]{1,9})( working)?", scalar(node, place, expected), re.ASCII)
        if match is None or int(match[1]) > self.most:
            raise place.refusal(node, expected)
        return DayCount(int(match[1]), working=match[2] is not None)

    def plain(self, value: DayCount) -> str:
        return f"{value.days} working" if value.working else str(value.days)


@dataclass(frozen=True)
class Word:
    """One of the words; ``short`` are other spellings of some of them."""

    choices: tuple[str, ...]
    short: tuple[tuple[str, str], ...] = ()

    def read(self, node: Node, place: Place) -> str:
        expected = f"one of {', '.join(self.choices)}"
        text = scalar(node, place, expected)
        text = dict(self.short).get(text, text)
        if text not in self.choices:
            raise place.refusal(node, expected)
        return text

    def plain(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class Flag:
    def read(self, node: Node, place: Place) -> bool:
        text = scalar(node, place, "true or false").lower()
        if text not in _FLAGS:
            raise place.refusal(node, "true or false")
        return _FLAGS[text]

    def plain(self, value: bool) -> bool:
        return value


@dataclass(frozen=True)
class Line:
    """Free text of one form: a name, a code, a remark."""

    form: str

    def read(self, node: Node, place: Place) -> str:
        expected = f"text of the form {self.form}"
        text = scalar(node, place, expected)
        if not re.fullmatch(self.form, text):
            raise place.refusal(node, expected)
        return text

    def plain(self, value: str) -> str:
        return value


@dataclass(frozen=True)
class YearDay:
    def read(self, node: Node, place: Place) -> MonthDay:
        expected = "a day of the year as MM-DD"
        day = parse_month_day(scalar(node, place, expected))
        if day is None:
            raise place.refusal(node, expected)
        return day

    def plain(self, value: MonthDay) -> str:
        return str(value)


@dataclass(frozen=True)
class OrNone(Generic[T]):
    """Another kind, or ``none``: the rule does not apply."""

    kind: Kind[T]

    def read(self, node: Node, place: Place) -> T | None:
        if isinstance(node, ScalarNode) and _says_nothing(node):
            return None
        return self.kind.read(node, place)

    def plain(self, value: T | None) -> Any:
        return None if value is None else self.kind.plain(value)


@dataclass(frozen=True)
class OrWord(Generic[T]):
    """Another kind, or one word that has a meaning of its own."""

    word: str
    kind: Kind[T]

    def read(self, node: Node, place: Place) -> T | str:
        if isinstance(node, ScalarNode) and node.value == self.word:
            return self.word
        return self.kind.read(node, place)

    def plain(self, value: Any) -> Any:
        return value if value == self.word else self.kind.plain(value)


class UnitPrice(NamedTuple):
    """``yuan`` for one ``unit`` of heat: kWh or GJ."""

    yuan: Decimal
    unit: str


@dataclass(frozen=True)
class PricePerUnit:
    """A price that carries its unit: ``0.13/kWh``, ``42.55/GJ``."""

    def read(self, node: Node, place: Place) -> UnitPrice:
        expected = "a price with its unit, as 0.13/kWh or 42.55/GJ, more than 0, with at most 6 decimals"
        text = scalar(node, place, expected)
        number, _, unit = text.partition("/")
        if unit not in HEAT_UNITS or not _DECIMAL.fullmatch(number) or len(number.partition(".")[2]) > 6:
            raise place.refusal(node, expected)
        if not 0 < Decimal(number) <= 10000:
            raise place.refusal(node, expected)
        return UnitPrice(Decimal(number), unit)

    def plain(self, value: UnitPrice) -> str:
        return f"{plain_number(value.yuan)}/{value.unit}"


class Hours(NamedTuple):
    """Hours of the day; ``until_hour`` is excluded."""

    from_hour: int
    until_hour: int


@dataclass(frozen=True)
class HourRange:
    """Hours of the day as ``10-14``; the last is excluded."""

    def read(self, node: Node, place: Place) -> Hours:
        expected = "hours of the day, as 10-14"
        match = re.fullmatch(r"([0-9]{1,2})-([0-9]{1,2})", scalar(node, place, expected), re.ASCII)
        if match is None or not int(match[1]) < int(match[2]) <= 24:
            raise place.refusal(node, expected)
        return Hours(int(match[1]), int(match[2]))

    def plain(self, value: Hours) -> str:
        return f"{value.from_hour}-{value.until_hour}"


@dataclass(frozen=True)
class Words:
    """A set of words, kept in the order of ``choices``; one word alone is a set too. Case does not matter.

    Under ``may_be_empty`` ``none`` and an empty list are the set of nothing.
    """

    choices: tuple[str, ...]
    may_be_empty: bool = False

    def read(self, node: Node, place: Place) -> tuple[str, ...]:
        expected = f"a list of some of {', '.join(self.choices)}"
        if self.may_be_empty and _says_nothing(node):
            return ()
        known = {choice.lower(): choice for choice in self.choices}
        items = [node] if isinstance(node, ScalarNode) else sequence(node, place, expected)
        found = []
        for item in items:
            word = known.get(scalar(item, place, expected).lower())
            if word is None or word in found:
                raise place.refusal(item, f"{expected}, each once")
            found.append(word)
        if not found or ("ALL" in found and len(found) > 1):
            raise place.refusal(node, f"{expected}; ALL stands alone")
        return tuple(choice for choice in self.choices if choice in found)

    def plain(self, value: tuple[str, ...]) -> list[str]:
        return list(value)


@dataclass(frozen=True)
class Rows(Generic[T]):
    """A list of rows with named columns. ``none`` or an empty list means that there are no rows."""

    columns: dict[str, Kind[Any]]
    defaults: dict[str, Any]
    build: Callable[..., T]

    def read(self, node: Node, place: Place) -> tuple[T, ...]:
        expected = f"a list of rows with {', '.join(self.columns)}"
        if _says_nothing(node):
            return ()
        return tuple(self._row(row, place, expected) for row in sequence(node, place, expected))

    def plain(self, value: tuple[Any, ...]) -> list[dict[str, Any]]:
        return [
            {name: kind.plain(cell) for (name, kind), cell in zip(self.columns.items(), row, strict=True)}
            for row in value
        ]

    def _row(self, node: Node, place: Place, expected: str) -> T:
        required = tuple(name for name in self.columns if name not in self.defaults)
        cells = mapping(node, place, expected, required=required, allowed=tuple(self.defaults))
        return self.build(
            *(
                kind.read(cells[name], place) if name in cells else self.defaults[name]
                for name, kind in self.columns.items()
            )
        )


@dataclass(frozen=True)
class ByPriceClass:
    """A word for each class of use; every known class must have one."""

    choices: tuple[str, ...]

    def read(self, node: Node, place: Place) -> dict[str, str]:
        expected = f"a table of {', '.join(PRICE_CLASSES)}"
        cells = mapping(node, place, expected, required=tuple(PRICE_CLASSES), allowed=())
        return {name: Word(self.choices).read(cells[name], place) for name in PRICE_CLASSES}

    def plain(self, value: dict[str, str]) -> dict[str, str]:
        return dict(value)


@dataclass(frozen=True)
class NumberByName:
    """A number for each of the names; every one must have its own."""

    names: tuple[str, ...]
    number: Number

    def read(self, node: Node, place: Place) -> dict[str, Decimal]:
        cells = mapping(node, place, f"a table of {', '.join(self.names)}", required=self.names, allowed=())
        return {name: self.number.read(cells[name], place) for name in self.names}

    def plain(self, value: dict[str, Decimal]) -> dict[str, str]:
        return {name: self.number.plain(number) for name, number in value.items()}
