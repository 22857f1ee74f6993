"""What the verbs of a home's life share: a list, a reason, a preview, and what they answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, current_app
from marshmallow import Schema, fields, validate

from services.accounts.api.approval_kinds import by_one_person
from services.accounts.gateways.payments import Payments
from shared.chassis.codec import canonical
from shared.chassis.http import answered, caller, idempotency_key, json_body
from shared.chassis.schemas import AccountNo, Flag, Text
from shared.chassis.unit_of_work import Commands, Work

LIST = validate.Length(1, 1000)
DESK = ("clerk", "supervisor")


class VerbSchema(Schema):
    reason = Text(longest=200, required=True)
    preview = Flag(load_default=False)


class AccountsVerbSchema(VerbSchema):
    accounts = fields.List(AccountNo(), required=True, validate=LIST)


class CorrectionSchema(Schema):
    season = fields.String()
    bill_no = fields.Integer()
    payer = fields.String()
    billed_before = fields.String()
    amount = fields.String(metadata={"description": "above zero: an extra line; below zero: a reduction"})
    billed = fields.String()
    due_on = fields.String()


class BilledSchema(Schema):
    season = fields.String()
    payer = fields.String()
    amount = fields.String()


class DoneAccountSchema(Schema):
    account_no = fields.String()
    state = fields.String()
    suspended_until = fields.String(allow_none=True)
    household = fields.String()
    assumed = fields.String(
        metadata={"description": "the debt that the new owner takes over, as far as it is known here"}
    )
    charged = fields.String()
    to = fields.String()
    price_class = fields.String()
    since = fields.String()
    amount = fields.String()
    billed = fields.List(fields.Nested(BilledSchema), metadata={"description": "bills that were made at once"})
    warnings = fields.List(fields.String(), metadata={"description": "codes of what a clerk should know"})
    corrections = fields.List(fields.Nested(CorrectionSchema))


class DoneSchema(Schema):
    accounts = fields.List(fields.Nested(DoneAccountSchema))


def done(use_case: Callable[[Any, Work], dict[str, Any]], command: Any) -> Response:
    """Do it once under the request's key; a preview is worked out and kept nowhere.

    Refused besides: `needs_approval` where the rules ask for a second person for what it does.
    """
    commands: Commands = current_app.extensions["commands"]
    if command.preview:
        with commands.reading() as work:
            return Response(canonical(use_case(command, work)), mimetype="application/json")
    key, alone = idempotency_key(), by_one_person(use_case)
    return answered(commands.run(alone, command, caller=caller(), key=key, request=json_body(), status=201))


def recorded(use_case: Callable[[Any, Work], dict[str, Any]], command: Any) -> Response:
    """Do it once under the request's key; verbs that change no bill have no preview."""
    commands: Commands = current_app.extensions["commands"]
    key = idempotency_key()
    return answered(commands.run(use_case, command, caller=caller(), key=key, request=json_body(), status=201))


def payments() -> Payments:
    found: Payments = current_app.extensions["payments"]
    return found
