"""New connections: applied for, surveyed, contracted, accepted."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.accounts.api.account_verbs import DESK, LIST, recorded
from services.accounts.api.accounts import READERS, MoveSchema, NewAccountSchema
from services.accounts.domain.connection import Acceptance
from services.accounts.domain.connection_charge import Charge
from services.accounts.domain.new_account import NewAccount
from services.accounts.queries.connection_application import connection_application
from services.accounts.use_cases.apply_for_connection import ApplyForConnection, apply_for_connection
from services.accounts.use_cases.connect_account import ConnectAccount, connect_account
from services.accounts.use_cases.contract_connection import ContractConnection, contract_connection
from services.accounts.use_cases.lapse_connections import LapseConnections, lapse_connections
from services.accounts.use_cases.notify_applicants import NotifyApplicants, notify_applicants
from services.accounts.use_cases.record_contract_payment import Receipt, RecordContractPayment, record_contract_payment
from services.accounts.use_cases.survey_connection import SurveyConnection, survey_connection
from services.accounts.use_cases.withdraw_connection import WithdrawConnection, withdraw_connection
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint
from shared.chassis.schemas import Day, Flag, Text, WholeNumber, Yuan
from shared.chassis.unit_of_work import Commands
from shared.kernel.errors import NotFound

connections = Blueprint("connections", "connections", description="New connections")


class AskedAccountSchema(NewAccountSchema):
    class Meta:
        exclude = ("connected_on",)


class ReasonSchema(Schema):
    reason = Text(longest=200, required=True)


class ApplySchema(ReasonSchema):
    applications = fields.List(fields.Nested(AskedAccountSchema), required=True, validate=LIST)


class DueSchema(Schema):
    kind = fields.String()
    due_on = fields.String(metadata={"description": "the last day that is in time"})
    assumed = fields.Boolean(metadata={"description": "counted through a year whose working days are not declared"})


class ApplicationSchema(Schema):
    application_id = fields.Integer()
    state = fields.String()
    account_no = fields.String(allow_none=True)
    deadline = fields.Nested(DueSchema, allow_none=True, metadata={"description": "what is due next"})
    paid = fields.String()


class ApplicationsSchema(Schema):
    applications = fields.List(fields.Nested(ApplicationSchema))


def _number(**arguments: Any) -> WholeNumber:
    return WholeNumber(least=1, most=2**62, **arguments)


class ApplicationsVerbSchema(ReasonSchema):
    applications = fields.List(_number(), required=True, validate=LIST)


class SurveySchema(ApplicationsVerbSchema):
    feasible = Flag(load_default=True)


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
    return recorded(apply_for_connection, ApplyForConnection(accounts, body["reason"]))


@connections.post("/connections/surveys")
@allow(*DESK)
@connections.arguments(SurveySchema)
@connections.alt_response(201, schema=ApplicationsSchema, description="Surveyed, or rejected where it is not feasible")
def post_surveys(body: dict[str, Any]) -> Response:
    """Record that the places were looked at. Needs an Idempotency-Key."""
    command = SurveyConnection(tuple(body["applications"]), body["feasible"], body["reason"])
    return recorded(survey_connection, command)


@connections.post("/connections/notices")
@allow(*DESK)
@connections.arguments(ApplicationsVerbSchema)
@connections.alt_response(201, schema=ApplicationsSchema, description="Told")
def post_connection_notices(body: dict[str, Any]) -> Response:
    """Record that applicants were told what the survey found. Needs an Idempotency-Key."""
    return recorded(notify_applicants, NotifyApplicants(tuple(body["applications"]), body["reason"]))


class ChargeSchema(Schema):
    application_id = _number(required=True)
    connection_fee = Yuan(minimum_fen=0, load_default=0)
    first_season = Yuan(minimum_fen=0, load_default=0)


class ContractSchema(ApplicationsVerbSchema):
    charges = fields.List(
        fields.Nested(ChargeSchema), load_default=list, validate=validate.Length(0, 1000),
        metadata={"description": "what contracts of the list ask for before heat is let in"},
    )  # fmt: skip

    @validates_schema
    def _of_the_list(self, data: dict[str, Any], **_: Any) -> None:
        asked = [charge["application_id"] for charge in data["charges"]]
        if len(set(asked)) != len(asked) or not set(asked) <= set(data["applications"]):
            raise ValidationError("Each charge belongs to an application of the list, and stands once.", "charges")


@connections.post("/connections/contracts")
@allow(*DESK)
@connections.arguments(ContractSchema)
@connections.alt_response(201, schema=ApplicationsSchema, description="Contracted")
def post_contracts(body: dict[str, Any]) -> Response:
    """Record signed contracts, and what they ask for. Needs an Idempotency-Key."""
    charges = {each["application_id"]: Charge(each["connection_fee"], each["first_season"]) for each in body["charges"]}
    return recorded(contract_connection, ContractConnection(tuple(body["applications"]), body["reason"], charges))


class ReceiptSchema(Schema):
    application_id = _number(required=True)
    receipt = Text(longest=40, required=True)


class ContractPaymentsSchema(ReasonSchema):
    payments = fields.List(fields.Nested(ReceiptSchema), required=True, validate=LIST)


@connections.post("/connections/payments")
@allow("cashier", *DESK)
@connections.arguments(ContractPaymentsSchema)
@connections.alt_response(201, schema=ApplicationsSchema, description="Paid")
def post_connection_payments(body: dict[str, Any]) -> Response:
    """Record the receipts of what contracts asked for. Needs an Idempotency-Key."""
    payments = tuple(Receipt(**payment) for payment in body["payments"])
    return recorded(record_contract_payment, RecordContractPayment(payments, body["reason"]))


@connections.post("/connections/lapses")
@allow("supervisor")
@connections.arguments(ApplicationsVerbSchema)
@connections.alt_response(201, schema=ApplicationsSchema, description="Withdrawn, as nothing came")
def post_connection_lapses(body: dict[str, Any]) -> Response:
    """Let applications lapse whose contracts were not paid in time. Needs an Idempotency-Key."""
    return recorded(lapse_connections, LapseConnections(tuple(body["applications"]), body["reason"]))


@connections.post("/connections/acceptances")
@allow("supervisor")
@connections.arguments(AcceptSchema)
@connections.alt_response(201, schema=ApplicationsSchema, description="Active accounts from today on")
def post_acceptances(body: dict[str, Any]) -> Response:
    """Accept the work and let heat in. Needs an Idempotency-Key."""
    acceptances = tuple(Acceptance(**acceptance) for acceptance in body["acceptances"])
    return recorded(connect_account, ConnectAccount(acceptances, body["reason"]))


@connections.post("/connections/withdrawals")
@allow(*DESK)
@connections.arguments(ApplicationsVerbSchema)
@connections.alt_response(201, schema=ApplicationsSchema, description="Withdrawn")
def post_withdrawals(body: dict[str, Any]) -> Response:
    """Take applications back. Needs an Idempotency-Key."""
    return recorded(withdraw_connection, WithdrawConnection(tuple(body["applications"]), body["reason"]))


class ApplicationMoveSchema(MoveSchema):
    class Meta:
        exclude = ("effective_on", "reason")

    moved_on = fields.String()
    note = fields.String()


class EndedSchema(DueSchema):
    ended_on = fields.String(allow_none=True)
    outcome = fields.String(allow_none=True)


class ChargesToldSchema(Schema):
    connection_fee = fields.String()
    first_season = fields.String()
    document = fields.String(allow_none=True)
    receipt = fields.String(allow_none=True)
    paid_on = fields.String(allow_none=True)


class ApplicationToldSchema(ApplicationSchema):
    class Meta:
        exclude = ("deadline", "paid")

    charges = fields.Nested(ChargesToldSchema, allow_none=True)
    deadlines = fields.List(fields.Nested(EndedSchema))
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
