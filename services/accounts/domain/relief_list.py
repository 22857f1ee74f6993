"""A list of people who get relief, as an office sends it, and which home each of them is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from services.accounts.domain.ledger_columns import BLANKS, Table
from services.accounts.domain.ledger_file import LedgerRecord
from services.accounts.domain.ledger_values import Wrong, person_no

NAME, ID_NO, COMPOUND, BUILDING, UNIT, ROOM, PROOF_UNTIL = (
    "姓名", "证件号码", "小区", "楼栋", "单元", "房号", "证明有效期",
)  # fmt: skip
RELIEF_LIST = Table("减免名单", (NAME, ID_NO, COMPOUND, BUILDING, UNIT, ROOM, PROOF_UNTIL), (PROOF_UNTIL,))

MATCHED, AMBIGUOUS, NOT_FOUND, DIFFERENT_NAME, ALREADY_GRANTED, PROOF_EXPIRED, UNREADABLE, HELD = (
    "matched", "ambiguous", "not_found", "different_name", "already_granted", "proof_expired", "unreadable", "held",
)  # fmt: skip
OUTCOMES = (MATCHED, AMBIGUOUS, NOT_FOUND, DIFFERENT_NAME, ALREADY_GRANTED, PROOF_EXPIRED, UNREADABLE, HELD)
"""Held: the home is found, and a lock or another relief of it stands in the way."""

Address = tuple[str, str, str, str]


class ListRow(NamedTuple):
    """``row`` counts records, ``line`` physical lines; what is not said is ``""`` or None."""

    row: int
    line: int
    name: str
    id_no: str
    address: Address
    proof_until: date | None


class Candidate(NamedTuple):
    """A home that may be meant: its present owner, and whether this kind is granted already this season."""

    account_no: str
    name: str
    id_no: str | None
    address: Address
    granted: bool


class Outcome(NamedTuple):
    """What became of a row; ``reason`` in words, ``account_no`` where one home is meant."""

    row: int
    line: int
    outcome: str
    reason: str
    account_no: str | None = None


def read_row(record: LedgerRecord, arranged: Sequence[str] | None) -> ListRow | Outcome:
    """The row, or why it cannot be read. ``arranged`` are its cells in the order of the table, None: too few or many."""
    if arranged is None:
        return Outcome(record.row, record.line, UNREADABLE, "列数与表头不符 · other columns than the headings")
    if record.formulas or record.dates:
        return Outcome(
            record.row, record.line, UNREADABLE, "含公式或日期格式的单元格 · a formula, or a date where none belongs"
        )
    name, id_no, *address, until = (cell.strip(BLANKS) for cell in arranged)
    if not name:
        return Outcome(record.row, record.line, UNREADABLE, "缺姓名 · no name")
    id_no = id_no.upper()
    if id_no and not _is_person(id_no):
        return Outcome(record.row, record.line, UNREADABLE, "身份证号码有误 · the ID number cannot be right")
    try:
        proof_until = date.fromisoformat(until.replace("/", "-")) if until else None
    except ValueError:
        return Outcome(
            record.row, record.line, UNREADABLE, "有效期不是日期（年-月-日） · the end of the proof is no day"
        )
    return ListRow(record.row, record.line, name, id_no, (address[0], address[1], address[2], address[3]), proof_until)


def matched(row: ListRow, by_id: Mapping[str, Sequence[Candidate]], by_address: Mapping[Address, Candidate], *,
            day: date, owner_matched: bool) -> Outcome:  # fmt: skip
    """Which home the row means: that of its ID number, else that of its name and address.

    ``owner_matched``: only the owner himself gets this relief.
    """
    if row.proof_until is not None and row.proof_until < day:
        return _told(row, PROOF_EXPIRED, f"证明已于{row.proof_until}到期 · the proof ended on {row.proof_until}")
    here = by_address.get(row.address)
    homes = by_id.get(row.id_no, ()) if row.id_no else ()
    if len(homes) > 1:
        homes = [home for home in homes if home.address == row.address]
        if len(homes) != 1:
            return _told(
                row,
                AMBIGUOUS,
                "该证件号有多户，地址对不上其中一户 · several homes of this ID number, none at this address",
            )
    if homes:
        return _of_home(row, homes[0], same=_same(row.name, homes[0].name))
    if here is None:
        return _told(row, NOT_FOUND, "查无此证件号，也无此地址 · no home of this ID number or at this address")
    if row.id_no and here.id_no and here.id_no != row.id_no and owner_matched:
        return _told(row, DIFFERENT_NAME, "该户户主证件号不同 · the owner there has another ID number", here)
    return _of_home(row, here, same=_same(row.name, here.name) or not owner_matched)


def _of_home(row: ListRow, home: Candidate, *, same: bool) -> Outcome:
    if not same:
        return _told(row, DIFFERENT_NAME, "户主姓名不同 · the owner has another name", home)
    if home.granted:
        return _told(row, ALREADY_GRANTED, "本季已有此项减免 · granted this season already", home)
    return _told(row, MATCHED, "", home)


def _told(row: ListRow, outcome: str, reason: str, home: Candidate | None = None) -> Outcome:
    return Outcome(row.row, row.line, outcome, reason, home.account_no if home else None)


def _same(one: str, other: str) -> bool:
    return "".join(one.split()) == "".join(other.split())


def _is_person(text: str) -> bool:
    try:
        person_no(text)
    except Wrong:
        return False
    return True
