"""What the bank gateway asks for: claims on what can be debited, and our book of a bank's day."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from marshmallow import Schema, fields, validate

from services.payments.queries.bank_book import bank_book
from services.payments.use_cases.claim_debits import ClaimDebits, claim_debits
from services.payments.use_cases.release_debits import ReleaseDebits, release_debits
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint, answered, caller, idempotency_key, json_body
from shared.chassis.schemas import AccountNo, Day, QueryNumber, Text, WholeNumber
from shared.chassis.unit_of_work import Commands

debits = Blueprint("debits", "debits", description="Claims of the bank gateway")

CLAIM_ITEMS_MAX = 5000
BATCH = {"least": 1, "most": 2**62}


class ClaimItemSchema(Schema):
    item_no = WholeNumber(least=1, most=2**31 - 1, required=True)
    account_no = AccountNo(required=True)


class ClaimSchema(Schema):
    bank = Text(longest=20, required=True)
    batch_no = WholeNumber(**BATCH, required=True)
    as_of = Day(required=True)
    items = fields.List(fields.Nested(ClaimItemSchema), required=True, validate=validate.Length(1, CLAIM_ITEMS_MAX))


class ClaimedItemSchema(ClaimItemSchema):
    amount = fields.String()


class PassedOverSchema(ClaimItemSchema):
    reason = fields.String()


class ClaimedSchema(Schema):
    claimed = fields.List(fields.Nested(ClaimedItemSchema))
    passed_over = fields.List(fields.Nested(PassedOverSchema))


@debits.post("/debit-claims")
@allow("service:bank_gateway")
@debits.arguments(ClaimSchema)
@debits.alt_response(201, schema=ClaimedSchema)
def post_claims(body: dict[str, Any]) -> Response:
    """Hold what can be debited and answer with the amounts. Needs an Idempotency-Key."""
    key = idempotency_key()
    items = tuple((item["item_no"], item["account_no"]) for item in body["items"])
    command = ClaimDebits(body["bank"], body["batch_no"], body["as_of"], items)
    commands: Commands = current_app.extensions["commands"]
    return answered(commands.run(claim_debits, command, caller=caller(), key=key, request=json_body(), status=201))


class ReleaseSchema(Schema):
    batch_no = WholeNumber(**BATCH, required=True)
    item_nos = fields.List(
        WholeNumber(least=1, most=2**31 - 1), required=True, validate=validate.Length(1, CLAIM_ITEMS_MAX)
    )


class ReleasedSchema(Schema):
    released = fields.List(fields.Integer())


@debits.post("/debit-claims/releases")
@allow("service:bank_gateway")
@debits.arguments(ReleaseSchema)
@debits.alt_response(201, schema=ReleasedSchema)
def post_releases(body: dict[str, Any]) -> Response:
    """Lift holds of a file that never left. Needs an Idempotency-Key."""
    key = idempotency_key()
    command = ReleaseDebits(body["batch_no"], tuple(body["item_nos"]))
    commands: Commands = current_app.extensions["commands"]
    return answered(commands.run(release_debits, command, caller=caller(), key=key, request=json_body(), status=201))


class BankBookQuery(Schema):
    partner = Text(longest=20, required=True)
    day = Day(required=True)
    after = QueryNumber(least=0, most=2**62, load_default=0)


class BankBookSchema(Schema):
    lines = fields.List(fields.Dict())
    next = fields.Integer(allow_none=True)


@debits.get("/bank-book")
@allow("service:bank_gateway", "finance", "auditor")
@debits.arguments(BankBookQuery, location="query")
@debits.response(200, BankBookSchema)
def get_bank_book(query: dict[str, Any]) -> Any:
    """Our book of a bank's day, for its reconciliation."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return bank_book(work, **query)
