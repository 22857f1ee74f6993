"""Mandates: customers' agreements that a bank debits them."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from services.bank_gateway.api.banks import CODE
from services.bank_gateway.api.wiring import CLERKS, READERS, commands
from services.bank_gateway.queries.banks import mandates as live_mandates
from services.bank_gateway.use_cases.register_mandates import NewMandate, RegisterMandates, register_mandates
from services.bank_gateway.use_cases.revoke_mandates import RevokeMandates, revoke_mandates
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint, answered, caller
from shared.chassis.schemas import AccountNo, QueryNumber, Text

mandates = Blueprint("mandates", "mandates", description="Debit agreements")

BANK_ACCOUNT = validate.Regexp(
    r"\A[0-9A-Za-z-]{4,40}\Z", error="A bank account is 4 to 40 digits, letters and hyphens."
)


class NewMandateSchema(Schema):
    account_no = AccountNo(required=True)
    bank = fields.String(required=True, validate=CODE)
    bank_account = fields.String(required=True, validate=BANK_ACCOUNT)
    holder = Text(longest=120, required=True)
    bank_name = Text(longest=80)
    id_type = Text(longest=40)
    id_no = Text(longest=40)


class RegisterSchema(Schema):
    mandates = fields.List(fields.Nested(NewMandateSchema), required=True, validate=validate.Length(1, 1000))


class RegisteredSchema(Schema):
    registered = fields.Integer()
    replaced = fields.Integer()
    unchanged = fields.Integer()


@mandates.post("/mandates")
@allow(*CLERKS, "cashier")
@mandates.arguments(RegisterSchema)
@mandates.alt_response(201, schema=RegisteredSchema, description="Taken; the list is all or nothing")
def post_mandates(body: dict[str, Any]) -> Response:
    """Register mandates. One account has one live mandate: another one replaces it, the same one changes nothing."""
    command = RegisterMandates(tuple(NewMandate(**mandate) for mandate in body["mandates"]))
    return answered(commands().run(register_mandates, command, caller=caller(), status=201))


class RevokeSchema(Schema):
    account_nos = fields.List(AccountNo(), required=True, validate=validate.Length(1, 1000))


class RevokedSchema(Schema):
    revoked = fields.Integer()


@mandates.post("/mandates/revocations")
@allow(*CLERKS, "cashier")
@mandates.arguments(RevokeSchema)
@mandates.alt_response(201, schema=RevokedSchema, description="Revoked; the list is all or nothing")
def post_revocations(body: dict[str, Any]) -> Response:
    """Revoke mandates. Items that have not left us leave their batch when it is handed over."""
    command = RevokeMandates(tuple(dict.fromkeys(body["account_nos"])))
    return answered(commands().run(revoke_mandates, command, caller=caller(), status=201))


class MandateQuery(Schema):
    bank = fields.String()
    account_no = AccountNo()
    after = fields.String(validate=validate.Regexp(r"\A[0-9]{0,10}\Z"), load_default="")
    limit = QueryNumber(least=1, most=1000, load_default=100)


class MandateSchema(Schema):
    account_no = fields.String()
    bank = fields.String()
    bank_name = fields.String()
    bank_account = fields.String()
    holder = fields.String()
    agreed_on = fields.String()


class MandatesSchema(Schema):
    mandates = fields.List(fields.Nested(MandateSchema))
    next = fields.String(allow_none=True)


@mandates.get("/mandates")
@allow(*READERS)
@mandates.arguments(MandateQuery, location="query")
@mandates.response(200, MandatesSchema)
def get_mandates(query: dict[str, Any]) -> Any:
    """Live mandates, personal data masked."""
    with commands().reading() as work:
        return live_mandates(work, bank=query.get("bank"), account_no=query.get("account_no"), after=query["after"],
                             limit=query["limit"])  # fmt: skip
