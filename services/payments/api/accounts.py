"""What an account owes, and its statement."""

from __future__ import annotations

from typing import Any

from flask import current_app
from marshmallow import Schema, fields, validate

from services.payments.channels import CHANNELS
from services.payments.queries.owed_today import late_fees_on, owed_on
from services.payments.queries.statement import statement
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint
from shared.chassis.schemas import AccountNo, Day, Text
from shared.chassis.unit_of_work import Commands
from shared.kernel.errors import UnknownAccount

accounts = Blueprint("money_accounts", "money_accounts", description="What is owed")

READERS = ("cashier", "clerk", "supervisor", "finance", "auditor", "service:accounts", "service:bank_gateway")


class OwedQuery(Schema):
    day = Day()
    payer = Text(longest=80)
    channel = fields.String(validate=validate.OneOf(list(CHANNELS)))


class SumsSchema(Schema):
    total = fields.String()
    overdue = fields.String(metadata={"description": "past its due day, late fee included"})
    principal = fields.String()
    late_fee = fields.String()
    discount = fields.String()


class SeasonOwedSchema(SumsSchema):
    season = fields.String()


class PayerOwesSchema(SumsSchema):
    payer = fields.String()
    overdue_since = fields.String(
        allow_none=True, metadata={"description": "the due day of the oldest that is past it"}
    )
    seasons = fields.List(fields.Nested(SeasonOwedSchema))


class OwedSchema(Schema):
    account_no = fields.String()
    day = fields.String()
    in_bank_collection = fields.String(allow_none=True)
    credit = fields.String()
    payers = fields.List(fields.Nested(PayerOwesSchema))


class StatementLineSchema(Schema):
    """``balance`` is what the payer owes in principal, less his credit."""

    at = fields.String()
    day = fields.String()
    what = fields.String()
    by = fields.String()
    payer = fields.String()
    billed = fields.String()
    late_fee = fields.String()
    discount = fields.String()
    rounding = fields.String()
    received = fields.String()
    balance = fields.String()


class StatementBillSchema(Schema):
    season = fields.String()
    bill_no = fields.Integer()
    payer = fields.String()
    kind = fields.String()
    billed = fields.String()
    settled = fields.String()
    open = fields.String()
    due_on = fields.String()
    posted_on = fields.String()


class StatementReceiptSchema(Schema):
    outlet = fields.String()
    number = fields.String()


class StatementPaymentSchema(Schema):
    """``amount`` is below zero where it ``reverses`` another."""

    payment_id = fields.Integer()
    payer = fields.String()
    channel = fields.String()
    amount = fields.String()
    received_on = fields.String()
    partner = fields.String(allow_none=True)
    serial = fields.String(allow_none=True)
    receipt = fields.Nested(StatementReceiptSchema, allow_none=True)
    reverses = fields.Integer(allow_none=True)
    reversed_by = fields.Integer(allow_none=True)
    reason = fields.String(allow_none=True)


class StatementCreditSchema(Schema):
    payment_id = fields.Integer()
    payer = fields.String()
    received_on = fields.String()
    left = fields.String()


class OwnerSchema(Schema):
    """An owner of an account that changed hands; the present one is the payer ``self``."""

    payer = fields.String()
    name = fields.String()
    since = fields.String(allow_none=True)


class StatementSchema(OwedSchema):
    owners = fields.List(fields.Nested(OwnerSchema))
    lines = fields.List(fields.Nested(StatementLineSchema))
    bills = fields.List(fields.Nested(StatementBillSchema))
    payments = fields.List(fields.Nested(StatementPaymentSchema))
    credits = fields.List(fields.Nested(StatementCreditSchema))


@accounts.get("/accounts/<account_no>/owed")
@allow(*READERS)
@accounts.arguments(OwedQuery, location="query")
@accounts.response(200, OwedSchema)
def get_owed(query: dict[str, Any], account_no: str) -> Any:
    """What settles the account if it is paid on ``day`` (today, if none is named)."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return owed_on(work, [_checked(account_no)], day=query.get("day") or work.today, payer=query.get("payer"),
                       through=query.get("channel"))[0]  # fmt: skip


class OwedListSchema(Schema):
    account_nos = fields.List(AccountNo(), required=True, validate=validate.Length(1, 1000))
    day = Day()
    payer = Text(longest=80)
    channel = fields.String(validate=validate.OneOf(list(CHANNELS)))


@accounts.post("/owed")
@allow(*READERS)
@accounts.arguments(OwedListSchema)
@accounts.response(200, OwedSchema(many=True))
def post_owed(body: dict[str, Any]) -> Any:
    """What many accounts owe on a day: a question with a long list, nothing is changed."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return owed_on(work, body["account_nos"], day=body.get("day") or work.today, payer=body.get("payer"),
                       through=body.get("channel"))  # fmt: skip


class LateDaysSchema(Schema):
    """Days, the first and the last included, on which the same principal was overdue."""

    first = fields.String(data_key="from", attribute="from")
    until = fields.String()
    days = fields.Integer()
    overdue = fields.String()


class LateFeeSchema(Schema):
    season = fields.String()
    bill_no = fields.Integer()
    policy = fields.String()
    kind = fields.String()
    frozen_on = fields.String(
        allow_none=True, metadata={"description": "a bank is collecting since then, and it stands still"}
    )
    rate_permille = fields.String()
    days = fields.List(fields.Nested(LateDaysSchema))
    raw = fields.String()
    cap = fields.String(allow_none=True)
    accrued = fields.String()
    waived = fields.String()
    paid = fields.String()
    open = fields.String()


class DayQuery(Schema):
    day = Day()


@accounts.get("/accounts/<account_no>/late-fees")
@allow(*READERS)
@accounts.arguments(DayQuery, location="query")
@accounts.response(200, LateFeeSchema(many=True))
def get_late_fees(query: dict[str, Any], account_no: str) -> Any:
    """Why a late fee is what it is: the days it grew on, what was overdue on them, and its cap."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return late_fees_on(work, _checked(account_no), day=query.get("day") or work.today)


@accounts.get("/accounts/<account_no>/statement")
@allow(*READERS)
@accounts.arguments(DayQuery, location="query")
@accounts.response(200, StatementSchema)
def get_statement(query: dict[str, Any], account_no: str) -> Any:
    """Everything that was billed, paid and taken back."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return statement(work, _checked(account_no), day=query.get("day") or work.today)


def _checked(account_no: str) -> str:
    if len(account_no) != 10 or not account_no.isascii() or not account_no.isdigit():
        raise UnknownAccount("an account number is ten digits", account_no=account_no[:20])
    return account_no
