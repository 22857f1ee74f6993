"""Waivers of late fees: asked for, decided by a second person, taken back, looked at."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from flask import Response, current_app
from marshmallow import Schema, ValidationError, fields, validate

from services.payments.domain.late_fee_waiver import MODES
from services.payments.domain.waiver_request import AskedWaiver
from services.payments.queries.late_fee_waivers import STATES
from services.payments.queries.late_fee_waivers import late_fee_waivers as waivers_of
from services.payments.use_cases.decide_waivers import DECIDERS, DecideWaivers, decide_waivers
from services.payments.use_cases.request_waivers import RequestWaivers, request_waivers
from services.payments.use_cases.revoke_waivers import RevokeWaivers, revoke_waivers
from services.payments.use_cases.withdraw_waivers import WithdrawWaivers, withdraw_waivers
from shared.chassis.auth import allow
from shared.chassis.codec import canonical
from shared.chassis.http import Blueprint, answered, caller, idempotency_key, identity, json_body
from shared.chassis.schemas import AccountNo, Day, Flag, QueryNumber, SeasonField, Text, WholeNumber, Yuan, each_once
from shared.chassis.unit_of_work import Commands
from shared.kernel.two_people import Person

late_fee_waivers = Blueprint("late_fee_waivers", "late_fee_waivers", description="Waivers of late fees")

MAKERS = ("cashier", "clerk", "supervisor", "finance")
NUMBER_MAX = 2**62
_PERCENT = re.compile(r"(0|[1-9][0-9]{0,2})(\.[0-9]{1,4})?", re.ASCII)


class Percent(fields.Field[Decimal]):
    """More than 0, at most 100, as text: ``"50"``, ``"33.3333"``."""

    def __init__(self, **arguments: Any) -> None:
        pattern = f"^{_PERCENT.pattern}$"
        super().__init__(metadata={"type": "string", "pattern": pattern, "example": "50"}, **arguments)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        if not isinstance(value, str) or _PERCENT.fullmatch(value) is None or not 0 < (pct := Decimal(value)) <= 100:
            raise ValidationError('A percentage is text, more than 0 and at most 100, as "50" or "12.5".')
        return pct


class AskedWaiverSchema(Schema):
    """``pct`` with PERCENT, ``amount`` with DELTA (taken off) and FIXED (left), ``start_on`` with NEW_START."""

    account_no = AccountNo(required=True)
    mode = fields.String(required=True, validate=validate.OneOf(list(MODES)))
    pct = Percent()
    amount = Yuan(minimum_fen=0, attribute="amount_fen")
    start_on = Day()
    until = Day(
        attribute="until_on", metadata={"description": "the last day; without it, as the terms of the bills say"}
    )
    season = SeasonField(metadata={"description": "without it, every open debt of the payer"})
    payer = Text(longest=80)


class WaiverRequestSchema(Schema):
    waivers = fields.List(fields.Nested(AskedWaiverSchema), required=True, validate=validate.Length(1, 1000))
    reason = Text(longest=200, required=True)
    preview = Flag(load_default=False)


class WaiverLineSchema(Schema):
    waiver_id = fields.Integer()
    account_no = fields.String()
    payer = fields.String()
    season = fields.String(allow_none=True)
    mode = fields.String()
    pct = fields.String(allow_none=True)
    amount = fields.String(allow_none=True)
    start_on = fields.String(allow_none=True)
    until = fields.String(allow_none=True)


class RequestedLineSchema(WaiverLineSchema):
    late_fee = fields.String(metadata={"description": "what is open of it today"})
    late_fee_left = fields.String(metadata={"description": "what the waiver would leave of it today"})
    waived = fields.String()


class WaiversRequestedSchema(Schema):
    request_id = fields.Integer(metadata={"description": "not in a preview"})
    state = fields.String()
    homes = fields.Integer()
    amount = fields.String(metadata={"description": "what all of it would take off today"})
    reason = fields.String()
    content_hash = fields.String()
    waivers = fields.List(fields.Nested(RequestedLineSchema))


@late_fee_waivers.post("/late-fee-waivers")
@allow(*MAKERS)
@late_fee_waivers.arguments(WaiverRequestSchema)
@late_fee_waivers.response(200, WaiversRequestedSchema, description="A preview: what it would leave")
@late_fee_waivers.alt_response(201, schema=WaiversRequestedSchema, description="Asked for; a second person decides")
def post_late_fee_waivers(body: dict[str, Any]) -> Response:
    """Ask that late fees be waived until a day, or look at what that would leave. Needs an Idempotency-Key."""
    asked = tuple(AskedWaiver(**waiver) for waiver in body["waivers"])
    command = RequestWaivers(asked, body["reason"], _person(), preview=body["preview"])
    if command.preview:
        with _commands().reading() as work:
            return Response(canonical(request_waivers(command, work)), mimetype="application/json")
    return answered(_commands().run(request_waivers, command, caller=caller(), key=idempotency_key(), request=json_body(),
                                    status=201))  # fmt: skip


class WaiverDecisionSchema(Schema):
    verb = fields.String(required=True, validate=validate.OneOf(["approve", "reject"]))
    content_hash = fields.String(required=True, validate=validate.Regexp(re.compile(r"\A[0-9a-f]{64}\Z", re.ASCII)))
    remark = Text(longest=200)


class DecidedSchema(Schema):
    request_id = fields.Integer()
    state = fields.String()
    waived = fields.String(metadata={"description": "what is taken off today"})


@late_fee_waivers.post("/late-fee-waivers/requests/<int:request_id>/decisions")
@allow(*DECIDERS)
@late_fee_waivers.arguments(WaiverDecisionSchema)
@late_fee_waivers.alt_response(201, schema=DecidedSchema)
def post_decisions(body: dict[str, Any], request_id: int) -> Response:
    """Agree to a request as it was read (its ``content_hash``), or say no. Needs an Idempotency-Key."""
    key, seen = idempotency_key(), bytes.fromhex(body["content_hash"])
    command = DecideWaivers(request_id, body["verb"], seen, _person(), body.get("remark"))
    return answered(_commands().run(decide_waivers, command, caller=caller(), key=key, request=[request_id, json_body()],
                                    status=201))  # fmt: skip


class RemarkSchema(Schema):
    remark = Text(longest=200)


@late_fee_waivers.post("/late-fee-waivers/requests/<int:request_id>/withdrawals")
@allow(*MAKERS)
@late_fee_waivers.arguments(RemarkSchema)
@late_fee_waivers.alt_response(201, schema=DecidedSchema)
def post_withdrawals(body: dict[str, Any], request_id: int) -> Response:
    """Take a request of one's own back before anybody has decided. Needs an Idempotency-Key."""
    key = idempotency_key()
    command = WithdrawWaivers(request_id, _person(), body.get("remark"))
    return answered(_commands().run(withdraw_waivers, command, caller=caller(), key=key, request=[request_id, json_body()],
                                    status=201))  # fmt: skip


