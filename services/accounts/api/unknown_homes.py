"""Heat that is found in a home that has no account."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from services.accounts.api.account_verbs import LIST, DoneAccountSchema, VerbSchema, done
from services.accounts.api.connections import AskedAccountSchema
from services.accounts.domain.illegal_use import FINDINGS, HEAT_USED
from services.accounts.domain.new_account import NewAccount
from services.accounts.use_cases.charge_unknown_home import ChargeUnknownHome, charge_unknown_home
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint
from shared.chassis.schemas import Day

unknown_homes = Blueprint("unknown_homes", "unknown_homes", description="Heat found in homes without an account")


class UnknownHomesSchema(VerbSchema):
    homes = fields.List(fields.Nested(AskedAccountSchema), required=True, validate=LIST)
    finding = fields.String(load_default=HEAT_USED, validate=validate.OneOf(list(FINDINGS)))
    used_since = Day(metadata={"description": "proven use, where the policy charges by days"})


class OpenedAccountSchema(DoneAccountSchema):
    account_no = fields.String(allow_none=True, metadata={"description": "null in a preview that assigns one"})


class OpenedHomesSchema(Schema):
    accounts = fields.List(fields.Nested(OpenedAccountSchema))


@unknown_homes.post("/accounts/unknown-homes")
@allow("supervisor")
@unknown_homes.arguments(UnknownHomesSchema)
@unknown_homes.alt_response(
    201, schema=OpenedHomesSchema, description="Known, not connected, and charged for the season"
)
def post_unknown_homes(body: dict[str, Any]) -> Response:
    """Open accounts for homes that nobody knew and that were found using heat, and charge them. Needs an Idempotency-Key."""
    return done(charge_unknown_home, finding(body))


def finding(body: dict[str, Any]) -> ChargeUnknownHome:
    homes = tuple(NewAccount(**home) for home in body["homes"])
    return ChargeUnknownHome(homes, body["reason"], body["preview"], body["finding"], body.get("used_since"))
