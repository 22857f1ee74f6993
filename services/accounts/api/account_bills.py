"""The bills of an account, and how each came about."""

from __future__ import annotations

from typing import Any

from flask import current_app
from marshmallow import Schema, fields

from services.accounts.api.accounts import READERS
from services.accounts.api.fields import checked_account_no
from services.accounts.queries.account_bills import account_bills as bills_of
from services.accounts.queries.bill_explanation import UnknownBill, bill_explanation
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint
from shared.chassis.schemas import SeasonField
from shared.chassis.unit_of_work import Commands

account_bills = Blueprint("account_bills", "account_bills", description="Bills of an account, and their explanation")


class BillPartSchema(Schema):
    amount = fields.String()
    due_on = fields.String()


class PostedCorrectionSchema(Schema):
    kind = fields.String()
    amount = fields.String()
    posted_on = fields.String()
    due_on = fields.String()
    reason = fields.String()
    by = fields.String()


class BillSchema(Schema):
    bill_no = fields.Integer()
    season = fields.String()
    payer = fields.String()
    kind = fields.String()
    price_class = fields.String()
    suspended = fields.Boolean()
    issued = fields.String(metadata={"description": "what the bill said when it was issued"})
    amount = fields.String(metadata={"description": "what is billed by now"})
    corrections = fields.List(fields.Nested(PostedCorrectionSchema))
    open = fields.String()
    posted_on = fields.String()
    parts = fields.List(fields.Nested(BillPartSchema))
    derivation = fields.Dict(allow_none=True)
    explanation = fields.String()


class AccountBillsSchema(Schema):
    account_no = fields.String()
    bills = fields.List(fields.Nested(BillSchema))


class BillsQuery(Schema):
    season = SeasonField()


@account_bills.get("/accounts/<account_no>/bills")
@allow(*READERS)
@account_bills.arguments(BillsQuery, location="query")
@account_bills.response(200, AccountBillsSchema)
def get_account_bills(query: dict[str, Any], account_no: str) -> Any:
    """The account's bills, with the derivation of each and its explanation in one sentence."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return bills_of(work, checked_account_no(account_no), season=query.get("season"))


class ExplanationStepSchema(Schema):
    rule = fields.String()
    amount = fields.String()
    exact_fen = fields.String(metadata={"description": "before rounding, a fraction of fen"})
    rounded = fields.Boolean()
    zh = fields.String()
    en = fields.String()


class UsedParameterSchema(Schema):
    parameter = fields.String()
    value = fields.Raw()
    ground = fields.String(metadata={"description": "document, source or assumption"})
    text = fields.String()
    scope = fields.Dict(
        metadata={"description": "zone, price class or contract that the value is for; empty: everyone"}
    )


class CauseSchema(Schema):
    cause = fields.String(metadata={"description": "price, area, height or share"})
    amount = fields.String()
    zh = fields.String()
    en = fields.String()


class LastSeasonSchema(Schema):
    season = fields.String()
    charge = fields.String()
    difference = fields.String()
    zh = fields.String()
    en = fields.String()
    causes = fields.List(fields.Nested(CauseSchema))


class ShareSchema(Schema):
    payer = fields.String()
    amount = fields.String()


class BillCorrectionSchema(ShareSchema):
    kind = fields.String()
    posted_on = fields.String()
    reason = fields.String()


class ExplanationSchema(Schema):
    account_no = fields.String()
    bill_no = fields.Integer()
    season = fields.String()
    kind = fields.String()
    charge = fields.String(metadata={"description": "what the season costs as it stands, for all payers"})
    recomputed = fields.String()
    agrees = fields.Boolean(metadata={"description": "the charge worked out again is the same"})
    zh = fields.String()
    en = fields.String()
    policy = fields.Dict()
    steps = fields.List(fields.Nested(ExplanationStepSchema))
    parameters = fields.List(fields.Nested(UsedParameterSchema))
    shares = fields.List(fields.Nested(ShareSchema))
    corrections = fields.List(fields.Nested(BillCorrectionSchema))
    last_season = fields.Nested(LastSeasonSchema, allow_none=True)


@account_bills.get("/accounts/<account_no>/bills/<bill_no>/explanation")
@allow(*READERS)
@account_bills.response(200, ExplanationSchema)
def get_bill_explanation(account_no: str, bill_no: str) -> Any:
    """How the season's charge came about, step by step, and why it is not that of the season before."""
    if not bill_no.isascii() or not bill_no.isdigit() or len(bill_no) > 18:
        raise UnknownBill("a bill is a number", bill_no=bill_no[:20])
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return bill_explanation(work, checked_account_no(account_no), int(bill_no))
