"""What a household is owed back: cold rooms, interruptions, a season that was too short."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from flask import Response
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.accounts.api.account_verbs import DESK, LIST, CorrectionSchema, VerbSchema, done
from services.accounts.api.fields import Area, LocalTime, Measure
from services.accounts.domain.place import Place
from services.accounts.domain.refund_entitlement import Room
from services.accounts.use_cases.credit_short_season import CreditShortSeason, credit_short_season
from services.accounts.use_cases.record_outage import RecordOutage, record_outage
from services.accounts.use_cases.record_temperature import Measured, RecordTemperature, record_temperature
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint
from shared.chassis.schemas import AccountNo, Day, Flag, SeasonField, Text, WholeNumber

refund_entitlements = Blueprint("refund_entitlements", "refund_entitlements", description="What is owed back")

_CELSIUS = re.compile(r"-?[0-9]{1,2}(\.[0-9])?", re.ASCII)


class Celsius(fields.Field[Decimal]):
    """A temperature as text with at most one decimal, -50 to 60 °C: ``"16.5"``."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(metadata={"type": "string", "pattern": _CELSIUS.pattern, "example": "16.5"}, **arguments)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        if not isinstance(value, str) or _CELSIUS.fullmatch(value) is None or not -50 <= Decimal(value) <= 60:
            raise ValidationError('A temperature is text with at most one decimal, as "16.5", from -50 to 60.')
        return Decimal(value)


class RoomSchema(Schema):
    area = Area(required=True)
    celsius = Celsius(required=True)


class MeasuredSchema(Schema):
    account_no = AccountNo(required=True)
    days = WholeNumber(least=1, most=366, required=True)
    celsius = Celsius()
    rooms = fields.List(fields.Nested(RoomSchema), validate=validate.Length(1, 40))
    official = Flag(load_default=False)
    requested_at = LocalTime()
    measured_at = LocalTime()


class TemperatureSchema(VerbSchema):
    measured = fields.List(fields.Nested(MeasuredSchema), required=True, validate=LIST)


class RefundedSchema(Schema):
    account_no = fields.String()
    measured_late = fields.Boolean(
        metadata={"description": "of a temperature: later than the policy gives the company"}
    )
    refund = fields.String(metadata={"description": "what this adds to the household's refund"})
    corrections = fields.List(fields.Nested(CorrectionSchema))


class RefundedListSchema(Schema):
    accounts = fields.List(fields.Nested(RefundedSchema))
    next = fields.String(allow_none=True)
    locked = fields.List(fields.String(), metadata={"description": "homes at the place that a lock holds back"})


@refund_entitlements.post("/accounts/temperatures")
@allow(*DESK)
@refund_entitlements.arguments(TemperatureSchema)
@refund_entitlements.alt_response(201, schema=RefundedListSchema, description="Credited; the list is all or nothing")
def post_temperatures(body: dict[str, Any]) -> Response:
    """Accepted measurements on days that end today. Needs an Idempotency-Key."""
    return done(record_temperature, temperature_report(body))


def temperature_report(body: dict[str, Any]) -> RecordTemperature:
    measured = tuple(
        Measured(
            one["account_no"], one["days"], one.get("celsius"),
            tuple(Room(room["area"], room["celsius"]) for room in one.get("rooms", ())), one["official"],
            one.get("requested_at"), one.get("measured_at"),
        )
        for one in body["measured"]
    )  # fmt: skip
    return RecordTemperature(measured, body["reason"], body["preview"])


class PlaceSchema(Schema):
    heat_station = Text(longest=80)
    compound = Text(longest=80)
    building = Text(longest=40)

    @validates_schema
    def _some_place(self, data: dict[str, Any], **_: Any) -> None:
        if not data.get("heat_station") and not data.get("compound"):
            raise ValidationError("Name a heat station or a compound.")


class OutageSchema(VerbSchema):
    hours = Measure(digits=4, decimals=2, required=True)
    accounts = fields.List(AccountNo(), validate=LIST)
    place = fields.Nested(PlaceSchema)
    after = AccountNo(load_default="")

    @validates_schema
    def _either(self, data: dict[str, Any], **_: Any) -> None:
        if ("accounts" in data) == ("place" in data):
            raise ValidationError("Name accounts, or a place.")


@refund_entitlements.post("/accounts/outages")
@allow(*DESK)
@refund_entitlements.arguments(OutageSchema)
@refund_entitlements.alt_response(201, schema=RefundedListSchema, description="Credited; the list is all or nothing")
def post_outages(body: dict[str, Any]) -> Response:
    """An interruption that ended today, of accounts or of a place a thousand homes at a time.

    Needs an Idempotency-Key.
    """
    return done(record_outage, outage_report(body))


def outage_report(body: dict[str, Any]) -> RecordOutage:
    place = Place(**body["place"]) if "place" in body else None
    accounts = tuple(body["accounts"]) if "accounts" in body else None
    return RecordOutage(body["hours"], body["reason"], accounts, place, body["after"], preview=body["preview"])


class ShortSeasonSchema(VerbSchema):
    season = SeasonField(required=True)
    supplied_from = Day(required=True)
    supplied_until = Day(required=True)
    after = AccountNo(load_default="")

    @validates_schema
    def _in_order(self, data: dict[str, Any], **_: Any) -> None:
        if data["supplied_until"] < data["supplied_from"]:
            raise ValidationError("The last day lies before the first.")


class CreditedSchema(Schema):
    homes = fields.Integer()
    credited = fields.String()
    charged = fields.String()
    next = fields.String(allow_none=True)
    locked = fields.List(fields.String(), metadata={"description": "homes that a lock holds back"})


@refund_entitlements.post("/seasons/supplied")
@allow("supervisor")
@refund_entitlements.arguments(ShortSeasonSchema)
@refund_entitlements.alt_response(201, schema=CreditedSchema, description="The next thousand homes are credited")
def post_supplied(body: dict[str, Any]) -> Response:
    """The days on which a season's heat really ran: missing days are credited, a thousand homes at a time.

    Needs an Idempotency-Key.
    """
    return done(credit_short_season, supply_report(body))


def supply_report(body: dict[str, Any]) -> CreditShortSeason:
    return CreditShortSeason(
        body["season"], body["supplied_from"], body["supplied_until"], body["reason"], body["after"], body["preview"]
    )
