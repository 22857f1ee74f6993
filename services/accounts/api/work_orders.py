"""Work orders: opened by hand, assigned, done, failed, cancelled."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from marshmallow import Schema, fields, validate

from services.accounts.api.account_verbs import DESK, LIST, recorded
from services.accounts.domain.work_order import CLOSED, KINDS, OPEN, WorkResult
from services.accounts.queries.work_order import work_order
from services.accounts.use_cases.assign_work_orders import AssignWorkOrders, assign_work_orders
from services.accounts.use_cases.cancel_work_orders import CancelWorkOrders, cancel_work_orders
from services.accounts.use_cases.fail_work_orders import FailWorkOrders, fail_work_orders
from services.accounts.use_cases.finish_work_orders import FinishWorkOrders, finish_work_orders
from services.accounts.use_cases.open_work_orders import OpenWorkOrders, open_work_orders
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint
from shared.chassis.schemas import AccountNo, Day, Text, WholeNumber
from shared.chassis.unit_of_work import Commands
from shared.kernel.errors import NotFound

work_orders = Blueprint("work_orders", "work_orders", description="What hands must do at homes")


def _number(**arguments: Any) -> WholeNumber:
    return WholeNumber(least=1, most=2**62, **arguments)


class NotedSchema(Schema):
    reason = Text(longest=200, required=True)


class OpenOrdersSchema(NotedSchema):
    kind = fields.String(required=True, validate=validate.OneOf([kind for kind in KINDS if kind != "join"]))
    accounts = fields.List(AccountNo(), required=True, validate=LIST)


class OrdersVerbSchema(NotedSchema):
    work_orders = fields.List(_number(), required=True, validate=LIST)


class AssignOrdersSchema(OrdersVerbSchema):
    assignee = Text(longest=40, required=True, metadata={"description": "the crew, or who goes there"})


class WorkResultSchema(Schema):
    work_order_id = _number(required=True)
    done_by = Text(longest=40, required=True)
    done_on = Day(required=True)
    valve = Text(longest=40, required=True)
    seal_no = Text(longest=40)
    removed_seal = Text(longest=40)
    found = fields.String(validate=validate.OneOf([CLOSED, OPEN]))
    photo_id = _number(metadata={"description": "a document of this work order"})


class FinishOrdersSchema(NotedSchema):
    results = fields.List(fields.Nested(WorkResultSchema), required=True, validate=LIST)


class MovedOrderSchema(Schema):
    work_order_id = fields.Integer()
    state = fields.String()
    assignee = fields.String()


class MovedOrdersSchema(Schema):
    work_orders = fields.List(fields.Nested(MovedOrderSchema))


@work_orders.post("/work-orders")
@allow(*DESK)
@work_orders.arguments(OpenOrdersSchema)
@work_orders.alt_response(201, schema=MovedOrdersSchema, description="Opened where the same work did not wait yet")
def post_work_orders(body: dict[str, Any]) -> Response:
    """Send somebody to homes. Needs an Idempotency-Key."""
    return recorded(open_work_orders, OpenWorkOrders(body["kind"], tuple(body["accounts"]), body["reason"]))


@work_orders.post("/work-orders/assignments")
@allow(*DESK)
@work_orders.arguments(AssignOrdersSchema)
@work_orders.alt_response(201, schema=MovedOrdersSchema, description="Assigned")
def post_assignments(body: dict[str, Any]) -> Response:
    """Give work orders to a crew. Needs an Idempotency-Key."""
    command = AssignWorkOrders(tuple(body["work_orders"]), body["assignee"], body["reason"])
    return recorded(assign_work_orders, command)


@work_orders.post("/work-orders/results")
@allow(*DESK)
@work_orders.arguments(FinishOrdersSchema)
@work_orders.alt_response(201, schema=MovedOrdersSchema, description="Done")
def post_work_results(body: dict[str, Any]) -> Response:
    """Tell what was done. Needs an Idempotency-Key."""
    results = tuple(WorkResult(**result) for result in body["results"])
    return recorded(finish_work_orders, FinishWorkOrders(results, body["reason"]))


@work_orders.post("/work-orders/failures")
@allow(*DESK)
@work_orders.arguments(OrdersVerbSchema)
@work_orders.alt_response(201, schema=MovedOrdersSchema, description="They wait again")
def post_work_failures(body: dict[str, Any]) -> Response:
    """Tell that it could not be done. Needs an Idempotency-Key."""
    return recorded(fail_work_orders, FailWorkOrders(tuple(body["work_orders"]), body["reason"]))


@work_orders.post("/work-orders/cancellations")
@allow("supervisor")
@work_orders.arguments(OrdersVerbSchema)
@work_orders.alt_response(201, schema=MovedOrdersSchema, description="Cancelled")
def post_work_cancellations(body: dict[str, Any]) -> Response:
    """Cancel work orders. Needs an Idempotency-Key."""
    return recorded(cancel_work_orders, CancelWorkOrders(tuple(body["work_orders"]), body["reason"]))


class ToldResultSchema(Schema):
    done_by = fields.String()
    done_on = fields.String()
    valve = fields.String()
    seal_no = fields.String(allow_none=True)
    removed_seal = fields.String(allow_none=True)
    found = fields.String(allow_none=True)
    photo_id = fields.Integer(allow_none=True)


class OrderMoveSchema(Schema):
    verb = fields.String()
    from_ = fields.String(attribute="from", data_key="from", allow_none=True)
    to = fields.String()
    moved_on = fields.String()
    assignee = fields.String(allow_none=True)
    note = fields.String()
    by = fields.String()
    at = fields.String()


class WorkOrderSchema(Schema):
    work_order_id = fields.Integer()
    title = fields.String()
    kind = fields.String()
    cause = fields.String()
    state = fields.String()
    assignee = fields.String(allow_none=True)
    account_no = fields.String(allow_none=True)
    connection_id = fields.Integer(allow_none=True)
    heat_station = fields.String(allow_none=True)
    compound = fields.String()
    building = fields.String()
    unit = fields.String()
    room = fields.String()
    opened_on = fields.String()
    note = fields.String()
    result = fields.Nested(ToldResultSchema, allow_none=True)
    moves = fields.List(fields.Nested(OrderMoveSchema))


@work_orders.get("/work-orders/<work_order_id>")
@allow(*DESK, "finance", "auditor")
@work_orders.response(200, WorkOrderSchema)
def get_work_order(work_order_id: str) -> Any:
    """One work order, every move of it and what was done."""
    if not work_order_id.isascii() or not work_order_id.isdigit() or len(work_order_id) > 18:
        raise NotFound("a work order is a number", work_order_id=work_order_id[:20])
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return work_order(work, int(work_order_id))
