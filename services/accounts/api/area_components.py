"""The parts that the area of a home is made of."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from services.accounts.api.account_verbs import LIST, DoneSchema, VerbSchema, done
from services.accounts.api.fields import Area
from services.accounts.domain.area import COMPONENTS
from services.accounts.use_cases.take_area_apart import TakeAreaApart, take_area_apart
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint
from shared.chassis.schemas import AccountNo

area_components = Blueprint("area_components", "area_components", description="Areas taken apart")


class ComponentSchema(Schema):
    component = fields.String(required=True, validate=validate.OneOf(COMPONENTS))
    area = Area(required=True)


class ComponentsSchema(Schema):
    account_no = AccountNo(required=True)
    components = fields.List(fields.Nested(ComponentSchema), required=True, validate=validate.Length(0, 40))


class TakeAreaApartSchema(VerbSchema):
    homes = fields.List(fields.Nested(ComponentsSchema), required=True, validate=LIST)


@area_components.post("/accounts/area-components")
@allow("supervisor")
@area_components.arguments(TakeAreaApartSchema)
@area_components.alt_response(201, schema=DoneSchema, description="Taken apart, from the current season on")
def post_area_components(body: dict[str, Any]) -> Response:
    """Say which parts a home's area is made of; an empty list makes the measured area count again."""
    return done(take_area_apart, taking_apart(body))


def taking_apart(body: dict[str, Any]) -> TakeAreaApart:
    homes = tuple(
        (home["account_no"], tuple((part["component"], part["area"]) for part in home["components"]))
        for home in body["homes"]
    )
    return TakeAreaApart(homes, body["reason"], body["preview"])
