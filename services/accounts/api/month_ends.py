"""Month ends: taken once, read as they were taken, proven by their hash."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from marshmallow import Schema, fields, validate

from services.accounts.api.account_verbs import VerbSchema, done
from services.accounts.api.fields import Month
from services.accounts.api.reports import READERS, GroupsQuery, GroupsSchema, MeasuresSchema
from services.accounts.domain.month_end import STANDING, UnknownMonthEnd, parse_month
from services.accounts.queries.month_ends import KINDS, month_end, month_end_proof, month_ends_taken
from services.accounts.use_cases.take_month_end import TakeMonthEnd, take_month_end
from shared.chassis.auth import allow
from shared.chassis.codec import canonical
from shared.chassis.http import Blueprint
from shared.chassis.unit_of_work import Commands
from shared.kernel.errors import InvalidInput

month_ends = Blueprint("month_ends", "month_ends", description="Reports of a month, frozen")


class MonthEndSchema(VerbSchema):
    month = Month(required=True)


class MonthEndTakenSchema(Schema):
    month = fields.String()
    season = fields.String()
    content_hash = fields.String()
    groups = fields.Integer()
    whole = fields.Nested(MeasuresSchema)
    restated = fields.Integer(metadata={"description": "groups of the month end before that would be others by now"})


@month_ends.post("/month-ends")
@allow("supervisor", "finance")
@month_ends.arguments(MonthEndSchema)
@month_ends.alt_response(201, schema=MonthEndTakenSchema, description="Frozen")
def post_month_ends(body: dict[str, Any]) -> Response:
    """Freeze the report of a month that is over. Needs an Idempotency-Key."""
    return done(take_month_end, TakeMonthEnd(**body))


class TakenMonthSchema(Schema):
    month = fields.String()
    season = fields.String()
    groups = fields.Integer()
    content_hash = fields.String()
    reason = fields.String()
    by = fields.String()
    at = fields.String()


class TakenMonthsSchema(Schema):
    month_ends = fields.List(fields.Nested(TakenMonthSchema))


@month_ends.get("/month-ends")
@allow(*READERS)
@month_ends.response(200, TakenMonthsSchema)
def get_month_ends() -> Any:
    """Those that were taken, the oldest first."""
    with commands().reading() as work:
        return month_ends_taken(work)


class MonthEndQuery(GroupsQuery):
    kind = fields.String(load_default=STANDING, validate=validate.OneOf(KINDS))


class MonthEndHeadSchema(Schema):
    month = fields.String()
    on = fields.String()
    season = fields.String()
    content_hash = fields.String()
    previous_hash = fields.String(allow_none=True)


class MonthEndShownSchema(MonthEndHeadSchema, GroupsSchema):
    kind = fields.String()


@month_ends.get("/month-ends/<month>")
@allow(*READERS)
@month_ends.arguments(MonthEndQuery, location="query")
@month_ends.alt_response(200, schema=MonthEndShownSchema)
def get_month_end(query: dict[str, Any], month: str) -> Response:
    """What stood on its last day, what the month added, or what was put right of the month before."""
    with commands().reading() as work:
        shown = month_end(work, _month(month), kind=query["kind"], by=query["by"], after=query["after"],
                          limit=query["limit"])  # fmt: skip
    return Response(canonical(shown), mimetype="application/json")


class ProofSchema(MonthEndHeadSchema):
    made_again = fields.String(metadata={"description": "the hash of the rows as they are kept"})
    holds = fields.Boolean()


@month_ends.get("/month-ends/<month>/proof")
@allow(*READERS)
@month_ends.response(200, ProofSchema)
def get_proof(month: str) -> Any:
    """Make the hash again from the rows that are kept."""
    with commands().reading() as work:
        return month_end_proof(work, _month(month))


def _month(text: str) -> Any:
    try:
        return parse_month(text)
    except InvalidInput:
        raise UnknownMonthEnd("a month is written as 2025-11", month=text[:20]) from None


def commands() -> Commands:
    found: Commands = current_app.extensions["commands"]
    return found
