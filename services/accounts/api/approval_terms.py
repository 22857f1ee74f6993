"""What needs a second person, who decides up to which amount, and who stands in for whom: set up as data."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from services.accounts.api.approval_kinds import kind_of, kinds
from services.accounts.api.approvals import MAKERS, NUMBERS_MAX, READERS, QueryFlag, commands, kind_exists, person
from services.accounts.domain.approval import ApprovalLimit
from services.accounts.domain.approval_rule import DECIDE_WITHIN_DAYS, ApprovalRule
from services.accounts.queries.approval_terms import approval_terms as terms_of
from services.accounts.queries.approval_terms import delegations
from services.accounts.use_cases.declare_approval_limits import DeclareApprovalLimits, declare_approval_limits
from services.accounts.use_cases.declare_approval_rules import DeclareApprovalRules, declare_approval_rules
from services.accounts.use_cases.delegate_approvals import DelegateApprovals, delegate_approvals
from services.accounts.use_cases.end_delegation import EndDelegation, end_delegation
from shared.chassis.auth import ROLES, allow
from shared.chassis.http import Blueprint, answered, caller, json_body
from shared.chassis.schemas import Day, Flag, Text, WholeNumber, Yuan
from shared.kernel.errors import InvalidInput

approval_terms = Blueprint("approval_terms", "approval_terms", description="What needs a second person, and whose")


class LimitSchema(Schema):
    role = fields.String(required=True, validate=validate.OneOf(ROLES))
    limit = Yuan(minimum_fen=0, load_default=None, allow_none=True, attribute="limit_fen")


class LimitsSchema(Schema):
    kind = fields.String(required=True, validate=kind_exists)
    limits = fields.List(fields.Nested(LimitSchema), required=True, validate=validate.Length(1, len(ROLES)))


class LimitsShownSchema(Schema):
    kind = fields.String()
    limits = fields.List(fields.Dict())


@approval_terms.post("/approval-limits")
@allow("security_admin")
@approval_terms.arguments(LimitsSchema)
@approval_terms.alt_response(201, schema=LimitsShownSchema)
def post_limits(body: dict[str, Any]) -> Response:
    """Which roles decide on a kind, each up to which amount: these limits replace the earlier ones."""
    limits = tuple(ApprovalLimit(limit["role"], limit["limit_fen"]) for limit in body["limits"])
    command = DeclareApprovalLimits(body["kind"], limits)
    return answered(commands().run(declare_approval_limits, command, caller=caller(), request=json_body(), status=201))


class RuleSchema(Schema):
    kind = fields.String(required=True, validate=kind_exists)
    from_amount = Yuan(minimum_fen=0, load_default=None, allow_none=True, attribute="from_fen")
    from_homes = WholeNumber(least=1, most=1_000_000, load_default=None, allow_none=True)
    decide_within_days = WholeNumber(least=1, most=365, load_default=DECIDE_WITHIN_DAYS)
    whole_day = Flag(
        load_default=False, metadata={"description": "all that one person did of the kind on a day counts together"}
    )


class RulesSchema(Schema):
    rules = fields.List(fields.Nested(RuleSchema), required=True, validate=validate.Length(1, 100))
    reason = Text(longest=200, required=True)


class RuleShownSchema(Schema):
    kind = fields.String()
    from_amount = fields.String(allow_none=True)
    from_homes = fields.Integer(allow_none=True)
    decide_within_days = fields.Integer()
    whole_day = fields.Boolean()


class RulesShownSchema(Schema):
    rules = fields.List(fields.Nested(RuleShownSchema))


@approval_terms.post("/approval-rules")
@allow("security_admin")
@approval_terms.arguments(RulesSchema)
@approval_terms.alt_response(201, schema=RulesShownSchema)
def post_rules(body: dict[str, Any]) -> Response:
    """From which amount or number of homes on a verb needs a second person; these rules replace the kinds' earlier ones."""
    rules = tuple(ApprovalRule(**rule) for rule in body["rules"])
    for number, rule in enumerate(rules):
        if not kind_of(rule.kind).is_measured and (rule.from_fen or rule.from_homes):
            raise InvalidInput(
                "homes and money of this kind are not known before it is done: from_amount is 0.00, always, or nothing",
                place=f"rules/{number}", value=rule.kind,
            )  # fmt: skip
    command = DeclareApprovalRules(rules, body["reason"])
    return answered(commands().run(declare_approval_rules, command, caller=caller(), request=json_body(), status=201))


class TermSchema(RuleShownSchema):
    title = fields.String()
    always = fields.Boolean(metadata={"description": "but for trials it needs a second person whatever the rule says"})
    limits = fields.List(fields.Dict())


class TermsSchema(Schema):
    kinds = fields.List(fields.Nested(TermSchema))


@approval_terms.get("/approval-rules")
@allow(*READERS)
@approval_terms.response(200, TermsSchema)
def get_rules() -> Any:
    """Every kind: from when on it needs a second person, how long one may take, who decides up to which amount."""
    with commands().reading() as work:
        terms = terms_of(work, list(kinds()))
    declared = ((kinds()[term["kind"]], term) for term in terms)
    return {"kinds": [{**term, "title": kind.title, "always": kind.always} for kind, term in declared]}


class DelegationSchema(Schema):
    to_login = Text(longest=40, required=True)
    from_on = Day(required=True)
    until_on = Day(required=True, metadata={"description": "the day after the last"})
    reason = Text(longest=200, required=True)


class DelegationShownSchema(Schema):
    delegation_id = fields.Integer()
    from_login = fields.String()
    from_person = fields.String()
    to_login = fields.String()
    to_person = fields.String()
    from_on = fields.String()
    until_on = fields.String()
    reason = fields.String()
    ended_on = fields.String(allow_none=True)


class DelegationsSchema(Schema):
    delegations = fields.List(fields.Nested(DelegationShownSchema))


@approval_terms.post("/approval-delegations")
@allow(*MAKERS, "system_admin")
@approval_terms.arguments(DelegationSchema)
@approval_terms.alt_response(201, schema=DelegationShownSchema)
def post_delegations(body: dict[str, Any]) -> Response:
    """Somebody else decides for who asks while he is away: by his roles, within his limits, under the own name."""
    command = DelegateApprovals(person(), **body)
    return answered(commands().run(delegate_approvals, command, caller=caller(), request=json_body(), status=201))


class EndSchema(Schema):
    delegation_id = WholeNumber(least=1, most=NUMBERS_MAX, required=True)
    reason = Text(longest=200, required=True)


@approval_terms.post("/approval-delegations/ends")
@allow(*MAKERS, "system_admin", "security_admin")
@approval_terms.arguments(EndSchema)
@approval_terms.alt_response(201, schema=DelegationShownSchema)
def post_delegation_ends(body: dict[str, Any]) -> Response:
    """A delegation is taken back before its time, by who made it or a security administrator."""
    command = EndDelegation(body["delegation_id"], person(), body["reason"])
    return answered(commands().run(end_delegation, command, caller=caller(), request=json_body(), status=201))


class DelegationsQuery(Schema):
    past = QueryFlag(load_default=False, metadata={"description": "those that are over as well"})


@approval_terms.get("/approval-delegations")
@allow(*READERS)
@approval_terms.arguments(DelegationsQuery, location="query")
@approval_terms.response(200, DelegationsSchema)
def get_delegations(query: dict[str, Any]) -> Any:
    """Who stands in for whom, now and later."""
    with commands().reading() as work:
        return {"delegations": delegations(work, past=query["past"])}
