"""Verbs for many accounts at once: a building, a station, or a list from a spreadsheet; previewed, done, reported."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Any

from flask import Response, current_app, request
from flask_smorest.fields import Upload
from marshmallow import Schema, fields, validate

from services.accounts.api.account_verbs import DESK
from services.accounts.api.batch_verbs import BATCH_VERBS, begun_by_one_person, checked_request, verb_of
from services.accounts.domain.account_batch import (
    ACCOUNTS_MAX,
    ALREADY,
    DO,
    DONE,
    PREVIEW,
    REFUSED,
    Choice,
    UnknownBatch,
)
from services.accounts.domain.place import Place
from services.accounts.formats.account_list import read_account_list
from services.accounts.queries.account_batch import account_batch, batch_outcomes, batches_page
from services.accounts.use_cases.start_batch import StartBatch
from shared.chassis.auth import Forbidden, allow
from shared.chassis.codec import strict_json
from shared.chassis.http import Blueprint, answered, caller, idempotency_key, identity, json_body
from shared.chassis.schemas import AccountNo, QueryNumber, Text
from shared.chassis.unit_of_work import Commands
from shared.kernel.errors import InvalidInput

account_batches = Blueprint("account_batches", "account_batches", description="Verbs for many accounts")

READERS = ("clerk", "supervisor", "finance", "auditor")
UPLOAD_BYTES_MAX = 16_000_000


class WhereSchema(Schema):
    compound = Text(longest=80)
    building = Text(longest=40)
    unit = Text(longest=40)
    heat_station = Text(longest=80)


class StartSchema(Schema):
    verb = fields.String(required=True, validate=validate.OneOf(list(BATCH_VERBS)))
    mode = fields.String(required=True, validate=validate.OneOf([DO, PREVIEW]))
    request = fields.Dict(
        keys=fields.String(), required=True,
        metadata={"description": "the body of the verb's route, without accounts and preview"})  # fmt: skip
    where = fields.Nested(WhereSchema)
    accounts = fields.List(AccountNo(), validate=validate.Length(1, ACCOUNTS_MAX))


class BegunBatchSchema(Schema):
    batch_id = fields.Integer()
    verb = fields.String()
    mode = fields.String()
    accounts = fields.Integer()
    state = fields.String(metadata={"description": "running: GET /account-batches/<batch_id>"})


@account_batches.post("/account-batches")
@allow(*DESK)
@account_batches.arguments(StartSchema)
@account_batches.alt_response(201, schema=BegunBatchSchema, description="Fixed; worked off in the background")
def post_account_batches(body: dict[str, Any]) -> Response:
    """Do a verb to all accounts of a place or a list, or preview it. Needs an Idempotency-Key."""
    if ("where" in body) == ("accounts" in body):
        raise InvalidInput("choose by place or by account numbers", place="where")
    if "accounts" in body:
        choice = Choice(tuple(body["accounts"]), told={"accounts": len(body["accounts"])})
    elif not body["where"]:
        raise InvalidInput("name a compound, a building, a unit or a heat station", place="where")
    else:
        choice = Choice(place=Place(**body["where"]), told={"where": body["where"]})
    return _start(body["verb"], body["mode"], body["request"], choice, asked=json_body())


class ListFile(Schema):
    file = Upload(required=True, metadata={"description": "account numbers, as CSV (UTF-8 or GB18030) or .xlsx"})


class ListForm(Schema):
    verb = fields.String(required=True, validate=validate.OneOf(list(BATCH_VERBS)))
    mode = fields.String(required=True, validate=validate.OneOf([DO, PREVIEW]))
    request = fields.String(required=True, metadata={"description": "the body of the verb's route as JSON text"})


@account_batches.before_request
def allow_lists() -> None:
    request.max_content_length = UPLOAD_BYTES_MAX


@account_batches.post("/account-batches/files")
@allow(*DESK)
@account_batches.arguments(ListForm, location="form")
@account_batches.arguments(ListFile, location="files")
@account_batches.alt_response(201, schema=BegunBatchSchema, description="Fixed; worked off in the background")
def post_account_batch_files(form: dict[str, Any], files: dict[str, Any]) -> Response:
    """The same for the accounts of a file. Needs an Idempotency-Key."""
    with tempfile.TemporaryDirectory(prefix="upload-", dir=current_app.extensions["work_folder"]) as folder:
        sent = Path(folder) / "list"  # the name that was sent is nobody's business
        files["file"].save(sent)
        digest = hashlib.sha256(sent.read_bytes()).hexdigest()
        account_nos = read_account_list(sent)
    asked = strict_json(form["request"])
    if not isinstance(asked, dict):
        raise InvalidInput("a JSON object", place="request")
    choice = Choice(account_nos, told={"file": digest, "accounts": len(account_nos)})
    return _start(form["verb"], form["mode"], asked, choice, asked={**form, "file": digest})


def _start(code: str, mode: str, body: dict[str, Any], choice: Choice, *, asked: Any) -> Response:
    if not identity().is_any_of(verb_of(code).roles):
        raise Forbidden(f"{code} is for {', '.join(verb_of(code).roles)}")
    command = StartBatch(code, mode, checked_request(code, body), choice)
    key = idempotency_key()
    commands: Commands = current_app.extensions["commands"]
    return answered(commands.run(begun_by_one_person, command, caller=caller(), key=key, request=asked, status=201))


class BatchLineSchema(BegunBatchSchema):
    chosen = fields.Dict()
    by = fields.String()
    started_at = fields.String()


class BatchesSchema(Schema):
    batches = fields.List(fields.Nested(BatchLineSchema))
    next = fields.Integer(allow_none=True)


class BatchesQuery(Schema):
    before = QueryNumber(least=1, most=2**62)
    limit = QueryNumber(least=1, most=1000, load_default=100)


@account_batches.get("/account-batches")
@allow(*READERS)
@account_batches.arguments(BatchesQuery, location="query")
@account_batches.response(200, BatchesSchema)
def get_account_batches(query: dict[str, Any]) -> Any:
    """Batches, the newest first, a page at a time."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return batches_page(work, before=query.get("before"), limit=query["limit"])


