"""Payments and their reversals."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from marshmallow import Schema, fields, validate

from services.payments.channels import CHANNELS
from services.payments.domain.reversal import Reversal
from services.payments.use_cases.pay import NewPayment, Pay, pay
from services.payments.use_cases.reverse import Reverse, reverse
from shared.chassis.auth import Forbidden, allow
from shared.chassis.http import Blueprint, answered, caller, idempotency_key, identity, json_body
from shared.chassis.schemas import AccountNo, Day, SeasonField, Text, WholeNumber, Yuan
from shared.chassis.unit_of_work import Commands
from shared.kernel.errors import refused_at

payments = Blueprint("payments", "payments", description="Money received and taken back")

COUNTER = ("cashier", "supervisor")
OPEN_CHANNELS = [code for code, channel in CHANNELS.items() if channel.is_open]
NEEDS_SUPERVISOR = {"force": "taking money while a bank collects", "keep_old_debt": "passing over an older season"}


class NewPaymentSchema(Schema):
    account_no = AccountNo(required=True)
    amount = Yuan(required=True, attribute="amount_fen")
    channel = fields.String(required=True, validate=validate.OneOf(OPEN_CHANNELS))
    payer = Text(longest=80)
    season = SeasonField()
    keep_old_debt = Text(longest=200)
    force = Text(longest=200)
    received_on = Day()
    partner = Text(longest=20)
    serial = Text(longest=64)
    outlet = fields.String(validate=validate.Regexp(r"\A[A-Z0-9_-]{1,20}\Z"))


class PaySchema(Schema):
    payments = fields.List(fields.Nested(NewPaymentSchema), required=True, validate=validate.Length(1, 1000))


class SettledSchema(Schema):
    season = fields.String()
    bill_no = fields.Integer()
    principal = fields.String()
    discount = fields.String()
    rounding = fields.String()
    late_fee = fields.String()


class ReceiptSchema(Schema):
    outlet = fields.String()
    number = fields.String()


class TakenSchema(Schema):
    payment_id = fields.Integer()
    account_no = fields.String()
    payer = fields.String()
    channel = fields.String()
    amount = fields.String()
    received_on = fields.String()
    credit = fields.String()
    rounding = fields.String()
    receipt = fields.Nested(ReceiptSchema, allow_none=True)
    settled = fields.List(fields.Nested(SettledSchema))


class PaidSchema(Schema):
    payments = fields.List(fields.Nested(TakenSchema))


@payments.post("/payments")
@allow(*COUNTER, "service:bank_gateway")
@payments.arguments(PaySchema)
@payments.alt_response(201, schema=PaidSchema, description="Taken; the list is all or nothing")
def post_payments(body: dict[str, Any]) -> Response:
    """Take money for one home or for many in one visit. Needs an Idempotency-Key."""
    key = idempotency_key()
    for place, payment in enumerate(body["payments"]):
        with refused_at(f"/payments/{place}"):
            _assert_allowed(payment)
    command = Pay(tuple(NewPayment(**payment) for payment in body["payments"]))
    commands: Commands = current_app.extensions["commands"]
    return answered(commands.run(pay, command, caller=caller(), key=key, request=json_body(), status=201))


def _assert_allowed(payment: dict[str, Any]) -> None:
    """Value dates and bank money are the gateway's; forcing and keeping old debt need a supervisor's role."""
    of_gateway = identity().subject == "service:bank_gateway"
    if not of_gateway and "received_on" in payment:
        raise Forbidden("past days are posted by the bank gateway alone", place="received_on")
    if of_gateway != CHANNELS[payment["channel"]].has_partner:
        raise Forbidden("the bank gateway posts money of banks, and nobody else does", place="channel")
    for reason, what in NEEDS_SUPERVISOR.items():
        if reason in payment and not identity().is_any_of(("supervisor",)):
            raise Forbidden(f"{what} needs a supervisor", place=reason)


class ReversalSchema(Schema):
    payment_id = WholeNumber(least=1, most=2**62, required=True)
    reason = Text(longest=200, required=True)
    at = fields.String(validate=validate.OneOf(["hall"]))


class ReverseSchema(Schema):
    reversals = fields.List(fields.Nested(ReversalSchema), required=True, validate=validate.Length(1, 100))


class ReversedSchema(Schema):
    """``payer`` instead of an account where a group payment was taken back."""

    payment_id = fields.Integer()
    reverses = fields.Integer()
    account_no = fields.String()
    payer = fields.String()
    amount = fields.String()


class ReversalsSchema(Schema):
    reversals = fields.List(fields.Nested(ReversedSchema))


@payments.post("/payments/reversals")
@allow(*COUNTER, "service:bank_gateway")
@payments.arguments(ReverseSchema)
@payments.alt_response(201, schema=ReversalsSchema, description="Taken back; the list is all or nothing")
def post_reversals(body: dict[str, Any]) -> Response:
    """Take payments back: on their own day, or later by a supervisor (``"at": "hall"``). Needs an Idempotency-Key."""
    key = idempotency_key()
    if any(item.get("at") for item in body["reversals"]) and not identity().is_any_of(("supervisor",)):
        raise Forbidden("taking back a payment of an earlier day needs a supervisor")
    command = Reverse(tuple(
        Reversal(item["payment_id"], item["reason"], in_hall="at" in item) for item in body["reversals"]
    ))  # fmt: skip
    commands: Commands = current_app.extensions["commands"]
    return answered(commands.run(reverse, command, caller=caller(), key=key, request=json_body(), status=201))
