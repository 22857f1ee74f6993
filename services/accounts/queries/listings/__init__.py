"""What can be listed and exported: one declaration a module, found by its ``LISTING``.

Its file gives the list a route of its own (`GET /refund-entitlements` of ``refund_entitlements``), a resource of
`POST /exports`, and a line in the page of variants. SQL of a declaration may name ``%(today)s``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import NamedTuple

from services.accounts.domain.cell_kinds import AMOUNT as AMOUNT
from services.accounts.domain.cell_kinds import DAY as DAY
from services.accounts.domain.cell_kinds import FLAG as FLAG
from services.accounts.domain.cell_kinds import INSTANT as INSTANT
from services.accounts.domain.cell_kinds import NUMBER as NUMBER
from services.accounts.domain.cell_kinds import SEASON as SEASON
from services.accounts.domain.cell_kinds import TEXT as TEXT
from services.accounts.domain.cell_kinds import WHOLE as WHOLE
from shared.kernel.registry import declarations, declared

WORD, EXACT, PREFIX, ACCOUNT_NO, SEASON_OF, DAY_OF = ("word", "exact", "prefix", "account_no", "season", "day")
"""Kinds of filters: a word of a known form, text as it is, the beginning of a text, and the fields of that name."""


class Column(NamedTuple):
    """``mask`` is what the value becomes before anybody sees it."""

    name: str
    title: str
    sql: str
    kind: str = TEXT
    mask: Callable[[str | None], str | None] | None = None


class Key(NamedTuple):
    """A part of what the rows are ordered by; all parts together are unique and never change."""

    sql: str
    type: str


class Filter(NamedTuple):
    """``sql`` names its value ``%(filter)s``; ``by_value`` has another for some. It ``needs`` others, and ``roles``."""

    sql: str
    kind: str = EXACT
    choices: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    by_value: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Listing:
    """``source`` is everything from FROM on; ``also`` a member in which an earlier form of the list stood."""

    title: str
    source: str
    key: tuple[Key, ...]
    columns: tuple[Column, ...]
    roles: tuple[str, ...]
    filters: Mapping[str, Filter] = field(default_factory=dict)
    where: str = "true"
    also: str | None = None

    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


PLACE = (
    Column("compound", "小区", "p.compound"),
    Column("building", "楼栋", "p.building"),
    Column("unit", "单元", "p.unit"),
    Column("room", "房号", "p.room"),
)
"""Where a home is, of a source that calls its premises ``p``."""

DONE_BY = (Column("by", "经办人", "m.actor"), Column("at", "时间", "m.at", INSTANT))
"""Who did it and when, of a source that calls the command ``m``."""

OFFICE = ("clerk", "supervisor", "finance", "auditor")
"""Who sees the office's lists."""

BEGINS = "{0} ~>=~ {1} AND {0} ~<~ ({1} || chr(1114111))"
"""For a `PREFIX`: LIKE would read signs in the text, and meets no index in a plan that is made without values."""

ACCOUNTS_IN = "ANY(ARRAY(SELECT l.account_no FROM heat_accounts l JOIN premises q USING (premises_id) WHERE {}))"
"""Accounts of some place, found by the place's index before the rows that are listed are looked at."""


def of_place(account_no: str) -> dict[str, Filter]:
    """Filters by compound, building and unit for rows that belong to an account."""
    return {
        "compound": Filter(f"{account_no} = {ACCOUNTS_IN.format('q.compound = %(compound)s')}"),
        "building": Filter(
            f"{account_no} = {ACCOUNTS_IN.format('q.compound = %(compound)s AND q.building = %(building)s')}",
            needs=("compound",),
        ),
        "unit": Filter(
            f"{account_no} = {ACCOUNTS_IN.format('q.compound = %(compound)s AND q.building = %(building)s AND q.unit = %(unit)s')}",
            needs=("compound", "building"),
        ),
    }


@cache
def listings() -> dict[str, Listing]:
    import services.accounts.queries.listings as folder

    return declarations(folder, attribute="LISTING")


def listing_named(name: str, *, place: str = "resource") -> Listing:
    """Refused: a list that nobody declared."""
    found: Listing = declared(listings(), name, place=place)
    return found
