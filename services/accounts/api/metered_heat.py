"""What heat meters showed of a season, and what the homes pay by it."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from services.accounts.api.account_verbs import LIST, DoneSchema, VerbSchema, done
from services.accounts.api.fields import Measure
from services.accounts.domain.metered_heat import SeasonHeat
from services.accounts.domain.policy_values import HEAT_UNITS
from services.accounts.use_cases.settle_metered_heat import SettleMeteredHeat, settle_metered_heat
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint
from shared.chassis.schemas import AccountNo

metered_heat = Blueprint("metered_heat", "metered_heat", description="Heat meters")


class HeatReadingSchema(Schema):
    account_no = AccountNo(required=True)
    quantity = Measure(digits=8, decimals=3, zero=True, required=True)
    unit = fields.String(required=True, validate=validate.OneOf(HEAT_UNITS))
    correction_factor = Measure(digits=2, decimals=4)


class SettleMeteredHeatSchema(VerbSchema):
    readings = fields.List(fields.Nested(HeatReadingSchema), required=True, validate=LIST)


@metered_heat.post("/accounts/metered-heat")
@allow("clerk", "supervisor")
@metered_heat.arguments(SettleMeteredHeatSchema)
@metered_heat.alt_response(201, schema=DoneSchema, description="Settled by the mode of the policy")
def post_metered_heat(body: dict[str, Any]) -> Response:
    """Settle metered homes of the current season by the heat that they took. Needs an Idempotency-Key."""
    return done(settle_metered_heat, settlement(body))


def settlement(body: dict[str, Any]) -> SettleMeteredHeat:
    readings = tuple(
        (read["account_no"], SeasonHeat(read["quantity"], read["unit"], read.get("correction_factor")))
        for read in body["readings"]
    )
    return SettleMeteredHeat(readings, body["reason"], body["preview"])
