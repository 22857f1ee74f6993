"""Suspensions that are asked for on one day and answered on another."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from marshmallow import Schema, fields

from services.accounts.api.account_verbs import DESK, LIST, DoneAccountSchema, VerbSchema, done, payments, recorded
from services.accounts.api.accounts import READERS, MoveSchema
from services.accounts.api.connections import DueSchema, EndedSchema
from services.accounts.queries.suspension_application import suspension_application
from services.accounts.use_cases.answer_suspensions import AnswerSuspensions, answer_suspensions
from services.accounts.use_cases.apply_for_suspension import ApplyForSuspension, AskedSuspension, apply_for_suspension
from services.accounts.use_cases.lapse_unpaid_suspensions import LapseUnpaidSuspensions, lapse_unpaid_suspensions
from services.accounts.use_cases.withdraw_suspension_applications import (
    WithdrawSuspensionApplications,
    withdraw_suspension_applications,
)
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint
from shared.chassis.schemas import AccountNo, Flag, SeasonField, Text, WholeNumber
from shared.chassis.unit_of_work import Commands
from shared.kernel.errors import NotFound

applications = Blueprint(
    "suspension_applications", "suspension_applications", description="Suspensions that are asked for"
)


class AskedSuspensionSchema(Schema):
    account_no = AccountNo(required=True)
    season = SeasonField(required=True)
    seasons = WholeNumber(least=1, most=20, load_default=None, allow_none=True)


class AskedListSchema(Schema):
    applications = fields.List(fields.Nested(AskedSuspensionSchema), required=True, validate=LIST)
    reason = Text(longest=200, required=True)


class SuspensionsVerbSchema(VerbSchema):
    applications = fields.List(WholeNumber(least=1, most=2**62), required=True, validate=LIST)


class AnswersSchema(SuspensionsVerbSchema):
    granted = Flag(required=True)


class WithdrawnApplicationsSchema(SuspensionsVerbSchema):
    class Meta:
        exclude = ("preview",)


class SuspensionApplicationSchema(Schema):
    application_id = fields.Integer()
    account_no = fields.String()
    state = fields.String()
    deadline = fields.Nested(DueSchema, allow_none=True, metadata={"description": "what is due next"})


class SuspensionApplicationsSchema(Schema):
    applications = fields.List(fields.Nested(SuspensionApplicationSchema))


class AnsweredSchema(SuspensionApplicationsSchema):
    accounts = fields.List(fields.Nested(DoneAccountSchema))


@applications.post("/suspension-applications")
@allow(*DESK)
@applications.arguments(AskedListSchema)
@applications.alt_response(201, schema=SuspensionApplicationsSchema, description="Recorded, to be answered in time")
def post_suspension_applications(body: dict[str, Any]) -> Response:
    """Ask that homes be suspended. Needs an Idempotency-Key."""
    asked = tuple(AskedSuspension(**application) for application in body["applications"])
    return recorded(apply_for_suspension, ApplyForSuspension(asked, body["reason"]))


@applications.post("/suspension-applications/answers")
@allow(*DESK)
@applications.arguments(AnswersSchema)
@applications.alt_response(201, schema=AnsweredSchema, description="Suspended from today on, or declined")
def post_suspension_answers(body: dict[str, Any]) -> Response:
    """Grant or decline what was asked for. Needs an Idempotency-Key."""
    return done(answer_suspensions, answering(body))


def answering(body: dict[str, Any]) -> AnswerSuspensions:
    numbers = tuple(body["applications"])
    return AnswerSuspensions(numbers, body["granted"], body["reason"], payments().overdue, body["preview"])


@applications.post("/suspension-applications/withdrawals")
@allow(*DESK)
@applications.arguments(WithdrawnApplicationsSchema)
@applications.alt_response(201, schema=SuspensionApplicationsSchema, description="Withdrawn")
def post_suspension_withdrawals(body: dict[str, Any]) -> Response:
    """Take applications back that wait for their answer. Needs an Idempotency-Key."""
    command = WithdrawSuspensionApplications(tuple(body["applications"]), body["reason"])
    return recorded(withdraw_suspension_applications, command)


@applications.post("/suspension-applications/lapses")
@allow("supervisor")
@applications.arguments(SuspensionsVerbSchema)
@applications.alt_response(201, schema=AnsweredSchema, description="Charged as if they had never been suspended")
def post_suspension_lapses(body: dict[str, Any]) -> Response:
    """Let suspensions lapse for which nothing was paid in time. Needs an Idempotency-Key."""
    return done(lapse_unpaid_suspensions, lapsing(body))


def lapsing(body: dict[str, Any]) -> LapseUnpaidSuspensions:
    numbers = tuple(body["applications"])
    return LapseUnpaidSuspensions(numbers, body["reason"], payments().open_of_seasons, body["preview"])


class SuspensionMoveSchema(MoveSchema):
    class Meta:
        exclude = ("effective_on", "reason")

    moved_on = fields.String()
    note = fields.String()


class SuspensionToldSchema(SuspensionApplicationSchema):
    class Meta:
        exclude = ("deadline",)

    season = fields.String()
    seasons = fields.Integer(allow_none=True)
    asked_on = fields.String()
    granted_on = fields.String(allow_none=True)
    deadlines = fields.List(fields.Nested(EndedSchema))
    moves = fields.List(fields.Nested(SuspensionMoveSchema))


@applications.get("/suspension-applications/<application_id>")
@allow(*READERS)
@applications.response(200, SuspensionToldSchema)
def get_suspension_application(application_id: str) -> Any:
    """One application for a suspension, every move of it and what is due."""
    if not application_id.isascii() or not application_id.isdigit() or len(application_id) > 18:
        raise NotFound("an application is a number", application_id=application_id[:20])
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return suspension_application(work, int(application_id))
