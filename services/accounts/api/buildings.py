"""Buildings: how many homes they have, and how many of them are heated or have applied."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from marshmallow import Schema, fields

from services.accounts.api.account_verbs import LIST, recorded
from services.accounts.queries.building_occupancy import building_occupancy
from services.accounts.use_cases.declare_buildings import Building, DeclareBuildings, declare_buildings
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint
from shared.chassis.schemas import Text, WholeNumber
from shared.chassis.unit_of_work import Commands

buildings = Blueprint("buildings", "buildings", description="Buildings")


class BuildingSchema(Schema):
    compound = Text(longest=80, required=True)
    building = Text(longest=40, required=True)
    homes = WholeNumber(least=1, most=100_000, required=True)


class BuildingsSchema(Schema):
    buildings = fields.List(fields.Nested(BuildingSchema), required=True, validate=LIST)
    reason = Text(longest=200, required=True)


class DeclaredBuildingsSchema(Schema):
    buildings = fields.List(fields.Nested(BuildingSchema))


@buildings.post("/buildings")
@allow("supervisor")
@buildings.arguments(BuildingsSchema)
@buildings.alt_response(201, schema=DeclaredBuildingsSchema, description="Declared")
def post_buildings(body: dict[str, Any]) -> Response:
    """Tell how many homes buildings have. Needs an Idempotency-Key."""
    command = DeclareBuildings(tuple(Building(**building) for building in body["buildings"]), body["reason"])
    return recorded(declare_buildings, command)


class OccupancyQuery(Schema):
    compound = Text(longest=80, required=True)
    building = Text(longest=40, required=True)


class OccupancySchema(BuildingSchema):
    heated = fields.Integer()
    applied = fields.Integer()
    pct = fields.String(metadata={"description": "heated or applied, of all homes"})
    gate_pct = fields.String(metadata={"description": "what the policy asks for before a home is let in"})


@buildings.get("/buildings/occupancy")
@allow("clerk", "supervisor", "finance", "auditor")
@buildings.arguments(OccupancyQuery, location="query")
@buildings.response(200, OccupancySchema)
def get_occupancy(query: dict[str, Any]) -> Any:
    """How full a building is."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return building_occupancy(work, query["compound"], query["building"])
