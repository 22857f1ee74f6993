"""The filters of declared lists, as a query string or a JSON body brings them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields, validate

from services.accounts.queries.listings import (
    ACCOUNT_NO,
    DAY_OF,
    SEASON_OF,
    WORD,
    Filter,
    Listing,
)
from shared.chassis.auth import Forbidden, Identity
from shared.chassis.schemas import AccountNo, Day, SeasonField, Text

_WORD = validate.Regexp(r"\A[A-Za-z][A-Za-z_]{0,39}\Z")


def filter_fields(listing: Listing) -> dict[str, fields.Field[Any]]:
    return {name: _field(declared) for name, declared in listing.filters.items()}


def filters_schema(listing: Listing) -> Schema:
    """What `POST /exports` reads its filters with: the same fields, unknown ones refused."""
    return Schema.from_dict({**filter_fields(listing)})()


def told(filters: Mapping[str, Any]) -> dict[str, Any]:
    """Loaded filters as JSON can keep them: days are written, seasons are their first year."""
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in filters.items()}


def assert_may_filter(listing: Listing, filters: Mapping[str, Any], identity: Identity) -> None:
    """Refused: `forbidden` for a filter that is open to other roles only."""
    for name in filters:
        roles = listing.filters[name].roles
        if roles and not identity.is_any_of(roles):
            raise Forbidden(f"{name} is not looked for by you", needs=list(roles), place=name)


def _field(declared: Filter) -> fields.Field[Any]:
    if declared.kind == ACCOUNT_NO:
        return AccountNo()
    if declared.kind == SEASON_OF:
        return SeasonField()
    if declared.kind == DAY_OF:
        return Day()
    if declared.kind == WORD:
        return fields.String(validate=validate.OneOf(declared.choices) if declared.choices else _WORD)
    return Text(longest=80)