class BatchReasonSchema(Schema):
    outcome = fields.String()
    code = fields.String()
    accounts = fields.Integer()


class BatchProgressSchema(BegunBatchSchema):
    request = fields.Dict()
    chosen = fields.Dict()
    by = fields.String()
    started_at = fields.String()
    done = fields.Integer()
    already = fields.Integer()
    refused = fields.Integer()
    waiting = fields.Integer()
    amount = fields.String(metadata={"description": "by how much the bills change, or in a preview would change"})
    reasons = fields.List(fields.Nested(BatchReasonSchema))


@account_batches.get("/account-batches/<batch_id>")
@allow(*READERS)
@account_batches.response(200, BatchProgressSchema)
def get_account_batch(batch_id: str) -> Any:
    """How far it is, what it comes to, and why accounts were refused."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return account_batch(work, _checked_batch_id(batch_id))


class OutcomeSchema(Schema):
    account_no = fields.String()
    outcome = fields.String()
    code = fields.String(allow_none=True)
    detail = fields.String(allow_none=True)
    amount = fields.String()


class OutcomesSchema(Schema):
    outcomes = fields.List(fields.Nested(OutcomeSchema))
    next = fields.String(allow_none=True)


class OutcomesQuery(Schema):
    outcome = fields.String(validate=validate.OneOf([DONE, ALREADY, REFUSED]))
    after = AccountNo(load_default="")
    limit = QueryNumber(least=1, most=1000, load_default=100)


@account_batches.get("/account-batches/<batch_id>/outcomes")
@allow(*READERS)
@account_batches.arguments(OutcomesQuery, location="query")
@account_batches.response(200, OutcomesSchema)
def get_batch_outcomes(query: dict[str, Any], batch_id: str) -> Any:
    """What became of each account, in the order of their numbers."""
    commands: Commands = current_app.extensions["commands"]
    number = _checked_batch_id(batch_id)
    with commands.reading() as work:
        return batch_outcomes(work, number, outcome=query.get("outcome"), after=query["after"], limit=query["limit"])


def _checked_batch_id(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise UnknownBatch("a batch is a number", batch_id=text[:20])
    return int(text)
