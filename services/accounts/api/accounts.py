"""Heat accounts: opening them, and what is known of them; their bills are in account_bills.py."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from marshmallow import Schema, ValidationError, fields, validate

from services.accounts.api.fields import Area, Height, checked_account_no
from services.accounts.domain.new_account import NewAccount
from services.accounts.domain.price_class import PRICE_CLASSES
from services.accounts.queries.account_card import account_card, account_state
from services.accounts.queries.account_on_day import account_on_day
from services.accounts.use_cases.open_accounts import OpenAccounts, open_accounts
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint, answered, caller, idempotency_key, json_body
from shared.chassis.schemas import AccountNo, Day, Text, WholeNumber
from shared.chassis.unit_of_work import Commands
from shared.kernel.errors import InvalidInput

accounts = Blueprint("accounts", "accounts", description="Heat accounts")

READERS = ("cashier", "clerk", "supervisor", "finance", "auditor", "service:payments", "service:bank_gateway")


class NewAccountSchema(Schema):
    account_no = AccountNo()
    name = Text(longest=80, required=True)
    id_type = fields.String(validate=validate.OneOf(["id_card", "uscc", "passport"]))
    id_no = Text(longest=18)
    phone = Text(longest=20)
    compound = Text(longest=80, required=True)
    building = Text(longest=40, required=True)
    unit = Text(longest=40)
    room = Text(longest=40, required=True)
    floor = WholeNumber(least=-20, most=200)
    building_area = Area(required=True)
    inner_area = Area()
    usable_area = Area()
    certified_area = Area()
    storey_height = Height()
    price_class = fields.String(load_default="residential", validate=validate.OneOf(list(PRICE_CLASSES)))
    connected_on = Day()
    warranty_until = Day()
    employer = Text(longest=80)


class OpenAccountsSchema(Schema):
    accounts = fields.List(fields.Nested(NewAccountSchema), required=True, validate=validate.Length(1, 1000))


class OpenedSchema(Schema):
    account_nos = fields.List(AccountNo())


@accounts.post("/accounts")
@allow("clerk", "supervisor")
@accounts.arguments(OpenAccountsSchema)
@accounts.alt_response(201, schema=OpenedSchema, description="Opened; the list is all or nothing")
def post_accounts(body: dict[str, Any]) -> Response:
    """Open connected, active accounts, one or many. Needs an Idempotency-Key."""
    key = idempotency_key()
    command = OpenAccounts(tuple(NewAccount(**account) for account in body["accounts"]))
    commands: Commands = current_app.extensions["commands"]
    return answered(commands.run(open_accounts, command, caller=caller(), key=key, request=json_body(), status=201))


class AccountLineSchema(Schema):
    account_no = fields.String()
    state = fields.String()
    price_class = fields.String()
    name = fields.String()
    compound = fields.String()
    building = fields.String()
    unit = fields.String()
    room = fields.String()
    building_area = fields.String()


class AccountCardSchema(AccountLineSchema):
    id_type = fields.String(allow_none=True)
    id_no = fields.String(allow_none=True, metadata={"description": "masked"})
    phone = fields.String(allow_none=True, metadata={"description": "masked"})
    floor = fields.Integer(allow_none=True)
    heat_station = fields.String(allow_none=True)
    inner_area = fields.String(allow_none=True)
    usable_area = fields.String(allow_none=True)
    certified_area = fields.String(allow_none=True)
    storey_height = fields.String(allow_none=True)
    opened_on = fields.String()
    connected_on = fields.String(allow_none=True)
    warranty_until = fields.String(allow_none=True)
    suspended_from = fields.String(allow_none=True)
    low_income = fields.Boolean()
    employer = fields.String(allow_none=True)
    remark = fields.String(allow_none=True)


@accounts.get("/accounts/<account_no>")
@allow(*READERS)
@accounts.response(200, AccountCardSchema)
def get_account(account_no: str) -> Any:
    """One account. Personal numbers are masked."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return account_card(work, checked_account_no(account_no))


class MoveSchema(Schema):
    verb = fields.String()
    from_ = fields.String(attribute="from", data_key="from", allow_none=True)
    to = fields.String()
    effective_on = fields.String()
    reason = fields.String()
    by = fields.String()
    at = fields.String()


class PeriodSchema(Schema):
    state = fields.String()
    from_on = fields.String()
    until_on = fields.String(allow_none=True, metadata={"description": "the first day that is active again"})
    from_season = fields.String(allow_none=True)


class AccountStateSchema(Schema):
    account_no = fields.String()
    day = fields.String()
    state = fields.String()
    building_area = fields.String()
    periods = fields.List(fields.Nested(PeriodSchema))
    suspended_from = fields.String(allow_none=True)
    moves = fields.List(fields.Nested(MoveSchema))


class StateQuery(Schema):
    day = Day()


@accounts.get("/accounts/<account_no>/state")
@allow(*READERS)
@accounts.arguments(StateQuery, location="query")
@accounts.response(200, AccountStateSchema)
def get_account_state(query: dict[str, Any], account_no: str) -> Any:
    """What is true of the account on ``day`` (today, if none is named), and every move that led to it."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return account_state(work, checked_account_no(account_no), day=query.get("day") or work.today)


class StateOnDaySchema(Schema):
    state = fields.String(metadata={"description": "not_begun: the account came out of another one later"})
    since = fields.String(allow_none=True)
    until = fields.String(allow_none=True)
    from_season = fields.String(allow_none=True)


class AccountOnDaySchema(Schema):
    account_no = fields.String()
    day = fields.String()
    opened_on = fields.String(metadata={"description": "what lies before it is as the account was opened with"})
    state = fields.Nested(StateOnDaySchema)
    home = fields.Dict()
    owner = fields.Dict()
    season = fields.Dict(allow_none=True)
    values = fields.Dict(allow_none=True, metadata={"description": "every policy value for the home, with its ground"})
    reliefs = fields.List(fields.Dict())
    locks = fields.List(fields.Dict())
    joins = fields.List(fields.Dict(), metadata={"description": "accounts that ended in it or came out of it by then"})
    found = fields.List(fields.Dict(), metadata={"description": "findings of inspections in that season by then"})
    claims = fields.List(fields.Dict(), metadata={"description": "refund claims on the day itself"})
    billed = fields.List(fields.Dict(), metadata={"description": "of that season by the end of the day, by payer"})


@accounts.get("/accounts/<account_no>/on/<day>")
@allow(*READERS)
@accounts.response(200, AccountOnDaySchema)
def get_account_on_day(account_no: str, day: str) -> Any:
    """Everything that was true of the account on a day, by all that is known now."""
    try:
        asked = Day().deserialize(day)
    except ValidationError as error:
        raise InvalidInput(str(error.messages[0]), place="day", value=day[:20]) from None
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return account_on_day(work, checked_account_no(account_no), asked)
