"""Rows of one ledger that contradict each other: the same account number, the same flat. All of them are
refused.

A row takes part with what its own cells say, whether or not it is refused for something else: a sound row
beside a broken one of the same number is not known to be the right one. A number takes part when it is one
(ten digits), a flat when compound, building and room are there. Records with too many or too few fields take
no part, because nobody knows which of their fields is which.

The index keeps no row, only 128-bit BLAKE2b digests, about 70 bytes for each row. Two different keys of
a million rows share a digest with a chance below 10⁻²⁶.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from typing import Final

from services.accounts.domain.ledger_columns import (
    ACCOUNT_NO,
    BUILDING,
    COMPOUND,
    HEADINGS,
    ID_NO,
    NAME,
    ROOM,
    UNIT,
    Cells,
)
from services.accounts.domain.ledger_normal import code, trimmed
from services.accounts.domain.ledger_report import Fault

WITH_ROWS_MAX = 20
_DIGEST_BYTES = 16
_SHARES = 16
_NONE: Final = 0xFFFFFFFF
_FLAT_REASONS = ("", "duplicate_flat", "two_owners_one_flat")


@dataclass(frozen=True, slots=True)
class Conflict:
    """A conflict that one row takes part in; ``column`` is a place in ``HEADINGS``."""

    reason: str
    column: int
    with_rows: tuple[int, ...]

    def fault(self, cells: Cells, *, row: int, line: int) -> Fault:
        """The refusal of that row, ``cells`` being its own as written."""
        return Fault(
            row, line, HEADINGS[self.column], cells[self.column], self.reason,
            account_no=cells[ACCOUNT_NO], with_rows=self.with_rows,
        )  # fmt: skip


class ConflictIndex:
    """Filled with every row of the file, then closed and asked about each."""

    def __init__(self) -> None:
        self._rows = array("I")
        self._account_nos, self._flats, self._owners = _Keys(), _Keys(), _Keys()

    def add(self, cells: Cells, *, row: int) -> None:
        """A row by its cells as written, arranged as ``HEADINGS``. Rows are added in ascending order."""
        account_no = code(cells[ACCOUNT_NO])
        is_number = len(account_no) == 10 and account_no.isascii() and account_no.isdigit()
        flat = (trimmed(cells[COMPOUND]), code(cells[BUILDING]), code(cells[UNIT]), code(cells[ROOM]))
        is_flat = flat[0] and flat[1] and flat[3]
        self._append(row, account_no if is_number else "", "\x1f".join(flat) if is_flat else "", _owner(cells))

    def add_unreadable(self, *, row: int) -> None:
        """A record whose fields cannot be told apart: it has its place here and takes no part."""
        self._append(row, "", "", "")

    def _append(self, row: int, account_no: str, flat: str, owner: str) -> None:
        own = f"row\x1f{row}"  # agrees with no other row
        self._rows.append(row)
        self._account_nos.append(account_no or own)
        self._flats.append(flat or own)
        self._owners.append(owner)

    def closed(self) -> Conflicts:
        """What is known once the whole file was seen."""
        account_nos, flats = self._account_nos.groups(), self._flats.groups()
        flat_reasons = bytearray(len(self._rows))
        for start in flats.starts():
            members = flats.members(start)
            if self._account_nos.differ(members):
                owners_differ = self._owners.differ(members)
                flat_reasons[start] = _FLAT_REASONS.index("two_owners_one_flat" if owners_differ else "duplicate_flat")
        return Conflicts(self._rows, account_nos, flats, flat_reasons)


class Conflicts:
    """The conflicts of every row of a file, asked in the order in which the rows were added."""

    def __init__(self, rows: array[int], account_nos: _Groups, flats: _Groups, flat_reasons: bytearray) -> None:
        self._rows, self._account_nos, self._flats = rows, account_nos, flats
        self._flat_reasons = flat_reasons  # by where a group starts, a place in _FLAT_REASONS

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, position: int) -> int:
        """The number of the row that was added as the ``position``-th, from 0."""
        return self._rows[position]

    def of(self, position: int) -> tuple[Conflict, ...]:
        """The conflicts of that row. The same flat is told only where the account numbers differ."""
        found = []
        if self._account_nos.start_of(position) != _NONE:
            others = self._others(self._account_nos, position)
            found.append(Conflict("duplicate_account_no", ACCOUNT_NO, others))
        start = self._flats.start_of(position)
        if start != _NONE and (reason := _FLAT_REASONS[self._flat_reasons[start]]):
            found.append(Conflict(reason, ROOM, self._others(self._flats, position)))
        return tuple(found)

    def _others(self, groups: _Groups, position: int) -> tuple[int, ...]:
        first = groups.members(groups.start_of(position), at_most=WITH_ROWS_MAX + 1)
        return tuple(self._rows[member] for member in first if member != position)[:WITH_ROWS_MAX]


class _Keys:
    """One digest for each row, in the order of the rows."""

    def __init__(self) -> None:
        self._digests = bytearray()

    def append(self, key: str) -> None:
        self._digests += blake2b(key.encode("utf-8", "surrogatepass"), digest_size=_DIGEST_BYTES).digest()

    def at(self, position: int) -> bytes:
        return bytes(self._digests[position * _DIGEST_BYTES : (position + 1) * _DIGEST_BYTES])

    def differ(self, positions: Sequence[int]) -> bool:
        first = self.at(positions[0])
        return any(self.at(position) != first for position in positions)

    def groups(self) -> _Groups:
        """Sorted share by share, so that only a sixteenth of the keys is unpacked at a time."""
        order, shares = array("I"), self._digests[::_DIGEST_BYTES]
        for share in range(_SHARES):
            positions = [position for position, byte in enumerate(shares) if byte % _SHARES == share]
            order.extend(sorted(positions, key=self.at))  # stable: rows of one key stay in ascending order
        return _Groups(self, order)


class _Groups:
    """Rows that share a key stand side by side in ``order``; a group is known by where it starts there."""

    def __init__(self, keys: _Keys, order: array[int]) -> None:
        self._order = order
        self._starts = array("I", [_NONE]) * len(order)  # by row; rows that are alone have none
        start = 0
        for place, (here, there) in enumerate(pairwise(order), 1):
            if keys.at(here) != keys.at(there):
                start = place
            else:
                self._starts[here] = self._starts[there] = start

    def start_of(self, position: int) -> int:
        return self._starts[position]

    def starts(self) -> Iterator[int]:
        return (place for place, position in enumerate(self._order) if self._starts[position] == place)

    def members(self, start: int, *, at_most: int | None = None) -> Sequence[int]:
        stop = len(self._order) if at_most is None else min(len(self._order), start + at_most)
        end = start
        while end < stop and self._starts[self._order[end]] == start:
            end += 1
        return self._order[start:end]


def _owner(cells: Cells) -> str:
    """Who a person is is told by the number of the document; by the name where there is none."""
    return code(cells[ID_NO]).upper() or trimmed(cells[NAME])
