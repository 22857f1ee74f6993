"""A page of a declared list, and the one statement that pages and exports share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from services.accounts.domain.cell_kinds import AMOUNT, DAY, INSTANT, NUMBER, SEASON
from services.accounts.queries.listings import Column, Listing
from services.accounts.queries.page_cursor import cursor_of, key_of
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput, Refusal
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label


class FilterNeedsAnother(Refusal):
    code = "filter_needs_another"
    remedy = "Add the filter that is named: a building is one of a compound, a unit one of a building."


def listed_page(work: Work, listing: Listing, name: str, filters: Mapping[str, Any], *, after: str | None,
                limit: int) -> dict[str, Any]:  # fmt: skip
    """``next`` is None at the end. Refused: `filter_needs_another`, a cursor that is not of this list."""
    types = [part.type for part in listing.key]
    key = key_of(after, types, listing=name, filters=filters) if after else None
    sql, values = statement(listing, listing.columns, filters, after=key, limit=limit + 1)
    found = work.rows(sql, {**values, "today": work.today})
    keys = len(listing.key)
    items = [shown(listing.columns, row[keys:]) for row in found[:limit]]
    following = found[limit - 1][:keys] if len(found) > limit else None
    page = {
        "items": items,
        "next": cursor_of(following, listing=name, filters=filters) if following is not None else None,
    }
    return {**page, listing.also: items} if listing.also else page


def statement(listing: Listing, columns: Sequence[Column], filters: Mapping[str, Any], *,
              after: Sequence[Any] | None = None, limit: int | None = None) -> tuple[str, dict[str, Any]]:  # fmt: skip
    """The rows in the order of their key, which comes first; ``%(today)s`` is the caller's. Refused: `filter_needs_another`."""
    conditions, values = [listing.where], dict[str, Any]()
    for name, value in filters.items():
        declared = listing.filters[name]
        missing = [needed for needed in declared.needs if needed not in filters]
        if missing:
            raise FilterNeedsAnother(f"{name} goes with {missing[0]}", place=name, needs=missing[0])
        conditions.append(f"({declared.by_value.get(value, declared.sql)})")
        values[name] = value
    if after is not None:
        conditions.append(f"({_joined(part.sql for part in listing.key)}) > "
                          f"({_joined(f'%(key{n})s::{part.type}' for n, part in enumerate(listing.key))})")  # fmt: skip
        values |= {f"key{n}": value for n, value in enumerate(after)}
    selected = _joined([*(part.sql for part in listing.key), *(column.sql for column in columns)])
    order = _joined(part.sql for part in listing.key)
    sql = f"SELECT {selected} FROM {listing.source} WHERE {' AND '.join(conditions)} ORDER BY {order}"
    if limit is not None:
        sql = f"{sql} LIMIT {limit:d}"  # as a number: our plans are made without values, and a page is no tenth of the table
    return sql, values


def selected_columns(listing: Listing, names: Sequence[str] | None) -> tuple[Column, ...]:
    """The columns of these names in this order, all of them for None. Refused: an unknown name, one that stands twice."""
    if names is None:
        return listing.columns
    known = {column.name: column for column in listing.columns}
    for number, name in enumerate(names):
        if name not in known:
            raise InvalidInput(f"columns are: {', '.join(known)}", place=f"columns/{number}", value=name)
        if names.index(name) != number:
            raise InvalidInput("this column stands twice", place=f"columns/{number}", value=name)
    return tuple(known[name] for name in names)


def shown(columns: Sequence[Column], row: Sequence[Any]) -> dict[str, Any]:
    """A row as an answer holds it: amounts as yuan, decimals as text, days and seasons as they are written."""
    return {column.name: _shown(column, value) for column, value in zip(columns, row, strict=True)}


def _shown(column: Column, value: Any) -> Any:
    if value is None:
        return None
    if column.mask is not None:
        return column.mask(value)
    if column.kind == AMOUNT:
        return format_yuan(value)
    if column.kind == SEASON:
        return season_label(value)
    if column.kind in (DAY, INSTANT):
        return value.isoformat()
    return str(value) if column.kind == NUMBER else value


def _joined(parts: Any) -> str:
    return ", ".join(parts)
