"""Two homes become one, one becomes two."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from services.accounts.api.account_verbs import LIST, DoneAccountSchema, DoneSchema, VerbSchema, done, payments
from services.accounts.api.fields import Area
from services.accounts.domain.division import Division, Merger, Part
from services.accounts.domain.home_parts import Areas
from services.accounts.domain.new_account import ID_NUMBERS
from services.accounts.domain.price_class import PRICE_CLASSES
from services.accounts.domain.rating import dm2
from services.accounts.use_cases.merge_accounts import MergeAccounts, merge_accounts
from services.accounts.use_cases.split_account import SplitAccount, split_account
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint
from shared.chassis.schemas import AccountNo, Text

account_joins = Blueprint("account_joins", "account_joins", description="Accounts that become one, or two")

AREAS = ("building_area", "inner_area", "usable_area", "certified_area")


class MergerSchema(Schema):
    account_no = AccountNo(required=True, metadata={"description": "goes on, with both areas"})
    other_no = AccountNo(required=True, metadata={"description": "ends in it"})


class MergersSchema(VerbSchema):
    mergers = fields.List(fields.Nested(MergerSchema), required=True, validate=validate.Length(1, 500))


@account_joins.post("/accounts/mergers")
@allow("supervisor")
@account_joins.arguments(MergersSchema)
@account_joins.alt_response(201, schema=DoneSchema, description="One account from today on; each season by its days")
def post_mergers(body: dict[str, Any]) -> Response:
    """Merge homes that were knocked into one. Needs an Idempotency-Key."""
    return done(merge_accounts, merging(body))


def merging(body: dict[str, Any]) -> MergeAccounts:
    mergers = tuple(Merger(**merger) for merger in body["mergers"])
    return MergeAccounts(mergers, body["reason"], payments().overdue, body["preview"])


class AreasSchema(Schema):
    building_area = Area(required=True)
    inner_area = Area()
    usable_area = Area()
    certified_area = Area()


class PartOfHomeSchema(AreasSchema):
    account_no = AccountNo(metadata={"description": "assigned if none is given"})
    room = Text(longest=40, required=True)
    unit = Text(longest=40)
    price_class = fields.String(validate=validate.OneOf(list(PRICE_CLASSES)))
    name = Text(longest=80, metadata={"description": "the owner of the part; that of the home if none is named"})
    id_type = fields.String(validate=validate.OneOf(list(ID_NUMBERS)))
    id_no = Text(longest=18)
    phone = Text(longest=20)


class DivisionSchema(Schema):
    account_no = AccountNo(required=True)
    remaining = fields.Nested(AreasSchema, required=True)
    part = fields.Nested(PartOfHomeSchema, required=True)


class DivisionsSchema(VerbSchema):
    divisions = fields.List(fields.Nested(DivisionSchema), required=True, validate=LIST)


class PartAccountSchema(Schema):
    account_no = fields.String(allow_none=True, metadata={"description": "null in a preview that assigns one"})
    charged = fields.String(allow_none=True, metadata={"description": "of the season; null when it is not billed yet"})


class DividedAccountSchema(DoneAccountSchema):
    part = fields.Nested(PartAccountSchema)


class DividedSchema(Schema):
    accounts = fields.List(fields.Nested(DividedAccountSchema))


@account_joins.post("/accounts/divisions")
@allow("supervisor")
@account_joins.arguments(DivisionsSchema)
@account_joins.alt_response(201, schema=DividedSchema, description="Two accounts from today on; the season by its days")
def post_divisions(body: dict[str, Any]) -> Response:
    """Divide homes: a part gets an account of its own. Needs an Idempotency-Key."""
    return done(split_account, dividing(body))


def dividing(body: dict[str, Any]) -> SplitAccount:
    return SplitAccount(tuple(_division(**each) for each in body["divisions"]), body["reason"], body["preview"])


def _division(account_no: str, remaining: dict[str, Any], part: dict[str, Any]) -> Division:
    others = {name: value for name, value in part.items() if name not in AREAS}
    return Division(account_no, _areas(remaining), Part(areas=_areas(part), **others))


def _areas(told: dict[str, Decimal]) -> Areas:
    building, *others = (None if told.get(name) is None else dm2(told[name]) for name in AREAS)
    return Areas(building or 0, *others)
