"""Files of banks: results of batches, and send files of an old system that become batches."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from services.bank_gateway.api.banks import CODE
from services.bank_gateway.api.uploads import received_file
from services.bank_gateway.api.wiring import CLERKS, READERS, commands, errands
from services.bank_gateway.queries.files import files as all_files
from services.bank_gateway.use_cases.adopt_batch import AdoptBatch, adopt_batch
from services.bank_gateway.use_cases.return_debits import ReturnDebits, return_debits
from shared.chassis.auth import allow
from shared.chassis.codec import strict_json
from shared.chassis.http import Blueprint, answered, caller, idempotency_key
from shared.chassis.schemas import QueryNumber
from shared.chassis.unit_of_work import Answer, Busy

bank_files = Blueprint("bank_files", "bank_files", description="Files of banks")

TELL_AT_ONCE_MAX = 5000
"""Results of smaller files are on their way into the books when the request is answered."""


class BankFileSchema(Schema):
    path = fields.String(required=True, validate=validate.Length(1, 200))
    bank = fields.String(validate=CODE)


class ResultSchema(Schema):
    batch_no = fields.Integer()
    file_id = fields.Integer()
    state = fields.String()
    succeeded = fields.Integer()
    failed = fields.Integer()
    unknown = fields.Integer()  # type: ignore[assignment]  # a column's name; Schema's own is Meta.unknown
    amount = fields.String()
    classes = fields.Dict()


UPLOAD: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {"schema": {
            "type": "object", "required": ["file"],
            "properties": {"file": {"type": "string", "format": "binary"}, "bank": {"type": "string"}},
        }},
        "application/json": {"schema": {
            "type": "object", "required": ["path"], "additionalProperties": False,
            "properties": {"path": {"type": "string", "description": "a file in the inbox"}, "bank": {"type": "string"}},
        }},
    },
}  # fmt: skip


@bank_files.post("/batches/results")
@allow(*CLERKS)
@bank_files.doc(requestBody=UPLOAD)
@bank_files.alt_response(201, schema=ResultSchema, description="Taken as a whole; it is on its way into the books")
def post_results() -> Response:
    """A bank's result of a batch: taken whole or refused whole. Needs an Idempotency-Key."""
    key = idempotency_key()
    with received_file(BankFileSchema(), kind="result") as received:
        answer = _returned(ReturnDebits(received.file, received.told.get("bank")), key)
    told = strict_json(answer.body.decode())
    if told["succeeded"] + told["failed"] <= TELL_AT_ONCE_MAX:
        errands().tell_quietly(told["file_id"], caller=caller())
    return answered(answer)


def _returned(command: ReturnDebits, key: str) -> Answer:
    request = [command.file.name, command.file.sha256.hex(), command.bank]
    try:
        return commands().run(return_debits, command, caller=caller(), key=key, request=request, status=201)
    except Busy as busy:
        if "batch_no" not in busy.facts:
            raise
        errands().go_on(busy.facts["batch_no"], caller=caller())  # an adopted batch whose claims are not complete
        return commands().run(return_debits, command, caller=caller(), key=key, request=request, status=201)


class AdoptedSchema(Schema):
    batch_no = fields.Integer()
    bank = fields.String()
    state = fields.String()
    as_of = fields.String()
    count = fields.Integer()
    amount = fields.String()


@bank_files.post("/batches/adoptions")
@allow("supervisor", "finance")
@bank_files.doc(requestBody=UPLOAD)
@bank_files.alt_response(201, schema=AdoptedSchema)
def post_adoptions() -> Response:
    """Take over a send file of an old system: a batch that waits for its result. Needs an Idempotency-Key."""
    key = idempotency_key()
    with received_file(BankFileSchema(), kind="adoption") as received:
        command = AdoptBatch(received.file, received.told.get("bank"))
        request = [command.file.name, command.file.sha256.hex(), command.bank]
        answer = commands().run(adopt_batch, command, caller=caller(), key=key, request=request, status=201)
    errands().go_on(strict_json(answer.body.decode())["batch_no"], caller=caller())
    return answered(answer)


class FileQuery(Schema):
    outcome = fields.String(validate=validate.OneOf(["written", "accepted", "refused"]))
    batch_no = QueryNumber(least=1, most=2**62)
    before = QueryNumber(least=1, most=2**62, load_default=2**62)
    limit = QueryNumber(least=1, most=500, load_default=50)


class FilesSchema(Schema):
    files = fields.List(fields.Dict())
    next = fields.Integer(allow_none=True)


@bank_files.get("/files")
@allow(*READERS)
@bank_files.arguments(FileQuery, location="query")
@bank_files.response(200, FilesSchema)
def get_files(query: dict[str, Any]) -> Any:
    """Files that came and went, the newest first; refused ones with their reason."""
    with commands().reading() as work:
        return all_files(work, outcome=query.get("outcome"), batch_no=query.get("batch_no"), before=query["before"],
                         limit=query["limit"])  # fmt: skip
