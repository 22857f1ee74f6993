"""The tariff policy in force, and seasons that were decreed for themselves."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from marshmallow import Schema, fields, validate

from services.accounts.api.trial import assert_trial, is_trial
from services.accounts.queries.current_policy import current_policy
from services.accounts.queries.refund_rules import refund_rules
from services.accounts.queries.rehearsed_policy import Draft, rehearsed_policy
from services.accounts.use_cases.activate_policy import ActivatePolicy, activate_policy
from services.accounts.use_cases.declare_season import DeclareSeason, declare_season
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint, answered, caller, json_body
from shared.chassis.schemas import AccountNo, Day, SeasonField, WholeNumber
from shared.chassis.unit_of_work import Commands
from shared.kernel.errors import Refusal

policies = Blueprint("policies", "policies", description="Tariff policies and seasons")


PACK_LENGTH_MAX = 200_000
REHEARSED_MOST = 5000


class ChangesNotAllowed(Refusal):
    code = "policy_changes_not_allowed"
    status = 403
    remedy = "Put the change, with its legal document, into a policy pack and activate that."


def activation(body: dict[str, Any]) -> ActivatePolicy:
    """The command of a `PolicySchema` body. Refused: `policy_changes_not_allowed` in earnest."""
    if body["set"] and not is_trial():
        raise ChangesNotAllowed("values are changed for a trial only", place="set")
    return ActivatePolicy(body["name"], body["set"], body.get("pack"))


def declaration(body: dict[str, Any]) -> DeclareSeason:
    """The command of a `SeasonSchema` body."""
    prices = {name: value for name, value in body.items() if name not in ("season", "start_on", "end_on")}
    return DeclareSeason(body["season"], body["start_on"], body["end_on"], prices=prices)


def _value(longest: int) -> fields.String:
    return fields.String(validate=validate.Length(1, longest))


class PolicySchema(Schema):
    name = fields.String(required=True, validate=validate.Regexp(r"\A[a-z][a-z0-9_]{0,39}\Z"))
    set = fields.Dict(keys=_value(60), values=_value(4000), load_default=dict,
                      metadata={"description": "parameter → its value as YAML; for trials only"})  # fmt: skip
    pack = fields.String(
        validate=validate.Length(1, PACK_LENGTH_MAX),
        metadata={"description": "the text of a company's own pack (YAML); without it, the pack that Nuan brings"},
    )


class ActivatedSchema(Schema):
    name = fields.String()
    version = fields.String()
    document = fields.String()
    not_followed = fields.List(
        fields.String(), metadata={"description": "parameters that the policy sets and nothing obeys yet"}
    )


@policies.post("/policies")
@allow("system_admin", "supervisor")
@policies.arguments(PolicySchema)
@policies.alt_response(201, schema=ActivatedSchema)
def post_policies(body: dict[str, Any]) -> Response:
    """From now on the policy of this name is in force; in earnest by `POST /approvals`."""
    assert_trial("one person cannot change what everybody pays")
    commands: Commands = current_app.extensions["commands"]
    command = activation(body)
    return answered(commands.run(activate_policy, command, caller=caller(), request=json_body(), status=201))


class CurrentPolicySchema(ActivatedSchema):
    title = fields.String()
    valid_from = fields.String()
    zones = fields.Dict(metadata={"description": "supply zone → its heat stations"})
    parameters = fields.Dict()


@policies.get("/policies/current")
@allow(
    "cashier",
    "clerk",
    "supervisor",
    "finance",
    "auditor",
    "system_admin",
    "service:payments",
    "service:bank_gateway",
)
@policies.response(200, CurrentPolicySchema)
def get_current_policy() -> Any:
    """The policy in force: every value since when, and on what ground."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return current_policy(work)


class RefundRulesQuery(Schema):
    season = SeasonField(metadata={"description": "without it, the current season"})


class RefundLimitSchema(Schema):
    role = fields.String()
    limit = fields.String(allow_none=True, metadata={"description": "null: any amount"})


class RefundRulesSchema(Schema):
    season = fields.String()
    due_on = fields.String(metadata={"description": "the last day to pay back what is owed of the season"})
    route = fields.String()
    choice_closed_for = fields.String(
        allow_none=True, metadata={"description": "the season that runs: prepayments for it are not given back"}
    )
    season_begins_on = fields.String(metadata={"description": "the first day with heat of the current season"})
    limits = fields.List(fields.Nested(RefundLimitSchema))


