"""Working days: what is known of a year, and the declaration of the next one."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from marshmallow import Schema, fields, validate

from services.accounts.api.account_verbs import recorded
from services.accounts.domain.working_days import DAYS_MOST, DOCUMENT_LENGTH_MAX, KINDS, NAME_LENGTH_MAX, CalendarDay
from services.accounts.queries.calendar_year import CalendarUnknown, calendar_year_told
from services.accounts.use_cases.declare_calendar_year import DeclareCalendarYear, declare_calendar_year
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint
from shared.chassis.schemas import Day, Text, WholeNumber
from shared.chassis.unit_of_work import Commands

calendar = Blueprint("calendar", "calendar", description="Working days")


class CalendarDaySchema(Schema):
    day = Day(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(list(KINDS)))
    name = Text(longest=NAME_LENGTH_MAX, required=True)


class CalendarYearSchema(Schema):
    year = WholeNumber(least=1950, most=2199, required=True)
    document = Text(longest=DOCUMENT_LENGTH_MAX, required=True)
    days = fields.List(fields.Nested(CalendarDaySchema), required=True, validate=validate.Length(1, DAYS_MOST))


class DeclaredYearSchema(Schema):
    year = fields.Integer()
    document = fields.String()
    days = fields.Integer()
    deadlines_moved = fields.Integer(metadata={"description": "deadlines that wait and have another day now"})


@calendar.post("/calendar/years")
@allow("supervisor", "system_admin")
@calendar.arguments(CalendarYearSchema)
@calendar.alt_response(201, schema=DeclaredYearSchema, description="Declared")
def post_calendar_years(body: dict[str, Any]) -> Response:
    """Declare the holidays and make-up workdays of a year, as its notice tells them. Needs an Idempotency-Key."""
    days = tuple(CalendarDay(**day) for day in body["days"])
    command = DeclareCalendarYear(body["year"], body["document"], days)
    return recorded(declare_calendar_year, command)


class ToldDaySchema(Schema):
    day = fields.String()
    kind = fields.String()
    name = fields.String()


class ToldYearSchema(Schema):
    year = fields.Integer()
    document = fields.String()
    origin = fields.String(metadata={"description": "declared here, or shipped"})
    days = fields.List(fields.Nested(ToldDaySchema))


@calendar.get("/calendar/years/<year>")
@allow("cashier", "clerk", "supervisor", "finance", "auditor", "system_admin")
@calendar.response(200, ToldYearSchema)
def get_calendar_year(year: str) -> Any:
    """The holidays and make-up workdays of a year."""
    if not year.isascii() or not year.isdigit() or len(year) != 4:
        raise CalendarUnknown("a year is four digits", year=year[:10])
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return calendar_year_told(work, int(year))
