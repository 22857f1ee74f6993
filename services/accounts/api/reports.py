"""Reports over a season: what stands on a day, by branch, compound, building, station or class."""

from __future__ import annotations

from typing import Any

from flask import current_app
from marshmallow import Schema, fields, validate

from services.accounts.domain.season_report import FILTERS, GROUPINGS, STATES
from services.accounts.queries.season_report import season_report
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint
from shared.chassis.schemas import Day, QueryNumber, SeasonField, Text
from shared.chassis.unit_of_work import Commands

reports = Blueprint("reports", "reports", description="How a season stands")

READERS = ("supervisor", "finance", "auditor")
GROUPS_MOST = 5000


class StateSchema(Schema):
    homes = fields.Integer()
    area = fields.String(metadata={"description": "m²"})


StatesSchema = Schema.from_dict({state: fields.Nested(StateSchema) for state in STATES}, name="StatesSchema")


class MeasuresSchema(Schema):
    homes = fields.Integer()
    area = fields.String(metadata={"description": "m²"})
    states = fields.Nested(StatesSchema)
    heat_use_rate = fields.String(allow_none=True, metadata={"description": "heated of connected area, percent"})
    billed_homes = fields.Integer()
    billed_area = fields.String(metadata={"description": "m² that were charged, by whatever share"})
    billed = fields.String()
    received = fields.String(metadata={"description": "principal"})
    discount = fields.String()
    rounding = fields.String()
    open = fields.String()
    collection_rate = fields.String(
        allow_none=True, metadata={"description": "received of what was to be received, percent"}
    )
    late_fee = fields.String()
    arrears = fields.String(metadata={"description": "open of seasons before"})


class GroupSchema(MeasuresSchema):
    branch = fields.String()
    compound = fields.String()
    building = fields.String()
    unit = fields.String()
    heat_station = fields.String()
    price_class = fields.String()


class GroupsSchema(Schema):
    by = fields.String()
    whole = fields.Nested(MeasuresSchema)
    count = fields.Integer(metadata={"description": "groups on all pages"})
    groups = fields.List(fields.Nested(GroupSchema))
    next = fields.Integer(allow_none=True)


class SeasonReportSchema(GroupsSchema):
    on = fields.String()
    season = fields.String()


class GroupsQuery(Schema):
    by = fields.String(load_default="compound", validate=validate.OneOf(list(GROUPINGS)))
    after = QueryNumber(least=0, most=2**31, load_default=0)
    limit = QueryNumber(least=1, most=GROUPS_MOST, load_default=1000)


class SeasonReportQuery(GroupsQuery):
    on = Day(metadata={"description": "without it, today"})
    season = SeasonField(metadata={"description": "without it, the one whose billing had opened by that day"})
    branch = Text(longest=80)
    compound = Text(longest=80)
    building = Text(longest=80)
    heat_station = Text(longest=80)
    price_class = Text(longest=40)


@reports.get("/reports/standing")
@allow(*READERS)
@reports.arguments(SeasonReportQuery, location="query")
@reports.response(200, SeasonReportSchema)
def get_standing(query: dict[str, Any]) -> Any:
    """Homes and areas by state, billed and collected, as of a day; groups in the order of their names."""
    filters = {name: query[name] for name in FILTERS if name in query}
    with commands().reading() as work:
        return season_report(work, by=query["by"], day=query.get("on"), season=query.get("season"), filters=filters,
                             after=query["after"], limit=query["limit"])  # fmt: skip


def commands() -> Commands:
    found: Commands = current_app.extensions["commands"]
    return found