@policies.get("/refund-rules")
@allow("cashier", "clerk", "supervisor", "finance", "auditor", "service:payments")
@policies.arguments(RefundRulesQuery, location="query")
@policies.response(200, RefundRulesSchema)
def get_refund_rules(query: dict[str, Any]) -> Any:
    """By which rules money is paid back today."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return refund_rules(work, season=query.get("season"))


class RehearsalSchema(PolicySchema):
    season = SeasonField(metadata={"description": "without it, the current season"})
    after = AccountNo(load_default="")
    limit = WholeNumber(least=1, most=REHEARSED_MOST, load_default=1000)


class SumsSchema(Schema):
    homes = fields.Integer()
    before = fields.String()
    after = fields.String()
    difference = fields.String()


class ClassSumsSchema(SumsSchema):
    price_class = fields.String()


class CompoundSumsSchema(SumsSchema):
    compound = fields.String()


class CauseSumsSchema(Schema):
    cause = fields.String(metadata={"description": "price, area, height or share"})
    homes = fields.Integer()
    difference = fields.String()


class ChangedHomeSchema(Schema):
    account_no = fields.String()
    compound = fields.String()
    price_class = fields.String()
    before = fields.String()
    after = fields.String()
    difference = fields.String()
    why = fields.String()
    why_en = fields.String()


class NotChargedSchema(Schema):
    account_no = fields.String()
    under = fields.String(metadata={"description": "policy or draft"})
    reason = fields.String()
    detail = fields.String()


class PolicyVersionSchema(Schema):
    name = fields.String()
    version = fields.String()


class RehearsedSchema(Schema):
    season = fields.String()
    policy = fields.Nested(PolicyVersionSchema)
    draft = fields.Nested(PolicyVersionSchema)
    accounts = fields.Integer(metadata={"description": "of all pages; on the first page"})
    differences = fields.List(fields.Dict(), metadata={"description": "parameters that differ; on the first page"})
    not_followed = fields.List(fields.String(), metadata={"description": "on the first page"})
    charged = fields.Nested(SumsSchema)
    more = fields.Nested(SumsSchema, metadata={"description": "homes that would pay more"})
    less = fields.Nested(SumsSchema, metadata={"description": "homes that would pay less"})
    by_class = fields.List(fields.Nested(ClassSumsSchema))
    by_compound = fields.List(fields.Nested(CompoundSumsSchema))
    causes = fields.List(fields.Nested(CauseSumsSchema))
    top = fields.List(fields.Nested(ChangedHomeSchema), metadata={"description": "the largest changes"})
    parked = fields.Integer(metadata={"description": "homes that one of the policies cannot charge"})
    parked_accounts = fields.List(fields.Nested(NotChargedSchema), metadata={"description": "the first hundred"})
    next = fields.String(allow_none=True)


@policies.post("/policies/rehearsals")
@allow("supervisor", "finance", "auditor", "system_admin")
@policies.arguments(RehearsalSchema)
@policies.response(200, RehearsedSchema)
def post_rehearsals(body: dict[str, Any]) -> Any:
    """Bill a page of accounts under a draft policy, beside the one in force, and write nothing."""
    commands: Commands = current_app.extensions["commands"]
    draft = Draft(body["name"], body.get("pack"), body["set"])
    with commands.reading() as work:
        return rehearsed_policy(work, draft, season=body.get("season"), after=body["after"], limit=body["limit"])


class SeasonSchema(Schema):
    season = SeasonField(required=True)
    start_on = Day(required=True)
    end_on = Day(required=True)
    price_residential = _value(20)
    price_nonresidential = _value(20)
    segments = _value(400)
    published = _value(200)


class DeclaredSchema(Schema):
    season = fields.String()
    start_on = fields.String()
    end_on = fields.String()
    day_count = fields.Integer()


@policies.post("/seasons")
@allow("system_admin", "supervisor")
@policies.arguments(SeasonSchema)
@policies.alt_response(201, schema=DeclaredSchema)
def post_seasons(body: dict[str, Any]) -> Response:
    """A season whose dates or prices differ from the policy's, before it is billed; in earnest by `POST /approvals`."""
    assert_trial("one person cannot change what everybody pays")
    commands: Commands = current_app.extensions["commands"]
    command = declaration(body)
    return answered(commands.run(declare_season, command, caller=caller(), request=json_body(), status=201))
