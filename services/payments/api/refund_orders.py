"""Orders of refunds: runs over a season, what waits for a decision, and decisions."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from services.payments.api.refunds import MAKERS, READERS, accounts, commands, person
from services.payments.domain.refund import ORDER, UnknownRefundOrder
from services.payments.queries.refund_orders import refund_orders as orders_of
from services.payments.queries.refund_orders import refund_report
from services.payments.use_cases.begin_refund_run import BeginRefundRun, begin_refund_run
from services.payments.use_cases.carry_out_refund_run import CarryOutRefundRun, carry_out_refund_run
from services.payments.use_cases.decide_refund_order import DecideRefundOrder, decide_refund_order
from services.payments.use_cases.list_refund_run import ListRefundRun, list_refund_run
from services.payments.use_cases.withdraw_refund_order import WithdrawRefundOrder, withdraw_refund_order
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint, answered, caller, idempotency_key, json_body
from shared.chassis.schemas import QueryNumber, SeasonField, Text

refund_orders = Blueprint("refund_orders", "refund_orders", description="Refunds that are decided together")

RUNNERS = ("supervisor", "finance")
NUMBER_MAX = 2**62


class BeginRunSchema(Schema):
    season = SeasonField(required=True)
    reason = Text(longest=200, required=True)


class RunSchema(Schema):
    order_id = fields.Integer()
    state = fields.String()
    homes = fields.Integer()
    refunds = fields.Integer()
    amount = fields.String()
    content_hash = fields.String()
    complete = fields.Boolean()


class NothingSchema(Schema):
    """No member: the order's number says it all."""


@refund_orders.post("/refund-runs")
@allow(*RUNNERS)
@refund_orders.arguments(BeginRunSchema)
@refund_orders.alt_response(201, schema=RunSchema, description="An empty list")
def post_refund_runs(body: dict[str, Any]) -> Response:
    """Begin to pay back all that is owed of a season. Needs an Idempotency-Key."""
    command = BeginRefundRun(body["season"], body["reason"], person())
    return answered(
        commands().run(
            begin_refund_run, command, caller=caller(), key=idempotency_key(), request=json_body(), status=201
        )
    )


@refund_orders.post("/refund-runs/<int:order_id>/pages")
@allow(*RUNNERS)
@refund_orders.arguments(NothingSchema)
@refund_orders.response(200, RunSchema)
def post_pages(_: dict[str, Any], order_id: int) -> Response:
    """List the next thousand homes; ask again until it is ``complete``. Needs an Idempotency-Key."""
    command = ListRefundRun(_checked(order_id), rules_of=accounts().refund_rules)
    return answered(
        commands().run(
            list_refund_run, command, caller=caller(), key=idempotency_key(), request=[order_id, json_body()]
        )
    )


class CarriedOutSchema(RunSchema):
    promised = fields.Integer()
    promised_amount = fields.String()
    passed_over = fields.Integer()


@refund_orders.post("/refund-runs/<int:order_id>/carry-out")
@allow(*RUNNERS)
@refund_orders.arguments(NothingSchema)
@refund_orders.response(200, CarriedOutSchema)
def post_carry_out(_: dict[str, Any], order_id: int) -> Response:
    """Promise the next thousand refunds of an approved run; ask again until it is ``complete``. Needs an Idempotency-Key."""
    command = CarryOutRefundRun(_checked(order_id))
    key = idempotency_key()
    return answered(
        commands().run(carry_out_refund_run, command, caller=caller(), key=key, request=[order_id, json_body()])
    )


class RefundDecisionSchema(Schema):
    verb = fields.String(required=True, validate=validate.OneOf(["approve", "reject"]))
    content_hash = fields.String(required=True, validate=validate.Regexp(r"\A[0-9a-f]{64}\Z"))
    remark = Text(longest=200)


@refund_orders.post("/refund-orders/<int:order_id>/decisions")
@allow("clerk", "supervisor", "finance")
@refund_orders.arguments(RefundDecisionSchema)
@refund_orders.response(200, RunSchema)
def post_decisions(body: dict[str, Any], order_id: int) -> Response:
    """Agree to what the list says, or say no; whose role does up to which amount the policy says. Needs an
    Idempotency-Key."""
    command = DecideRefundOrder(_checked(order_id), body["verb"], bytes.fromhex(body["content_hash"]), person(),
                                body.get("remark"), rules_of=accounts().refund_rules)  # fmt: skip
    key = idempotency_key()
    return answered(
        commands().run(decide_refund_order, command, caller=caller(), key=key, request=[order_id, json_body()])
    )


class WithdrawalSchema(Schema):
    remark = Text(longest=200)


@refund_orders.post("/refund-orders/<int:order_id>/withdrawals")
@allow(*MAKERS)
@refund_orders.arguments(WithdrawalSchema)
@refund_orders.response(200, RunSchema)
def post_withdrawals(body: dict[str, Any], order_id: int) -> Response:
    """Take an order of one's own back. Needs an Idempotency-Key."""
    command = WithdrawRefundOrder(_checked(order_id), person(), body.get("remark"))
    key = idempotency_key()
    return answered(
        commands().run(withdraw_refund_order, command, caller=caller(), key=key, request=[order_id, json_body()])
    )


class OrdersQuery(Schema):
    season = SeasonField(metadata={"description": "runs of this season"})
    state = fields.String(validate=validate.OneOf(ORDER.states))
    after = QueryNumber(least=0, most=2**62, load_default=0)
    limit = QueryNumber(least=1, most=1000, load_default=100)


class OrderSchema(RunSchema):
    season = fields.String(allow_none=True, metadata={"description": "of a run"})
    reason = fields.String()
    maker = fields.String()
    maker_person = fields.String()
    requested_on = fields.String()
    decided_by = fields.String(allow_none=True)
    decided_by_person = fields.String(allow_none=True)
    remark = fields.String(allow_none=True)


class OrdersSchema(Schema):
    orders = fields.List(fields.Nested(OrderSchema))
    next = fields.Integer(allow_none=True)


@refund_orders.get("/refund-orders")
@allow(*READERS, "service:accounts")
@refund_orders.arguments(OrdersQuery, location="query")
@refund_orders.response(200, OrdersSchema)
def get_refund_orders(query: dict[str, Any]) -> Any:
    """Orders, the oldest first, with the hash to decide on."""
    with commands().reading() as work:
        return orders_of(
            work, season=query.get("season"), state=query.get("state"), after=query["after"], limit=query["limit"]
        )


class ByStateSchema(Schema):
    channel = fields.String()
    state = fields.String()
    refunds = fields.Integer()
    amount = fields.String()


class RefundPassedOverSchema(Schema):
    refund_id = fields.Integer()
    account_no = fields.String()
    channel = fields.String()
    amount = fields.String()
    reason = fields.String(allow_none=True)


class ReportSchema(OrderSchema):
    by_state = fields.List(fields.Nested(ByStateSchema))
    passed_over = fields.List(fields.Nested(RefundPassedOverSchema), metadata={"description": "the first hundred"})


@refund_orders.get("/refund-orders/<int:order_id>")
@allow(*READERS)
@refund_orders.response(200, ReportSchema)
def get_refund_order(order_id: int) -> Any:
    """One order and what became of it, by channel and state."""
    with commands().reading() as work:
        return refund_report(work, _checked(order_id))


def _checked(order_id: int) -> int:
    """Refuses a number that none can have."""
    if not 0 < order_id <= NUMBER_MAX:
        raise UnknownRefundOrder("there is no such order", order_id=str(order_id)[:20])
    return order_id
