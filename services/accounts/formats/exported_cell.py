"""A cell of an export as people write it, whatever file it stands in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, BinaryIO, Protocol

from services.accounts import formats
from services.accounts.domain.cell_kinds import AMOUNT, DAY, FLAG, INSTANT, NUMBER, SEASON
from shared.kernel.clock import CHINA
from shared.kernel.money import format_yuan
from shared.kernel.registry import declarations
from shared.kernel.season import season_label


class Heading(Protocol):
    """A column: its title, and what its cells hold (`domain/cell_kinds.py`)."""

    @property
    def title(self) -> str: ...
    @property
    def kind(self) -> str: ...


class Sheet(Protocol):
    """An open file: rows are added, in the order of the headings, and it is whole once it is closed."""

    def add(self, rows: list[tuple[Any, ...]]) -> None: ...
    def close(self) -> None: ...


class MakeSheet(Protocol):
    def __call__(self, file: BinaryIO, headings: tuple[Heading, ...], *, title: str) -> Sheet: ...


@dataclass(frozen=True)
class ExportFormat:
    """``open`` writes headings at once; its file is given, and stays the caller's to close."""

    name: str
    media_type: str
    open: MakeSheet


@cache
def export_formats() -> dict[str, ExportFormat]:
    """Every format that a list can be written in, by its name."""
    return {found.name: found for found in declarations(formats, attribute="EXPORT_FORMAT").values()}


def written(kind: str, value: Any) -> str:
    """``written("amount", 233038)`` → ``"2330.38"``; an instant is told in the company's own time, None is empty."""
    if value is None:
        return ""
    if kind == AMOUNT:
        return format_yuan(value)
    if kind == SEASON:
        return season_label(value)
    if kind == DAY:
        return str(value.isoformat())
    if kind == INSTANT:
        return str(value.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S"))
    if kind == FLAG:
        return "是" if value else "否"
    return format(value, "f") if kind == NUMBER else str(value)
