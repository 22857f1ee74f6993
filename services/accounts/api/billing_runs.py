"""Season runs: billing, its preview, and how far it is."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from marshmallow import Schema, fields, validate

from services.accounts.api.approval_kinds import by_one_person
from services.accounts.api.fields import each_once
from services.accounts.queries.billing_progress import UnknownRun, billing_progress, parked_accounts
from services.accounts.use_cases.issue_bills import CHUNK_HOMES_MAX, ISSUE, PREVIEW, IssueBills, issue_bills
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint, answered, caller, idempotency_key, json_body
from shared.chassis.schemas import AccountNo, QueryNumber, SeasonField
from shared.chassis.unit_of_work import Commands
from shared.kernel.errors import InvalidInput

billing_runs = Blueprint("billing_runs", "billing_runs", description="Season runs")

READERS = ("clerk", "supervisor", "finance", "auditor")


class BillingRunSchema(Schema):
    season = SeasonField(required=True)
    accounts = fields.List(AccountNo(), validate=[validate.Length(1, CHUNK_HOMES_MAX), each_once])
    mode = fields.String(load_default=ISSUE, validate=validate.OneOf([ISSUE, PREVIEW]))


class BegunSchema(Schema):
    run_id = fields.Integer()
    state = fields.String(metadata={"description": "done, or running: GET /billing-runs/<run_id>"})
    accounts = fields.Integer(metadata={"description": "of a running run"})
    billed = fields.Integer()
    already = fields.Integer()
    parked = fields.Integer()
    amount = fields.String()


@billing_runs.post("/billing-runs")
@allow("supervisor", "finance")
@billing_runs.arguments(BillingRunSchema)
@billing_runs.alt_response(201, schema=BegunSchema, description="Done, or planned when there are many homes")
def post_billing_runs(body: dict[str, Any]) -> Response:
    """Bill a season: every home that is charged, or the accounts that are named. Needs an Idempotency-Key."""
    key = idempotency_key()
    run, command = (
        (issue_bills, run_of(body)) if body["mode"] == PREVIEW else (by_one_person(issue_bills), issuing(body))
    )
    commands: Commands = current_app.extensions["commands"]
    return answered(commands.run(run, command, caller=caller(), key=key, request=json_body(), status=201))


def run_of(body: dict[str, Any]) -> IssueBills:
    return IssueBills(body["season"], body["mode"], tuple(body["accounts"]) if "accounts" in body else None)


def issuing(body: dict[str, Any]) -> IssueBills:
    """A run that issues bills. Refused: a preview, to which nobody has to agree."""
    if body["mode"] != ISSUE:
        raise InvalidInput("a preview needs nobody's agreement", place="mode", value=body["mode"])
    return run_of(body)


class PolicyNameSchema(Schema):
    name = fields.String()
    version = fields.String()


class ClassSumSchema(Schema):
    price_class = fields.String()
    bills = fields.Integer()
    amount = fields.String()


class ParkedAccountSchema(Schema):
    account_no = fields.String()
    reason = fields.String()
    detail = fields.String()


class BillingProgressSchema(BegunSchema):
    season = fields.String()
    mode = fields.String()
    policy = fields.Nested(PolicyNameSchema)
    done = fields.Integer()
    by_class = fields.List(fields.Nested(ClassSumSchema))
    parked_accounts = fields.List(fields.Nested(ParkedAccountSchema), metadata={"description": "the first hundred"})
    started_at = fields.String()
    finished_at = fields.String(allow_none=True)
    rate_per_second = fields.Integer(allow_none=True)
    expected_end_at = fields.String(allow_none=True)


@billing_runs.get("/billing-runs/<run_id>")
@allow(*READERS)
@billing_runs.response(200, BillingProgressSchema)
def get_billing_run(run_id: str) -> Any:
    """How far the run is, what it billed by class, and what it could not bill."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return billing_progress(work, _checked_run_id(run_id))


class ParkedQuery(Schema):
    after = AccountNo(load_default="")
    limit = QueryNumber(least=1, most=1000, load_default=100)


@billing_runs.get("/billing-runs/<run_id>/parked")
@allow(*READERS)
@billing_runs.arguments(ParkedQuery, location="query")
@billing_runs.response(200, ParkedAccountSchema(many=True))
def get_parked(query: dict[str, Any], run_id: str) -> Any:
    """Accounts that the run could not bill, and why, in the order of their numbers."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return parked_accounts(work, _checked_run_id(run_id), after=query["after"], limit=query["limit"])


def _checked_run_id(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise UnknownRun("a billing run is a number", run_id=text[:20])
    return int(text)
