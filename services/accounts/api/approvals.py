"""Requests for approval: what they would do, the inbox, decisions one by one or many at once."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.accounts.api.approval_kinds import carry_out, kind_of, kinds
from services.accounts.domain.approval import APPROVAL, OPEN, Person
from services.accounts.domain.audit import SEES_ALL, shown
from services.accounts.queries.approval_effect import asked_effect, effect_now
from services.accounts.queries.approvals_inbox import InboxFilter, Reader, approvals_inbox, one_approval
from services.accounts.queries.foreseen_decision import foreseen_decision
from services.accounts.use_cases.decide_approval import DecideApproval, decide_approval
from services.accounts.use_cases.request_approval import RequestApproval, request_approval
from services.accounts.use_cases.withdraw_approval import WithdrawApproval, withdraw_approval
from shared.chassis.auth import allow
from shared.chassis.codec import canonical, strict_json
from shared.chassis.http import Blueprint, answered, caller, idempotency_key, identity, json_body
from shared.chassis.schemas import Flag, QueryNumber, Text, WholeNumber, Yuan
from shared.chassis.unit_of_work import Commands, Work
from shared.kernel.errors import Refusal

approvals = Blueprint("approvals", "approvals", description="Two people for what matters")

MAKERS = ("clerk", "supervisor", "finance")
CHECKERS = (*MAKERS, "system_admin")
"""Who may come to a decision at all; the limits say who may take it, so a clerk may stand in for a supervisor."""
READERS = (*CHECKERS, "auditor", "security_admin")
NUMBERS_MAX = 2**62
DECISIONS_MAX = 200
HASH = validate.Regexp(r"\A[0-9a-f]{64}\Z")


def kind_exists(code: str) -> None:
    if code not in kinds():
        raise ValidationError(f"Kinds are {', '.join(kinds())}.")


class RequestSchema(Schema):
    kind = fields.String(required=True, validate=kind_exists)
    content = fields.Dict(required=True, metadata={"description": "the body of the verb's own route"})
    reason = Text(longest=200, required=True)


class EffectSchema(Schema):
    homes = fields.Integer()
    charged = fields.String()
    credited = fields.String()
    amount = fields.String(metadata={"description": "charged and credited together: what limits are compared with"})
    effect_hash = fields.String(allow_none=True)


class RequestedSchema(EffectSchema):
    approval_id = fields.Integer()
    kind = fields.String()
    content_hash = fields.String()
    state = fields.String()


@approvals.post("/approvals")
@allow(*MAKERS)
@approvals.arguments(RequestSchema)
@approvals.alt_response(201, schema=RequestedSchema, description="Waits for a second person")
def post_approvals(body: dict[str, Any]) -> Response:
    """Ask for a thing that a second person must agree to; its effect is worked out now. Needs an Idempotency-Key."""
    key, kind = idempotency_key(), kind_of(body["kind"])
    with commands().reading() as work:
        effect = kind.shown(body["content"], work)
    command = RequestApproval(body["kind"], canonical(body["content"]), body["reason"], person(), effect)
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
    overdue = fields.Boolean(metadata={"description": "open for longer than its kind allows"})
    mine = fields.Boolean(metadata={"description": "whether who asks may decide on it"})
    decided_by = fields.String(allow_none=True)
    decided_by_person = fields.String(allow_none=True)
    on_behalf_of = fields.String(allow_none=True)
    decided_at = fields.String(allow_none=True)
    decided_amount = fields.String(allow_none=True, metadata={"description": "what was carried out"})
    remark = fields.String(allow_none=True)


class InboxSumSchema(Schema):
    kind = fields.String()
    requests = fields.Integer()
    overdue = fields.Integer()
    homes = fields.Integer()
    charged = fields.String()
    credited = fields.String()
    oldest_at = fields.String()


class InboxSchema(Schema):
    approvals = fields.List(fields.Nested(ApprovalSchema))
    sums = fields.List(fields.Nested(InboxSumSchema), metadata={"description": "of all pages; on the first page"})
    next = fields.Integer(allow_none=True)


class QueryFlag(fields.Boolean):
    """``true`` or ``false`` in a query string."""

    truthy = {"true"}  # noqa: RUF012
    falsy = {"false"}  # noqa: RUF012


class InboxQuery(Schema):
    state = fields.String(validate=validate.OneOf(APPROVAL.states))
    kind = fields.String(validate=kind_exists)
    maker = Text(longest=60)
    amount_from = Yuan(minimum_fen=0, attribute="from_fen")
    amount_until = Yuan(minimum_fen=0, attribute="until_fen", metadata={"description": "above what is asked for"})
    mine = QueryFlag(load_default=False, metadata={"description": "only what who asks may decide on"})
    overdue = QueryFlag(load_default=False)
    after = QueryNumber(least=0, most=NUMBERS_MAX, load_default=0)
    limit = QueryNumber(least=1, most=1000, load_default=100)


@approvals.get("/approvals")
@allow(*READERS)
@approvals.arguments(InboxQuery, location="query")
@approvals.response(200, InboxSchema)
def get_approvals(query: dict[str, Any]) -> Any:
    """Requests of every kind, the oldest first: age, amount, whose to decide, and the hashes to decide on."""
    after, limit = query.pop("after"), query.pop("limit")
    with commands().reading() as work:
        return told_to_reader(approvals_inbox(work, InboxFilter(**query), reader(), after=after, limit=limit))


@approvals.get("/approvals/<int:approval_id>")
@allow(*READERS)
@approvals.response(200, ApprovalSchema)
def get_approval(approval_id: int) -> Any:
    """One request, as the inbox shows it."""
    with commands().reading() as work:
        return told_to_reader(one_approval(work, min(approval_id, NUMBERS_MAX), reader()))


class EffectLineSchema(Schema):
    account_no = fields.String()
    season = fields.String(allow_none=True)
    payer = fields.String(allow_none=True)
    amount = fields.String()


class EffectPageSchema(EffectSchema):
    lines = fields.List(fields.Nested(EffectLineSchema))
    next = fields.Integer(allow_none=True)


class EffectQuery(Schema):
    now = QueryFlag(load_default=False, metadata={"description": "as it would be now, not as it was asked for"})
    after = QueryNumber(least=0, most=10**6, load_default=0)
    limit = QueryNumber(least=1, most=1000, load_default=100)


@approvals.get("/approvals/<int:approval_id>/effect")
@allow(*READERS)
@approvals.arguments(EffectQuery, location="query")
@approvals.response(200, EffectPageSchema)
def get_effect(query: dict[str, Any], approval_id: int) -> Any:
    """What a request does to the bills, home by home; its hash is what an approval names."""
    number, page = min(approval_id, NUMBERS_MAX), {"after": query["after"], "limit": query["limit"]}
    with commands().reading() as work:
        if query["now"]:
            return effect_now(work, number, _effect_now, **page)
        return asked_effect(work, number, **page)


class DecisionSchema(Schema):
    approval_id = WholeNumber(least=1, most=NUMBERS_MAX, required=True)
    verb = fields.String(required=True, validate=validate.OneOf(["approve", "reject"]))
    content_hash = fields.String(required=True, validate=HASH)
    effect_hash = fields.String(validate=HASH, metadata={"description": "to approve what changes bills"})
    remark = Text(longest=200)


class DecisionsSchema(Schema):
    decisions = fields.List(fields.Nested(DecisionSchema), required=True, validate=validate.Length(1, DECISIONS_MAX))
    preview = Flag(load_default=False)

    @validates_schema
    def _once(self, data: dict[str, Any], **_: Any) -> None:
        numbers = [decision["approval_id"] for decision in data["decisions"]]
        if len(set(numbers)) < len(numbers):
            raise ValidationError("A request stands twice in the list.", "decisions")


class DecidedSchema(EffectSchema):
    approval_id = fields.Integer()
    state = fields.String()
    amount = fields.String(allow_none=True)
    on_behalf_of = fields.String(allow_none=True)
    result = fields.Raw(allow_none=True)
    refusal = fields.Dict(metadata={"description": "why this one was not decided; the others were"})


class DecidedListSchema(Schema):
    decisions = fields.List(fields.Nested(DecidedSchema))


@approvals.post("/approvals/decisions")
@allow(*CHECKERS)
@approvals.arguments(DecisionsSchema)
@approvals.response(200, DecidedListSchema)
def post_decisions(body: dict[str, Any]) -> Any:
    """Approve or reject, each for itself: one that is refused stays open and says why. Needs an Idempotency-Key.

    With ``"preview": true`` it answers what would come of each, and does nothing.
    """
    if body["preview"]:
        return {"decisions": [_told(decision, _foreseen) for decision in body["decisions"]]}
    key = idempotency_key()
    return {
        "decisions": [
            _told(decision, lambda one: _decided(one, f"{key}:{one['approval_id']}"[-255:]))
            for decision in body["decisions"]
        ]
    }


def _told(decision: dict[str, Any], decide: Any) -> dict[str, Any]:
    try:
        told: dict[str, Any] = decide(decision)
    except Refusal as refusal:  # an answer about this one; the others are decided for themselves
        said = {"code": refusal.code, "detail": refusal.detail, "remedy": refusal.remedy, "facts": refusal.facts}
        state = refusal.facts.get("state") if refusal.code == "transition_refused" else None
        told = {"approval_id": decision["approval_id"], "state": state if state in APPROVAL.states else OPEN,
                "refusal": strict_json(canonical(said))}  # fmt: skip
    return told


def _decided(decision: dict[str, Any], key: str) -> Any:
    command = DecideApproval(
        decision["approval_id"], decision["verb"], bytes.fromhex(decision["content_hash"]), _seen_effect(decision),
        person(), decision.get("remark"), carry_out=carry_out,
    )  # fmt: skip
    answer = commands().run(decide_approval, command, caller=caller(), key=key, request=decision)
    return strict_json(answer.body.decode())


def _foreseen(decision: dict[str, Any]) -> Any:
    with commands().reading() as work:
        return foreseen_decision(
            work, decision["approval_id"], decision["verb"], person(), _effect_now,
            seen=bytes.fromhex(decision["content_hash"]), seen_effect=_seen_effect(decision),
        )  # fmt: skip


def _seen_effect(decision: dict[str, Any]) -> bytes | None:
    return bytes.fromhex(decision["effect_hash"]) if "effect_hash" in decision else None


def _effect_now(kind: str, content: Any, work: Work) -> Any:
    return kind_of(kind).shown(content, work)


class WithdrawalSchema(Schema):
    approval_id = WholeNumber(least=1, most=NUMBERS_MAX, required=True)
    remark = Text(longest=200)


@approvals.post("/approvals/withdrawals")
@allow(*MAKERS)
@approvals.arguments(WithdrawalSchema)
@approvals.response(200, DecidedSchema)
def post_withdrawals(body: dict[str, Any]) -> Response:
    """Take a request of one's own back. Needs an Idempotency-Key."""
    command = WithdrawApproval(body["approval_id"], person(), body.get("remark"))
    key = idempotency_key()
    return answered(commands().run(withdraw_approval, command, caller=caller(), key=key, request=json_body()))


def person() -> Person:
    who = identity()
    return Person(who.subject, who.person, who.roles)


def told_to_reader(answer: Any) -> Any:
    """Personal numbers as they are for who may decide on them or audits; masked for who watches over rules alone."""
    return shown(answer, whole=identity().is_any_of((*CHECKERS, *SEES_ALL)))


def reader() -> Reader:
    return Reader(person(), list(kinds()))


def commands() -> Commands:
    found: Commands = current_app.extensions["commands"]
    return found
