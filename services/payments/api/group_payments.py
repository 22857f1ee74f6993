"""Payments of one payer for all of its shares, and what the payer has here."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from marshmallow import Schema, fields, validate

from services.payments.api.accounts import READERS
from services.payments.api.payments import COUNTER, OPEN_CHANNELS, ReceiptSchema
from services.payments.channels import CHANNELS
from services.payments.queries.payer_statement import payer_statement
from services.payments.use_cases.pay_group import NewGroupPayment, PayGroup, pay_group
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint, answered, caller, idempotency_key, json_body
from shared.chassis.schemas import AccountNo, Day, Text, WholeNumber, Yuan
from shared.chassis.unit_of_work import Commands

group_payments = Blueprint("group_payments", "group_payments", description="One payer, many accounts")

CHANNELS_OF_THE_HALL = [code for code in OPEN_CHANNELS if not CHANNELS[code].has_partner]


class NewGroupPaymentSchema(Schema):
    payer = Text(longest=80, required=True)
    amount = Yuan(required=True, attribute="amount_fen")
    channel = fields.String(required=True, validate=validate.OneOf(CHANNELS_OF_THE_HALL))
    partner = Text(longest=20)
    serial = Text(longest=64)
    outlet = fields.String(validate=validate.Regexp(r"\A[A-Z0-9_-]{1,20}\Z"))


class PayGroupSchema(Schema):
    payments = fields.List(fields.Nested(NewGroupPaymentSchema), required=True, validate=validate.Length(1, 100))


class GroupPaymentTakenSchema(Schema):
    group_payment_id = fields.Integer()
    payer = fields.String()
    channel = fields.String()
    members = fields.Integer(metadata={"description": "accounts of which something was settled"})
    amount = fields.String()
    settled = fields.String()
    credit = fields.String(metadata={"description": "what met no share and waits for the next bills of the members"})
    received_on = fields.String()
    receipt = fields.Nested(ReceiptSchema, allow_none=True)


class GroupPaymentsTakenSchema(Schema):
    payments = fields.List(fields.Nested(GroupPaymentTakenSchema))


@group_payments.post("/group-payments")
@allow(*COUNTER)
@group_payments.arguments(PayGroupSchema)
@group_payments.alt_response(201, schema=GroupPaymentsTakenSchema, description="Taken; the list is all or nothing")
def post_group_payments(body: dict[str, Any]) -> Response:
    """Take one payment of a payer for all of its shares, oldest season first. Needs an Idempotency-Key."""
    key = idempotency_key()
    command = PayGroup(tuple(NewGroupPayment(**payment) for payment in body["payments"]))
    commands: Commands = current_app.extensions["commands"]
    return answered(commands.run(pay_group, command, caller=caller(), key=key, request=json_body(), status=201))


class PayerQuery(Schema):
    payer = Text(longest=80, required=True)
    day = Day()
    after = AccountNo()
    limit = WholeNumber(least=1, most=1000, load_default=100)


class AgesSchema(Schema):
    """What is open, by the days that have passed since it fell due."""

    not_due = fields.String()
    to_30 = fields.String()
    to_60 = fields.String()
    to_90 = fields.String()
    over_90 = fields.String()


class PayerShareSchema(Schema):
    account_no = fields.String()
    billed = fields.String()
    settled = fields.String()
    open = fields.String()


class PayerPaymentSchema(Schema):
    group_payment_id = fields.Integer()
    channel = fields.String()
    amount = fields.String()
    credit = fields.String()
    received_on = fields.String()
    reverses = fields.Integer(allow_none=True)
    reversed_by = fields.Integer(allow_none=True)


class PayerStatementSchema(Schema):
    payer = fields.String()
    day = fields.String()
    accounts = fields.Integer()
    billed = fields.String()
    settled = fields.String()
    open = fields.String()
    credit = fields.String()
    ages = fields.Nested(AgesSchema)
    payments = fields.List(fields.Nested(PayerPaymentSchema))
    shares = fields.List(fields.Nested(PayerShareSchema))
    next = fields.String(allow_none=True)


@group_payments.get("/payers/statement")
@allow(*READERS)
@group_payments.arguments(PayerQuery, location="query")
@group_payments.response(200, PayerStatementSchema)
def get_payer_statement(query: dict[str, Any]) -> Any:
    """What all shares of a payer amount to, how old is what is open, its credit and payments, and a page of its shares."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return payer_statement(work, query["payer"], day=query.get("day") or work.today, after=query.get("after", ""),
                               limit=query["limit"])  # fmt: skip
