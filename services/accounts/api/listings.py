"""The lists of accounts, a page at a time: a route for every declaration in `queries/listings`."""

from __future__ import annotations

import re
from typing import Any

from flask import current_app
from marshmallow import Schema, fields, validate

from services.accounts.api.listed_filters import assert_may_filter, filter_fields, told
from services.accounts.domain.cell_kinds import FLAG, WHOLE
from services.accounts.queries.listed_page import listed_page
from services.accounts.queries.listings import Column, Listing, listings
from services.accounts.queries.page_cursor import PATTERN
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint, identity
from shared.chassis.schemas import QueryNumber
from shared.chassis.unit_of_work import Commands

lists = Blueprint("lists", "lists", description="Lists, a page at a time")

PAGE_MOST = 1000


class Cursor(fields.String):
    """The ``next`` of the page before."""

    def __init__(self) -> None:
        form = validate.Regexp(
            re.compile(PATTERN.replace("$", r"\Z"), re.ASCII), error="This is not the `next` of a page."
        )
        super().__init__(validate=form, metadata={"pattern": PATTERN, "description": "the `next` of the page before"})


def _query_schema(listing: Listing) -> type[Schema]:
    pages: dict[str, fields.Field[Any]] = {
        "limit": QueryNumber(least=1, most=PAGE_MOST, load_default=100),
        "after": Cursor(),
    }
    return Schema.from_dict({**filter_fields(listing), **pages})


def _page_schema(name: str, listing: Listing) -> type[Schema]:
    words = "".join(word.title() for word in name.split("_"))
    line = Schema.from_dict({column.name: _answered(column) for column in listing.columns}, name=f"{words}Line")
    members: dict[str, Any] = {"items": fields.List(fields.Nested(line)), "next": fields.String(allow_none=True)}
    if listing.also:
        members[listing.also] = fields.List(fields.Nested(line), metadata={"description": "the same as `items`"})
    return Schema.from_dict(members, name=f"{words}Page")


def _answered(column: Column) -> fields.Field[Any]:
    described: dict[str, Any] = {
        "metadata": {"description": column.title + (", masked" if column.mask else "")},
        "allow_none": True,
    }
    if column.kind == WHOLE:
        return fields.Integer(**described)
    return fields.Boolean(**described) if column.kind == FLAG else fields.String(**described)


def _route(name: str, listing: Listing) -> None:
    def get_page(query: dict[str, Any]) -> Any:
        after, limit = query.pop("after", None), query.pop("limit")
        assert_may_filter(listing, query, identity())
        commands: Commands = current_app.extensions["commands"]
        with commands.reading() as work:
            return listed_page(work, listing, name, told(query), after=after, limit=limit)

    get_page.__name__ = f"get_{name}"
    get_page.__doc__ = f"{listing.title}, a page at a time; `after` is the `next` of the page before."
    view = lists.response(200, _page_schema(name, listing))(allow(*listing.roles)(get_page))
    view = lists.arguments(_query_schema(listing), location="query")(view)
    lists.get(f"/{name.replace('_', '-')}", endpoint=f"get_{name}")(view)


for _name, _listing in listings().items():
    _route(_name, _listing)
