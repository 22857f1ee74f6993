"""Groups of employers: opened, joined, carried into the next season, and what they bear."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from marshmallow import Schema, fields, validate

from services.accounts.api.account_verbs import LIST, VerbSchema, done
from services.accounts.api.approval_kinds import by_one_person
from services.accounts.api.fields import Area
from services.accounts.api.reliefs import GrantedListSchema, Percent
from services.accounts.domain.relief_kind import REIMBURSE, SPLIT_BILL
from services.accounts.queries.group_statement import group_statement
from services.accounts.queries.listings import OFFICE
from services.accounts.use_cases.carry_members import CarryMembers, carry_members
from services.accounts.use_cases.join_group import JoinGroup, NewMember, join_group
from services.accounts.use_cases.open_groups import NewGroup, OpenGroups, open_groups
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint, answered, caller, idempotency_key, json_body
from shared.chassis.schemas import AccountNo, Day, SeasonField, Text
from shared.chassis.unit_of_work import Commands
from shared.kernel.errors import InvalidInput

payer_groups = Blueprint("payer_groups", "payer_groups", description="Employers that pay for many homes")

CODE = validate.Regexp(r"\A[A-Z0-9_-]{1,20}\Z")


class NewGroupSchema(Schema):
    code = fields.String(required=True, validate=CODE)
    name = Text(longest=80, required=True)
    uscc = Text(longest=18)


class OpenGroupsSchema(Schema):
    groups = fields.List(fields.Nested(NewGroupSchema), required=True, validate=LIST)


class OpenedGroupSchema(Schema):
    code = fields.String()
    name = fields.String()


class OpenedGroupsSchema(Schema):
    groups = fields.List(fields.Nested(OpenedGroupSchema))


@payer_groups.post("/payer-groups")
@allow("clerk", "supervisor")
@payer_groups.arguments(OpenGroupsSchema)
@payer_groups.alt_response(201, schema=OpenedGroupsSchema, description="Opened; all or nothing")
def post_groups(body: dict[str, Any]) -> Response:
    """Open groups: each by its code, with the name under which it pays. Needs an Idempotency-Key."""
    command = OpenGroups(tuple(NewGroup(**group) for group in body["groups"]))
    commands: Commands = current_app.extensions["commands"]
    return answered(commands.run(open_groups, command, caller=caller(), key=idempotency_key(), request=json_body(),
                                 status=201))  # fmt: skip


class NewMemberSchema(Schema):
    account_no = AccountNo(required=True)
    share_pct = Percent()
    cap_m2 = Area()
    mechanism = fields.String(validate=validate.OneOf((SPLIT_BILL, REIMBURSE)))
    from_on = Day()
    until_on = Day()


class JoinGroupSchema(VerbSchema):
    code = Text(longest=20, metadata={"description": "the group, where no path names it: in a request for approval"})
    members = fields.List(fields.Nested(NewMemberSchema), required=True, validate=LIST)


@payer_groups.post("/payer-groups/<code>/members")
@allow("supervisor")
@payer_groups.arguments(JoinGroupSchema)
@payer_groups.alt_response(201, schema=GrantedListSchema, description="Members of the current season; all or nothing")
def post_members(body: dict[str, Any], code: str) -> Response:
    """The group bears its share of these homes this season. Needs an Idempotency-Key."""
    if body.setdefault("code", code) != code:
        raise InvalidInput("the path names another group", place="code", value=body["code"])
    return done(join_group, joining(body))


def joining(body: dict[str, Any]) -> JoinGroup:
    """The command of a `JoinGroupSchema` body. Refused: one that names no group."""
    if "code" not in body:
        raise InvalidInput("which group?", place="code")
    members = tuple(NewMember(**member) for member in body["members"])
    return JoinGroup(body["code"], members, body["reason"], body["preview"])


class CarrySchema(Schema):
    reason = Text(longest=200, required=True)


class CarriedSchema(Schema):
    season = fields.String()
    carried = fields.Integer()
    homes = fields.Integer(metadata={"description": "the same as `carried`"})
    charged = fields.String()
    credited = fields.String()
    left = fields.Boolean(metadata={"description": "more are left: ask again"})


@payer_groups.post("/payer-groups/<code>/carried-members")
@allow("supervisor")
@payer_groups.arguments(CarrySchema)
@payer_groups.alt_response(201, schema=CarriedSchema, description="Carried, a thousand at most")
def post_carried_members(body: dict[str, Any], code: str) -> Response:
    """Take the members of last season into this one, a thousand at a time. Needs an Idempotency-Key."""
    commands: Commands = current_app.extensions["commands"]
    return answered(commands.run(by_one_person(carry_members), CarryMembers(code, body["reason"]), caller=caller(),
                                 key=idempotency_key(), request=json_body(), status=201))  # fmt: skip


class GroupQuery(Schema):
    season = SeasonField(required=True)


class GroupStatementSchema(Schema):
    code = fields.String()
    name = fields.String()
    season = fields.String()
    members = fields.Integer()
    shares = fields.Integer()
    billed = fields.String()
    paid = fields.String()
    open = fields.String()


@payer_groups.get("/payer-groups/<code>/statement")
@allow(*OFFICE)
@payer_groups.arguments(GroupQuery, location="query")
@payer_groups.response(200, GroupStatementSchema)
def get_group_statement(query: dict[str, Any], code: str) -> Any:
    """What the shares of all members amount to; the members one by one are `GET /group-members?group=…`."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return group_statement(work, code, season=query["season"])
