"""Claims on those who bear shares of many bills."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from marshmallow import Schema, fields, validate

from services.accounts.domain.claim import AGES, LIFECYCLE
from services.accounts.queries.claims import claim, claims_by_age
from services.accounts.queries.listings import OFFICE
from services.accounts.use_cases.draw_up_claim import DrawUpClaim, draw_up_claim
from services.accounts.use_cases.move_claims import MoveClaims, move_claims
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint, answered, caller, idempotency_key, json_body
from shared.chassis.schemas import SeasonField, Text, WholeNumber
from shared.chassis.unit_of_work import Commands

claims = Blueprint("claims", "claims", description="What payers other than households are asked for")

VERBS = sorted({move.verb for move in LIFECYCLE.moves})


class DrawUpSchema(Schema):
    payer = Text(longest=80, required=True)
    season = SeasonField(required=True)


class DrawnUpSchema(Schema):
    batch_no = fields.Integer()
    payer = fields.String()
    season = fields.String()
    state = fields.String()
    lines = fields.Integer()
    amount = fields.String()


@claims.post("/claims")
@allow("supervisor", "finance")
@claims.arguments(DrawUpSchema)
@claims.alt_response(201, schema=DrawnUpSchema, description="Drawn up: every share that was not asked for yet")
def post_claims(body: dict[str, Any]) -> Response:
    """Collect a payer's shares of a season into a claim. Needs an Idempotency-Key."""
    commands: Commands = current_app.extensions["commands"]
    return answered(commands.run(draw_up_claim, DrawUpClaim(body["payer"], body["season"]), caller=caller(),
                                 key=idempotency_key(), request=json_body(), status=201))  # fmt: skip


class MoveClaimsSchema(Schema):
    verb = fields.String(required=True, validate=validate.OneOf(VERBS))
    claims = fields.List(WholeNumber(least=1, most=2**62), required=True, validate=validate.Length(1, 1000))
    note = Text(longest=200, required=True)


class MovedClaimSchema(Schema):
    batch_no = fields.Integer()
    state = fields.String()


class MovedClaimsSchema(Schema):
    claims = fields.List(fields.Nested(MovedClaimSchema))


@claims.post("/claims/moves")
@allow("supervisor", "finance")
@claims.arguments(MoveClaimsSchema)
@claims.alt_response(201, schema=MovedClaimsSchema, description="Moved; all or nothing")
def post_claim_moves(body: dict[str, Any]) -> Response:
    """Send claims, note that they are disputed, or withdraw them. Needs an Idempotency-Key."""
    commands: Commands = current_app.extensions["commands"]
    command = MoveClaims(body["verb"], tuple(body["claims"]), body["note"])
    return answered(commands.run(move_claims, command, caller=caller(), key=idempotency_key(), request=json_body(),
                                 status=201))  # fmt: skip


class ClaimMoveSchema(Schema):
    verb = fields.String()
    before = fields.String(data_key="from", attribute="from")
    after = fields.String(data_key="to", attribute="to")
    on = fields.String()
    note = fields.String()
    by = fields.String()


class ClaimSchema(DrawnUpSchema):
    """``state`` is drawn_up, sent, partly_paid, paid, disputed or withdrawn."""

    drawn_on = fields.String()
    sent_on = fields.String(allow_none=True)
    paid = fields.String()
    open = fields.String()
    moves = fields.List(fields.Nested(ClaimMoveSchema))


@claims.get("/claims/<int:batch_no>")
@allow(*OFFICE)
@claims.response(200, ClaimSchema)
def get_claim(batch_no: int) -> Any:
    """A claim: what it asks for, what of it is paid, what happened to it. Its lines: `GET /claim-lines?batch_no=…`."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return claim(work, batch_no)


ClaimAgesSchema = Schema.from_dict({name: fields.String() for name in ("payer", "open", *AGES)}, name="ClaimAgesSchema")


@claims.get("/claims/ages")
@allow(*OFFICE)
@claims.response(200, ClaimAgesSchema(many=True))
def get_claim_ages() -> Any:
    """By payer, what is open of the claims that were sent: 0 to 30 days ago, to 60, to 90, before."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return claims_by_age(work)
