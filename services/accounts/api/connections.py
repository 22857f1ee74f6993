"""New connections: applied for, surveyed, contracted, accepted."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from marshmallow import Schema, fields, validate

from services.accounts.api.accounts import READERS, MoveSchema, NewAccountSchema
from services.accounts.domain.connection import Acceptance
from services.accounts.domain.new_account import NewAccount
from services.accounts.queries.connection_application import connection_application
from services.accounts.use_cases.apply_for_connection import ApplyForConnection, apply_for_connection
from services.accounts.use_cases.connect_account import ConnectAccount, connect_account
from services.accounts.use_cases.contract_connection import ContractConnection, contract_connection
from services.accounts.use_cases.survey_connection import SurveyConnection, survey_connection
from services.accounts.use_cases.withdraw_connection import WithdrawConnection, withdraw_connection
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint, answered, caller, idempotency_key, json_body
from shared.chassis.schemas import Day, Text, WholeNumber
from shared.chassis.unit_of_work import Commands
from shared.kernel.errors import NotFound

connections = Blueprint("connections", "connections", description="New connections")

LIST = validate.Length(1, 1000)
DESK = ("clerk", "supervisor")


class AskedAccountSchema(NewAccountSchema):
    class Meta:
        exclude = ("connected_on",)


class ReasonSchema(Schema):
    reason = Text(longest=200, required=True)


class ApplySchema(ReasonSchema):
    applications = fields.List(fields.Nested(AskedAccountSchema), required=True, validate=LIST)


class ApplicationSchema(Schema):
    application_id = fields.Integer()
    state = fields.String()
    account_no = fields.String(allow_none=True)


class ApplicationsSchema(Schema):
    applications = fields.List(fields.Nested(ApplicationSchema))


def _number(**arguments: Any) -> WholeNumber:
    return WholeNumber(least=1, most=2**62, **arguments)


class ApplicationsVerbSchema(ReasonSchema):
    applications = fields.List(_number(), required=True, validate=LIST)


class SurveySchema(ApplicationsVerbSchema):
    feasible = fields.Boolean(truthy={True}, falsy={False}, load_default=True)


class AcceptanceSchema(Schema):
    application_id = _number(required=True)
    warranty_until = Day()


class AcceptSchema(ReasonSchema):
    acceptances = fields.List(fields.Nested(AcceptanceSchema), required=True, validate=LIST)


@connections.post("/connections")
@allow(*DESK)
@connections.arguments(ApplySchema)
@connections.alt_response(201, schema=ApplicationsSchema, description="Recorded")
def post_connections(body: dict[str, Any]) -> Response:
    """Apply for connections. Needs an Idempotency-Key."""
    accounts = tuple(NewAccount(**account) for account in body["applications"])
    return _done(apply_for_connection, ApplyForConnection(accounts, body["reason"]))


@connections.post("/connections/surveys")
@allow(*DESK)
@connections.arguments(SurveySchema)
@connections.alt_response(201, schema=ApplicationsSchema, description="Surveyed, or rejected where it is not feasible")
def post_surveys(body: dict[str, Any]) -> Response:
    """Record that the places were looked at. Needs an Idempotency-Key."""
    command = SurveyConnection(tuple(body["applications"]), body["feasible"], body["reason"])
    return _done(survey_connection, command)


@connections.post("/connections/contracts")
@allow(*DESK)
@connections.arguments(ApplicationsVerbSchema)
@connections.alt_response(201, schema=ApplicationsSchema, description="Contracted")
def post_contracts(body: dict[str, Any]) -> Response:
    """Record signed contracts. Needs an Idempotency-Key."""
    return _done(contract_connection, ContractConnection(tuple(body["applications"]), body["reason"]))


@connections.post("/connections/acceptances")
@allow("supervisor")
@connections.arguments(AcceptSchema)
@connections.alt_response(201, schema=ApplicationsSchema, description="Active accounts from today on")
def post_acceptances(body: dict[str, Any]) -> Response:
    """Accept the work and let heat in. Needs an Idempotency-Key."""
    acceptances = tuple(Acceptance(**acceptance) for acceptance in body["acceptances"])
    return _done(connect_account, ConnectAccount(acceptances, body["reason"]))


@connections.post("/connections/withdrawals")
@allow(*DESK)
@connections.arguments(ApplicationsVerbSchema)
@connections.alt_response(201, schema=ApplicationsSchema, description="Withdrawn")
def post_withdrawals(body: dict[str, Any]) -> Response:
    """Take applications back. Needs an Idempotency-Key."""
    return _done(withdraw_connection, WithdrawConnection(tuple(body["applications"]), body["reason"]))


class ApplicationMoveSchema(MoveSchema):
    class Meta:
        exclude = ("effective_on", "reason")

    moved_on = fields.String()
    note = fields.String()


class ApplicationToldSchema(ApplicationSchema):
    compound = fields.String()
    building = fields.String()
    unit = fields.String()
    room = fields.String()
    moves = fields.List(fields.Nested(ApplicationMoveSchema))


@connections.get("/connections/<application_id>")
@allow(*READERS)
@connections.response(200, ApplicationToldSchema)
def get_connection(application_id: str) -> Any:
    """One application, and every move of it."""
    if not application_id.isascii() or not application_id.isdigit() or len(application_id) > 18:
        raise NotFound("an application is a number", application_id=application_id[:20])
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return connection_application(work, int(application_id))


def _done(use_case: Any, command: Any) -> Response:
    commands: Commands = current_app.extensions["commands"]
    return answered(
        commands.run(use_case, command, caller=caller(), key=idempotency_key(), request=json_body(), status=201)
    )
