"""What happens to a home: its area, its suspension and resumption, notices and cuts, inspections, its end.

Each verb takes a list, all or nothing. With ``"preview": true`` it answers what it would do to the bills, and does
nothing.
"""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from services.accounts.api.account_verbs import DESK, LIST, AccountsVerbSchema, DoneSchema, VerbSchema, done, payments
from services.accounts.api.fields import Area
from services.accounts.domain.class_change import NewClass
from services.accounts.domain.illegal_use import FINDINGS, VALVE_OPEN
from services.accounts.domain.new_account import ID_NUMBERS
from services.accounts.domain.price_class import PRICE_CLASSES
from services.accounts.domain.transfer import BY_DAYS, NewOwner
from services.accounts.use_cases.change_class import ChangeClass, change_class
from services.accounts.use_cases.correct_area import CorrectArea, NewArea, correct_area
from services.accounts.use_cases.cut_account import CutAccount, cut_account
from services.accounts.use_cases.disconnect_account import DisconnectAccount, disconnect_account
from services.accounts.use_cases.inspect import Inspect, inspect
from services.accounts.use_cases.resume_account import ResumeAccount, resume_account
from services.accounts.use_cases.serve_notice import ServeNotice, serve_notice
from services.accounts.use_cases.suspend_account import SuspendAccount, Suspension, suspend_account
from services.accounts.use_cases.transfer_account import TransferAccount, transfer_account
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint
from shared.chassis.schemas import AccountNo, Day, Flag, SeasonField, Text, WholeNumber

lifecycle = Blueprint("lifecycle", "lifecycle", description="What happens to a home")


class NewAreaSchema(Schema):
    account_no = AccountNo(required=True)
    building_area = Area(required=True)
    inner_area = Area()
    usable_area = Area()
    certified_area = Area()


class CorrectAreaSchema(VerbSchema):
    areas = fields.List(fields.Nested(NewAreaSchema), required=True, validate=LIST)


@lifecycle.post("/accounts/areas")
@allow("supervisor")
@lifecycle.arguments(CorrectAreaSchema)
@lifecycle.alt_response(201, schema=DoneSchema, description="Corrected, from the current season on")
def post_areas(body: dict[str, Any]) -> Response:
    """Correct areas that were measured again. Needs an Idempotency-Key."""
    return done(correct_area, area_correction(body))


def area_correction(body: dict[str, Any]) -> CorrectArea:
    areas = tuple(NewArea(**area) for area in body["areas"])
    return CorrectArea(areas, body["reason"], body["preview"])


class NewClassSchema(Schema):
    account_no = AccountNo(required=True)
    price_class = fields.String(required=True, validate=validate.OneOf(list(PRICE_CLASSES)))
    since = Day(metadata={"description": "the first day of the new class; today if none is named"})


class ChangeClassSchema(VerbSchema):
    changes = fields.List(fields.Nested(NewClassSchema), required=True, validate=LIST)


@lifecycle.post("/accounts/class-changes")
@allow("supervisor")
@lifecycle.arguments(ChangeClassSchema)
@lifecycle.alt_response(201, schema=DoneSchema, description="Of another class from that day on")
def post_class_changes(body: dict[str, Any]) -> Response:
    """Change what homes are used for; the season is charged by days. Needs an Idempotency-Key."""
    return done(change_class, class_change(body))


def class_change(body: dict[str, Any]) -> ChangeClass:
    changes = tuple(NewClass(**change) for change in body["changes"])
    return ChangeClass(changes, body["reason"], body["preview"])


class SuspensionSchema(Schema):
    account_no = AccountNo(required=True)
    season = SeasonField(required=True)
    seasons = WholeNumber(least=1, most=20, load_default=None, allow_none=True)


class SuspendSchema(VerbSchema):
    suspensions = fields.List(fields.Nested(SuspensionSchema), required=True, validate=LIST)
    after_deadline = Flag(
        load_default=False, metadata={"description": "an exception, before the season begins: only by POST /approvals"}
    )


@lifecycle.post("/accounts/suspensions")
@allow(*DESK)
@lifecycle.arguments(SuspendSchema)
@lifecycle.alt_response(201, schema=DoneSchema, description="Suspended from today on")
def post_suspensions(body: dict[str, Any]) -> Response:
    """Suspend homes for a season and those after it. Needs an Idempotency-Key."""
    return done(suspend_account, suspending(body))


