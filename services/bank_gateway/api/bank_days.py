"""The reconciliation of a bank's day."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from marshmallow import Schema, fields, validate

from services.bank_gateway.api.banks import CODE
from services.bank_gateway.api.uploads import received_file
from services.bank_gateway.api.wiring import CLERKS, READERS, commands, outside
from services.bank_gateway.domain.day_book import BankLine
from services.bank_gateway.formats import DAY_FORMATS, day_format
from services.bank_gateway.queries.bank_days import cases
from services.bank_gateway.use_cases.post_cases import PostCases, post_cases
from services.bank_gateway.use_cases.reconcile_bank_day import ReconcileBankDay, reconcile_bank_day
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint, answered, caller, idempotency_key, json_body
from shared.chassis.schemas import Day, QueryNumber, Text, WholeNumber, Yuan, each_once
from shared.kernel.money import FEN_MAX

bank_days = Blueprint("bank_days", "bank_days", description="The bank's day beside our book")

LINES_MAX = 50_000


class DayLineSchema(Schema):
    serial = Text(longest=64, required=True)
    account_no = Text(longest=64, required=True)
    amount = Yuan(minimum_fen=-FEN_MAX, required=True, attribute="amount_fen")


class BankDaySchema(Schema):
    bank = fields.String(required=True, validate=CODE)
    day = Day(required=True)
    lines = fields.List(fields.Nested(DayLineSchema), required=True, validate=validate.Length(0, LINES_MAX))


class BankDayFileSchema(Schema):
    path = fields.String(required=True, validate=validate.Length(1, 200))
    bank = fields.String(required=True, validate=CODE)
    day = Day(required=True)
    layout = fields.String(validate=validate.OneOf(list(DAY_FORMATS)), load_default="day_pipe")


class ComparedSchema(Schema):
    reconciliation_no = fields.Integer()
    matched = fields.Integer()
    bank_only = fields.Integer()
    book_only = fields.Integer()
    differs = fields.Integer()
    date_differs = fields.Integer()
    duplicate_serial = fields.Integer()
    posted = fields.Integer()
    suspense = fields.String()
    cases_opened = fields.Integer()
    classes = fields.Dict()


@bank_days.post("/bank-days")
@allow(*CLERKS)
@bank_days.arguments(BankDaySchema)
@bank_days.alt_response(201, schema=ComparedSchema)
def post_bank_days(body: dict[str, Any]) -> Response:
    """Compare a bank's day with our book; what only the bank has is posted if it fits. Needs an Idempotency-Key."""
    lines = [BankLine(number, line["serial"], line["account_no"], line["amount_fen"])
             for number, line in enumerate(body["lines"], start=1)]  # fmt: skip
    return _compared(ReconcileBankDay(body["bank"], body["day"], lambda: [lines]), idempotency_key(), json_body())


UPLOAD: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {"schema": {
            "type": "object", "required": ["file", "bank", "day"],
            "properties": {"file": {"type": "string", "format": "binary"}, "bank": {"type": "string"},
                           "day": {"type": "string", "format": "date"}, "layout": {"type": "string"}},
        }},
        "application/json": {"schema": {
            "type": "object", "required": ["path", "bank", "day"], "additionalProperties": False,
            "properties": {"path": {"type": "string"}, "bank": {"type": "string"},
                           "day": {"type": "string", "format": "date"}, "layout": {"type": "string"}},
        }},
    },
}  # fmt: skip


@bank_days.post("/bank-days/files")
@allow(*CLERKS)
@bank_days.doc(requestBody=UPLOAD)
@bank_days.alt_response(201, schema=ComparedSchema)
def post_bank_day_files() -> Response:
    """The same with the bank's day-end file. Needs an Idempotency-Key."""
    key = idempotency_key()
    with received_file(BankDayFileSchema(), kind="bank_day") as received:
        file, told = received.file, received.told
        layout = day_format(told["layout"])

        def lines() -> Any:
            with file.open() as content:
                yield from layout.lines(content, day=told["day"], name=file.name)

        command = ReconcileBankDay(told["bank"], told["day"], lines, file)
        asked = [file.name, file.sha256.hex(), told["bank"], told["day"].isoformat()]
        return _compared(command, key, [request.path, *asked])


def _compared(command: ReconcileBankDay, key: str, asked: Any) -> Response:
    return answered(reconcile_bank_day(command, commands=commands(), outside=outside(), caller=caller(), key=key,
                                       request=asked))  # fmt: skip


class PostCasesSchema(Schema):
    cases = fields.List(WholeNumber(least=1, most=2**62), required=True,
                        validate=[validate.Length(1, 1000), each_once])  # fmt: skip
    reason = Text(longest=200, required=True)


class PostedCaseSchema(Schema):
    case_no = fields.Integer()
    payment_id = fields.Integer()


class PostedCasesSchema(Schema):
    cases = fields.List(fields.Nested(PostedCaseSchema))


@bank_days.post("/bank-days/cases/postings")
@allow("supervisor", "finance")
@bank_days.arguments(PostCasesSchema)
@bank_days.alt_response(201, schema=PostedCasesSchema)
def post_case_postings(body: dict[str, Any]) -> Response:
    """Post what only the bank has, as of the bank's day; all of the list or nothing. Needs an Idempotency-Key."""
    key = idempotency_key()
    command = PostCases(tuple(body["cases"]), body["reason"])
    return answered(post_cases(command, commands=commands(), outside=outside(), caller=caller(), key=key,
                               request=json_body()))  # fmt: skip


class CaseQuery(Schema):
    bank = fields.String(required=True, validate=CODE)
    day = Day()
    state = fields.String(validate=validate.OneOf(["open", "posted", "resolved"]), load_default="open")
    after = QueryNumber(least=0, most=2**62, load_default=0)
    limit = QueryNumber(least=1, most=1000, load_default=100)


class CasesSchema(Schema):
    cases = fields.List(fields.Dict())
    next = fields.Integer(allow_none=True)


@bank_days.get("/bank-days/cases")
@allow(*READERS)
@bank_days.arguments(CaseQuery, location="query")
@bank_days.response(200, CasesSchema)
def get_cases(query: dict[str, Any]) -> Any:
    """What differs and is not explained yet."""
    with commands().reading() as work:
        return cases(work, bank=query["bank"], day=query.get("day"), state=query["state"], after=query["after"],
                     limit=query["limit"])  # fmt: skip