class RevokeSchema(Schema):
    waivers = fields.List(WholeNumber(least=1, most=NUMBER_MAX), required=True,
                          validate=[validate.Length(1, 1000), each_once])  # fmt: skip
    reason = Text(longest=200, required=True)


class RevokedLineSchema(Schema):
    waiver_id = fields.Integer()
    account_no = fields.String()


class RevokedSchema(Schema):
    waivers = fields.List(fields.Nested(RevokedLineSchema))


@late_fee_waivers.post("/late-fee-waivers/revocations")
@allow(*DECIDERS)
@late_fee_waivers.arguments(RevokeSchema)
@late_fee_waivers.alt_response(201, schema=RevokedSchema)
def post_revocations(body: dict[str, Any]) -> Response:
    """Take waivers that hold back, as if they had never been approved. Needs an Idempotency-Key."""
    key = idempotency_key()
    command = RevokeWaivers(tuple(body["waivers"]), body["reason"])
    return answered(_commands().run(revoke_waivers, command, caller=caller(), key=key, request=json_body(), status=201))


class WaiverQuery(Schema):
    account_no = AccountNo()
    request_id = QueryNumber(least=1, most=NUMBER_MAX)
    state = fields.String(validate=validate.OneOf(STATES))
    after = QueryNumber(least=0, most=NUMBER_MAX, load_default=0)
    limit = QueryNumber(least=1, most=500, load_default=100)


class WaiverSchema(WaiverLineSchema):
    request_id = fields.Integer()
    state = fields.String()
    outcome = fields.String(allow_none=True, metadata={"description": "of an approved one: in_force, final or lapsed"})
    waived = fields.String(allow_none=True, metadata={"description": "what it takes off today, or took off for good"})
    reason = fields.String()
    requested_by = fields.String()
    requested_on = fields.String()
    content_hash = fields.String()
    decided_by = fields.String(allow_none=True)
    decided_on = fields.String(allow_none=True)
    remark = fields.String(allow_none=True)
    revoked_on = fields.String(allow_none=True)
    revoked_because = fields.String(allow_none=True)


class WaiversSchema(Schema):
    waivers = fields.List(fields.Nested(WaiverSchema))
    next = fields.Integer(allow_none=True)


@late_fee_waivers.get("/late-fee-waivers")
@allow(*MAKERS, "auditor")
@late_fee_waivers.arguments(WaiverQuery, location="query")
@late_fee_waivers.response(200, WaiversSchema)
def get_late_fee_waivers(query: dict[str, Any]) -> Any:
    """Waivers of an account, of a request, or in a state, in the order in which they were asked for."""
    with _commands().reading() as work:
        return waivers_of(work, account_no=query.get("account_no"), state=query.get("state"),
                          request_id=query.get("request_id"), after=query["after"], limit=query["limit"])  # fmt: skip


def _commands() -> Commands:
    found: Commands = current_app.extensions["commands"]
    return found


def _person() -> Person:
    who = identity()
    return Person(who.subject, who.person, who.roles)
