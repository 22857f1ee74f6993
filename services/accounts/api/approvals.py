"""Requests for approval, the inbox, decisions one by one or many at once, and who decides on what."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from marshmallow import Schema, ValidationError, fields, validate

from services.accounts.api.approval_kinds import carry_out, kind_of, kinds
from services.accounts.domain.approval import APPROVAL, ApprovalLimit, Person
from services.accounts.queries.approvals_inbox import approvals_inbox
from services.accounts.use_cases.decide_approval import DecideApproval, decide_approval
from services.accounts.use_cases.declare_approval_limits import DeclareApprovalLimits, declare_approval_limits
from services.accounts.use_cases.request_approval import RequestApproval, request_approval
from services.accounts.use_cases.withdraw_approval import WithdrawApproval, withdraw_approval
from shared.chassis.auth import ROLES, allow
from shared.chassis.codec import canonical, strict_json
from shared.chassis.http import Blueprint, answered, caller, idempotency_key, identity, json_body
from shared.chassis.schemas import QueryNumber, Text, WholeNumber, Yuan
from shared.chassis.unit_of_work import Commands
from shared.kernel.errors import Refusal

approvals = Blueprint("approvals", "approvals", description="Two people for what matters")

MAKERS = ("clerk", "supervisor", "finance")
CHECKERS = ("supervisor", "finance", "system_admin")
DECISIONS_MAX = 200


def _kind_exists(code: str) -> None:
    if code not in kinds():
        raise ValidationError(f"Kinds are {', '.join(kinds())}.")


class RequestSchema(Schema):
    kind = fields.String(required=True, validate=_kind_exists)
    content = fields.Dict(required=True, metadata={"description": "the body of the verb's own route"})
    reason = Text(longest=200, required=True)


class RequestedSchema(Schema):
    approval_id = fields.Integer()
    kind = fields.String()
    amount = fields.String()
    content_hash = fields.String()
    state = fields.String()


@approvals.post("/approvals")
@allow(*MAKERS)
@approvals.arguments(RequestSchema)
@approvals.alt_response(201, schema=RequestedSchema, description="Waits for a second person")
def post_approvals(body: dict[str, Any]) -> Response:
    """Ask for a thing that a second person must agree to. Needs an Idempotency-Key."""
    key, kind = idempotency_key(), kind_of(body["kind"])
    kind.read(body["content"])
    command = RequestApproval(
        body["kind"], canonical(body["content"]), body["reason"], _person(),
        amount_of=lambda content, work: kind.amount_fen(kind.read(content), work),
    )  # fmt: skip
    return answered(
        commands().run(request_approval, command, caller=caller(), key=key, request=json_body(), status=201)
    )


class ApprovalSchema(RequestedSchema):
    content = fields.Dict()
    reason = fields.String()
    maker = fields.String()
    maker_person = fields.String()
    asked_at = fields.String()
    age_days = fields.Integer()
    decided_by = fields.String(allow_none=True)
    decided_by_person = fields.String(allow_none=True)
    decided_at = fields.String(allow_none=True)
    remark = fields.String(allow_none=True)


class InboxSchema(Schema):
    approvals = fields.List(fields.Nested(ApprovalSchema))
    next = fields.Integer(allow_none=True)


class InboxQuery(Schema):
    state = fields.String(validate=validate.OneOf(APPROVAL.states))
    kind = fields.String(validate=_kind_exists)
    maker = Text(longest=60)
    after = QueryNumber(least=0, most=2**62, load_default=0)
    limit = QueryNumber(least=1, most=1000, load_default=100)


@approvals.get("/approvals")
@allow(*MAKERS, *CHECKERS, "auditor")
@approvals.arguments(InboxQuery, location="query")
@approvals.response(200, InboxSchema)
def get_approvals(query: dict[str, Any]) -> Any:
    """Requests of every kind, the oldest first, with their age and the hash to decide on."""
    with commands().reading() as work:
        return approvals_inbox(work, state=query.get("state"), kind=query.get("kind"), maker=query.get("maker"),
                               after=query["after"], limit=query["limit"])  # fmt: skip


class DecisionSchema(Schema):
    approval_id = WholeNumber(least=1, most=2**62, required=True)
    verb = fields.String(required=True, validate=validate.OneOf(["approve", "reject"]))
    content_hash = fields.String(required=True, validate=validate.Regexp(r"\A[0-9a-f]{64}\Z"))
    remark = Text(longest=200)


class DecisionsSchema(Schema):
    decisions = fields.List(fields.Nested(DecisionSchema), required=True, validate=validate.Length(1, DECISIONS_MAX))


class DecidedSchema(Schema):
    approval_id = fields.Integer()
    state = fields.String()
    result = fields.Raw(allow_none=True)
    refusal = fields.Dict(metadata={"description": "why this one was not decided; the others were"})


class DecidedListSchema(Schema):
    decisions = fields.List(fields.Nested(DecidedSchema))


@approvals.post("/approvals/decisions")
@allow(*CHECKERS)
@approvals.arguments(DecisionsSchema)
@approvals.response(200, DecidedListSchema)
def post_decisions(body: dict[str, Any]) -> Any:
    """Approve or reject, each for itself: one that is refused stays open and says why. Needs an Idempotency-Key."""
    key = idempotency_key()
    return {
        "decisions": [_decided(decision, f"{key}:{decision['approval_id']}"[-255:]) for decision in body["decisions"]]
    }


def _decided(decision: dict[str, Any], key: str) -> dict[str, Any]:
    command = DecideApproval(
        decision["approval_id"], decision["verb"], bytes.fromhex(decision["content_hash"]), _person(),
        decision.get("remark"), carry_out=carry_out,
    )  # fmt: skip
    try:
        answer = commands().run(decide_approval, command, caller=caller(), key=key, request=decision)
    except Refusal as refusal:  # an answer about this one; the others are decided for themselves
        told = {"code": refusal.code, "detail": refusal.detail, "remedy": refusal.remedy, "facts": refusal.facts}
        return {"approval_id": decision["approval_id"], "state": "open", "refusal": strict_json(canonical(told))}
    decided: dict[str, Any] = strict_json(answer.body.decode())
    return decided


class WithdrawalSchema(Schema):
    approval_id = WholeNumber(least=1, most=2**62, required=True)
    remark = Text(longest=200)


@approvals.post("/approvals/withdrawals")
@allow(*MAKERS)
@approvals.arguments(WithdrawalSchema)
@approvals.response(200, DecidedSchema)
def post_withdrawals(body: dict[str, Any]) -> Response:
    """Take a request of one's own back. Needs an Idempotency-Key."""
    command = WithdrawApproval(body["approval_id"], _person(), body.get("remark"))
    key = idempotency_key()
    return answered(commands().run(withdraw_approval, command, caller=caller(), key=key, request=json_body()))


class LimitSchema(Schema):
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    limit = Yuan(minimum_fen=0, load_default=None, allow_none=True, attribute="limit_fen")


class LimitsSchema(Schema):
    kind = fields.String(required=True, validate=_kind_exists)
    limits = fields.List(fields.Nested(LimitSchema), required=True, validate=validate.Length(1, len(ROLES)))


class LimitsShownSchema(Schema):
    kind = fields.String()
    limits = fields.List(fields.Dict())


@approvals.post("/approval-limits")
@allow("security_admin")
@approvals.arguments(LimitsSchema)
@approvals.alt_response(201, schema=LimitsShownSchema)
def post_limits(body: dict[str, Any]) -> Response:
    """Which roles decide on a kind, each up to which amount: these limits replace the earlier ones."""
    limits = tuple(ApprovalLimit(limit["role"], limit["limit_fen"]) for limit in body["limits"])
    command = DeclareApprovalLimits(body["kind"], limits)
    return answered(commands().run(declare_approval_limits, command, caller=caller(), request=json_body(), status=201))


def _person() -> Person:
    who = identity()
    return Person(who.subject, who.person, who.roles)


def commands() -> Commands:
    found: Commands = current_app.extensions["commands"]
    return found
