"""The audit: what was done by whom, when, why, and what was there before."""

from __future__ import annotations

from typing import Any

from flask import current_app
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.accounts.domain.audit import SEES_ALL, AuditFilter, UnknownCommand
from services.accounts.queries.audit_entries import audit_entries
from services.accounts.queries.audited_command import audited_command
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint, identity
from shared.chassis.schemas import AccountNo, Day, QueryNumber, Text
from shared.chassis.unit_of_work import Commands

audit = Blueprint("audit", "audit", description="Who did what, when, why, before and after")

READERS = ("supervisor", "security_admin", *SEES_ALL)
NUMBERS_MAX = 2**62


class AuditQuery(Schema):
    account_no = AccountNo()
    actor = Text(longest=60, metadata={"example": "staff:zhang"})
    verb = fields.String(validate=validate.Regexp(r"\A[a-z][a-z_]{0,59}\Z"))
    from_on = Day()
    until_on = Day(metadata={"description": "the day after the last"})
    approval_id = QueryNumber(least=1, most=NUMBERS_MAX)
    after = QueryNumber(least=1, most=NUMBERS_MAX, metadata={"description": "the last command of the page before"})
    limit = QueryNumber(least=1, most=1000, load_default=100)

    @validates_schema
    def _in_order(self, data: dict[str, Any], **_: Any) -> None:
        if "from_on" in data and "until_on" in data and data["until_on"] <= data["from_on"]:
            raise ValidationError("The period has no day.", "until_on")


class CommandSchema(Schema):
    command_id = fields.Integer()
    business_on = fields.String()
    at = fields.String()
    actor = fields.String()
    person = fields.String(allow_none=True)
    verb = fields.String()
    reason = fields.String(allow_none=True)
    approval_id = fields.Integer(allow_none=True)


class EntrySchema(CommandSchema):
    changes = fields.Integer(metadata={"description": "rows that were changed in place"})


class EntriesSchema(Schema):
    entries = fields.List(fields.Nested(EntrySchema))
    next = fields.Integer(allow_none=True)


@audit.get("/audit")
@allow(*READERS)
@audit.arguments(AuditQuery, location="query")
@audit.response(200, EntriesSchema)
def get_audit(query: dict[str, Any]) -> Any:
    """What was asked for and done, the newest first: of an account, a person, a verb, a period, an approval."""
    after, limit = query.pop("after", None), query.pop("limit")
    with _commands().reading() as work:
        return audit_entries(work, AuditFilter(**query), after=after, limit=limit)


class ChangeSchema(Schema):
    change_id = fields.Integer()
    table = fields.String()
    key = fields.String()
    account_no = fields.String(allow_none=True)
    before = fields.Dict()
    after = fields.Dict()


class AuditedCommandSchema(CommandSchema):
    request_id = fields.String()
    request = fields.Raw(allow_none=True)
    status = fields.Integer(allow_none=True)
    answer = fields.Raw(allow_none=True)
    changes = fields.List(fields.Nested(ChangeSchema))
    next = fields.Integer(allow_none=True)


class ChangesQuery(Schema):
    after = QueryNumber(least=0, most=NUMBERS_MAX, load_default=0)
    limit = QueryNumber(least=1, most=1000, load_default=100)


@audit.get("/audit/<int:command_id>")
@allow(*READERS)
@audit.arguments(ChangesQuery, location="query")
@audit.response(200, AuditedCommandSchema)
def get_audited_command(query: dict[str, Any], command_id: int) -> Any:
    """One command: what was asked and answered, and a page of the rows that it changed, before and after."""
    if command_id > NUMBERS_MAX:
        raise UnknownCommand("the audit knows no such command", command_id=str(command_id)[:40])
    whole = identity().is_any_of(SEES_ALL)
    with _commands().reading() as work:
        return audited_command(work, command_id, whole=whole, after=query["after"], limit=query["limit"])


def _commands() -> Commands:
    found: Commands = current_app.extensions["commands"]
    return found