def suspending(body: dict[str, Any]) -> SuspendAccount:
    asked = tuple(Suspension(**suspension) for suspension in body["suspensions"])
    return SuspendAccount(asked, body["reason"], payments().overdue, body["preview"], body["after_deadline"])


@lifecycle.post("/accounts/resumptions")
@allow(*DESK)
@lifecycle.arguments(AccountsVerbSchema)
@lifecycle.alt_response(201, schema=DoneSchema, description="Heated again from today on")
def post_resumptions(body: dict[str, Any]) -> Response:
    """Give suspended or cut-off homes heat again. Needs an Idempotency-Key."""
    return done(resume_account, resumption(body))


def resumption(body: dict[str, Any]) -> ResumeAccount:
    return ResumeAccount(tuple(body["accounts"]), body["reason"], payments().overdue, body["preview"])


@lifecycle.post("/accounts/disconnections")
@allow("supervisor")
@lifecycle.arguments(AccountsVerbSchema)
@lifecycle.alt_response(201, schema=DoneSchema, description="Gone from today on")
def post_disconnections(body: dict[str, Any]) -> Response:
    """Disconnect homes for good. Needs an Idempotency-Key."""
    return done(disconnect_account, disconnection(body))


def disconnection(body: dict[str, Any]) -> DisconnectAccount:
    return DisconnectAccount(tuple(body["accounts"]), body["reason"], payments().overdue, body["preview"])


class TransferSchema(Schema):
    account_no = AccountNo(required=True)
    name = Text(longest=80, required=True)
    id_type = fields.String(validate=validate.OneOf(list(ID_NUMBERS)))
    id_no = Text(longest=18)
    phone = Text(longest=20)
    split = fields.String(validate=validate.OneOf([BY_DAYS]))
    assumed_by = Text(longest=200, metadata={"description": "the agreement by which the new owner takes the debt over"})


class TransfersSchema(VerbSchema):
    transfers = fields.List(fields.Nested(TransferSchema), required=True, validate=LIST)


@lifecycle.post("/accounts/transfers")
@allow(*DESK)
@lifecycle.arguments(TransfersSchema)
@lifecycle.alt_response(201, schema=DoneSchema, description="Another owner from today on")
def post_transfers(body: dict[str, Any]) -> Response:
    """Give homes another owner; with ``split`` the season is divided by days. Needs an Idempotency-Key."""
    return done(transfer_account, transfer(body))


def transfer(body: dict[str, Any]) -> TransferAccount:
    owners = tuple(NewOwner(**owner) for owner in body["transfers"])
    return TransferAccount(owners, body["reason"], payments().overdue, body["preview"])


class NoticeSchema(Schema):
    accounts = fields.List(AccountNo(), required=True, validate=LIST)
    preview = Flag(load_default=False)


@lifecycle.post("/accounts/notices")
@allow(*DESK)
@lifecycle.arguments(NoticeSchema)
@lifecycle.alt_response(201, schema=DoneSchema, description="Served today on whoever is late")
def post_notices(body: dict[str, Any]) -> Response:
    """Serve dunning notices. Needs an Idempotency-Key."""
    return done(serve_notice, ServeNotice(tuple(body["accounts"]), payments().overdue, body["preview"]))


@lifecycle.post("/accounts/cuts")
@allow("supervisor")
@lifecycle.arguments(AccountsVerbSchema)
@lifecycle.alt_response(201, schema=DoneSchema, description="Cut off from today on")
def post_cuts(body: dict[str, Any]) -> Response:
    """Cut homes off for arrears, after their notices. Needs an Idempotency-Key."""
    return done(cut_account, cutting(body))


def cutting(body: dict[str, Any]) -> CutAccount:
    return CutAccount(tuple(body["accounts"]), body["reason"], payments().overdue, body["preview"])


class InspectSchema(AccountsVerbSchema):
    finding = fields.String(load_default=VALVE_OPEN, validate=validate.OneOf(list(FINDINGS)))
    used_since = Day(metadata={"description": "proven use, where the policy charges by days"})


@lifecycle.post("/accounts/inspections")
@allow("supervisor")
@lifecycle.arguments(InspectSchema)
@lifecycle.alt_response(201, schema=DoneSchema, description="Charged for the season")
def post_inspections(body: dict[str, Any]) -> Response:
    """Charge homes without a right to heat that were found using it. Needs an Idempotency-Key."""
    return done(inspect, inspection(body))


def inspection(body: dict[str, Any]) -> Inspect:
    return Inspect(tuple(body["accounts"]), body["reason"], body["preview"], body["finding"], body.get("used_since"))
