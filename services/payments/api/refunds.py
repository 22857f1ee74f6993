"""Money paid back: asked for, agreed to, sent, and what became of it."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from marshmallow import Schema, fields, validate

from services.payments.channels import CHANNELS
from services.payments.domain.refund import REFUND
from services.payments.gateways.accounts import Accounts
from services.payments.queries.refunds import refunds as refunds_of
from services.payments.queries.refunds_due import refunds_due
from services.payments.use_cases.pay_out_refunds import PayOutRefunds, pay_out_refunds
from services.payments.use_cases.record_refund_results import (
    VERBS,
    RecordRefundResults,
    RefundResult,
    record_refund_results,
)
from services.payments.use_cases.request_refunds import AskedRefund, RequestRefunds, request_refunds
from shared.chassis.auth import Forbidden, allow
from shared.chassis.http import Blueprint, answered, caller, idempotency_key, identity, json_body
from shared.chassis.schemas import AccountNo, QueryNumber, SeasonField, Text, WholeNumber, Yuan
from shared.chassis.unit_of_work import Commands
from shared.kernel.two_people import Person

refunds = Blueprint("refunds", "refunds", description="Money paid back")

MAKERS = ("cashier", "clerk", "supervisor", "finance")
READERS = (*MAKERS, "auditor")
IDS = validate.Length(1, 1000)
REROUTES = [code for code in ("cash", "transfer") if code in CHANNELS]
"""Ways that need no payment of their own to go back through."""


def _refund_id(**more: Any) -> WholeNumber:
    return WholeNumber(least=1, most=2**62, **more)


class AskedRefundSchema(Schema):
    account_no = AccountNo(required=True)
    amount = Yuan(attribute="amount_fen", metadata={"description": "without it, all that may go back"})
    payer = Text(longest=80)
    reroute = fields.String(
        validate=validate.OneOf(REROUTES), metadata={"description": "another way than the money came; by a supervisor"}
    )


class RefundRequestSchema(Schema):
    refunds = fields.List(fields.Nested(AskedRefundSchema), required=True, validate=validate.Length(1, 1000))
    reason = Text(longest=200, required=True)


class RequestedRefundSchema(Schema):
    refund_id = fields.Integer()
    account_no = fields.String()
    payer = fields.String()
    payment_id = fields.Integer(metadata={"description": "the payment that it goes back through"})
    channel = fields.String()
    amount = fields.String()
    ground = fields.String()


class RefundsRequestedSchema(Schema):
    order_id = fields.Integer()
    state = fields.String()
    amount = fields.String()
    content_hash = fields.String()
    refunds = fields.List(fields.Nested(RequestedRefundSchema))


@refunds.post("/refunds")
@allow(*MAKERS)
@refunds.arguments(RefundRequestSchema)
@refunds.alt_response(201, schema=RefundsRequestedSchema, description="One order for all; a second person decides")
def post_refunds(body: dict[str, Any]) -> Response:
    """Ask for credit to be paid back, the way it came. Needs an Idempotency-Key."""
    if any("reroute" in asked for asked in body["refunds"]) and not identity().is_any_of(("supervisor", "finance")):
        raise Forbidden("money leaves by another way than it came on a supervisor's word", place="reroute")
    asked = tuple(AskedRefund(**one) for one in body["refunds"])
    command = RequestRefunds(asked, body["reason"], person(), rules_of=accounts().refund_rules)
    return answered(
        commands().run(
            request_refunds, command, caller=caller(), key=idempotency_key(), request=json_body(), status=201
        )
    )


class RefundsQuery(Schema):
    order_id = QueryNumber(least=1, most=2**62)
    account_no = AccountNo()
    state = fields.String(validate=validate.OneOf(REFUND.states))
    channel = fields.String(validate=validate.OneOf(list(CHANNELS)))
    after = QueryNumber(least=0, most=2**62, load_default=0)
    limit = QueryNumber(least=1, most=1000, load_default=100)


class RefundSchema(RequestedRefundSchema):
    order_id = fields.Integer()
    state = fields.String()
    reason = fields.String()
    partner = fields.String(allow_none=True)
    serial = fields.String(allow_none=True)
    moved_on = fields.String(allow_none=True)
    remark = fields.String(allow_none=True)


class RefundsSchema(Schema):
    refunds = fields.List(fields.Nested(RefundSchema))
    next = fields.Integer(allow_none=True)


@refunds.get("/refunds")
@allow(*READERS, "service:bank_gateway")
@refunds.arguments(RefundsQuery, location="query")
@refunds.response(200, RefundsSchema)
def get_refunds(query: dict[str, Any]) -> Any:
    """Refunds with the movement that the money came by, a page at a time."""
    with commands().reading() as work:
        return refunds_of(
            work, order_id=query.get("order_id"), account_no=query.get("account_no"), state=query.get("state"),
            channel=query.get("channel"), after=query["after"], limit=query["limit"],
        )  # fmt: skip


class MovedRefundSchema(Schema):
    refund_id = fields.Integer()
    account_no = fields.String()
    channel = fields.String()
    amount = fields.String()
    state = fields.String()


class MovedRefundsSchema(Schema):
    refunds = fields.List(fields.Nested(MovedRefundSchema))


class PayOutSchema(Schema):
    refunds = fields.List(_refund_id(), required=True, validate=IDS)


@refunds.post("/refunds/payouts")
@allow("cashier", "supervisor", "finance", "service:bank_gateway")
@refunds.arguments(PayOutSchema)
@refunds.alt_response(201, schema=MovedRefundsSchema, description="Cash is paid; everything else is on its way")
def post_payouts(body: dict[str, Any]) -> Response:
    """Approved refunds go out: a cashier hands over cash, finance sends the others. Needs an Idempotency-Key."""
    command = PayOutRefunds(tuple(body["refunds"]), _channels())
    return answered(
        commands().run(
            pay_out_refunds, command, caller=caller(), key=idempotency_key(), request=json_body(), status=201
        )
    )


def _channels() -> tuple[str, ...]:
    """The channels that whoever asks may pay through."""
    who = identity()
    if who.subject == "service:bank_gateway":
        return tuple(code for code, channel in CHANNELS.items() if channel.has_partner)
    cash = tuple(
        code for code, channel in CHANNELS.items() if channel.is_cash and who.is_any_of(("cashier", "supervisor"))
    )
    others = tuple(code for code, channel in CHANNELS.items() if not channel.is_cash and who.is_any_of(("finance",)))
    return cash + others


class ResultSchema(Schema):
    refund_id = _refund_id(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(list(VERBS)))
    remark = Text(longest=200)


class ResultsSchema(Schema):
    results = fields.List(fields.Nested(ResultSchema), required=True, validate=IDS)


@refunds.post("/refunds/results")
@allow("finance", "service:bank_gateway")
@refunds.arguments(ResultsSchema)
@refunds.alt_response(201, schema=MovedRefundsSchema, description="What failed is the payer's credit again")
def post_results(body: dict[str, Any]) -> Response:
    """What a bank or a platform says of money that was sent. Needs an Idempotency-Key."""
    command = RecordRefundResults(tuple(RefundResult(**result) for result in body["results"]))
    return answered(commands().run(
        record_refund_results, command, caller=caller(), key=idempotency_key(), request=json_body(), status=201
    ))  # fmt: skip


class DueQuery(Schema):
    season = SeasonField(required=True)
    after = AccountNo(load_default="")
    limit = QueryNumber(least=1, most=1000, load_default=100)


class DueHouseholdSchema(Schema):
    account_no = fields.String()
    payer = fields.String()
    amount = fields.String()
    waiting = fields.String(metadata={"description": "asked for, not decided yet"})
    since = fields.String()


class DueSchema(Schema):
    season = fields.String()
    due_on = fields.String()
    days_late = fields.Integer()
    households = fields.List(fields.Nested(DueHouseholdSchema))
    next = fields.String(allow_none=True)


@refunds.get("/refunds/due")
@allow(*READERS)
@refunds.arguments(DueQuery, location="query")
@refunds.response(200, DueSchema)
def get_due(query: dict[str, Any]) -> Any:
    """Who is still owed money back of a season, and until when it is to be paid."""
    due_on = accounts().refund_rules(query["season"]).due_on
    with commands().reading() as work:
        return refunds_due(work, season=query["season"], due_on=due_on, after=query["after"], limit=query["limit"])


def person() -> Person:
    who = identity()
    return Person(who.subject, who.person, who.roles)


def accounts() -> Accounts:
    found: Accounts = current_app.extensions["accounts"]
    return found


def commands() -> Commands:
    found: Commands = current_app.extensions["commands"]
    return found
