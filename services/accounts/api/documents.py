"""Documents: sent with what they prove, listed, read, withdrawn."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import quote

from flask import Response, current_app, request
from flask_smorest.fields import Upload
from marshmallow import Schema, fields, validate

from services.accounts.api.account_verbs import DESK, LIST, recorded
from services.accounts.domain.document import MEDIA_TYPES, SUBJECTS
from services.accounts.queries.documents import document, document_content, documents_of
from services.accounts.use_cases.attach_document import AttachDocument, attach_document
from services.accounts.use_cases.withdraw_documents import WithdrawDocuments, withdraw_documents
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint, answered, caller, idempotency_key
from shared.chassis.schemas import QueryNumber, Text, WholeNumber
from shared.chassis.unit_of_work import Commands
from shared.kernel.errors import NotFound

documents = Blueprint("documents", "documents", description="Documents")

FORM_BYTES = 20_000
READERS = (*DESK, "finance", "auditor")
"""Certificates and IDs are not for every desk."""


class DocumentForm(Schema):
    subject = fields.String(required=True, validate=validate.OneOf(list(SUBJECTS)))
    subject_no = Text(longest=20, required=True)
    title = Text(longest=80, required=True)


class DocumentFile(Schema):
    file = Upload(required=True, metadata={"description": "a PDF, JPEG or PNG"})


class KeptSchema(Schema):
    document_id = fields.Integer()
    name = fields.String()
    media_type = fields.String()
    bytes = fields.Integer()
    sha256 = fields.String()
    already = fields.Boolean(metadata={"description": "this file was there; nothing was written"})


@documents.before_request
def allow_documents() -> None:
    if request.mimetype == "multipart/form-data":
        request.max_content_length = current_app.extensions["document_bytes_max"] + FORM_BYTES


@documents.post("/documents")
@allow(*DESK)
@documents.arguments(DocumentForm, location="form")
@documents.arguments(DocumentFile, location="files")
@documents.alt_response(201, schema=KeptSchema, description="Kept")
def post_documents(form: dict[str, Any], files: dict[str, Any]) -> Response:
    """Keep a file with what it proves. Needs an Idempotency-Key."""
    key = idempotency_key()
    sent, bytes_max = files["file"], current_app.extensions["document_bytes_max"]
    content = sent.stream.read(bytes_max + 1)
    command = AttachDocument(**form, name=(sent.filename or "")[:500], content=content, bytes_max=bytes_max)
    asked = {**form, "name": command.name, "sha256": hashlib.sha256(content).hexdigest()}
    commands: Commands = current_app.extensions["commands"]
    return answered(commands.run(attach_document, command, caller=caller(), key=key, request=asked, status=201))


class DocumentWithdrawalSchema(Schema):
    documents = fields.List(WholeNumber(least=1, most=2**62), required=True, validate=LIST)
    reason = Text(longest=200, required=True)


class WithdrawnDocumentsSchema(Schema):
    documents = fields.List(fields.Integer())


@documents.post("/documents/withdrawals")
@allow("supervisor")
@documents.arguments(DocumentWithdrawalSchema)
@documents.alt_response(201, schema=WithdrawnDocumentsSchema, description="Withdrawn; the list is all or nothing")
def post_document_withdrawals(body: dict[str, Any]) -> Response:
    """Withdraw documents that should not be there. Needs an Idempotency-Key."""
    return recorded(withdraw_documents, WithdrawDocuments(tuple(body["documents"]), body["reason"]))


class DocumentWithdrawnSchema(Schema):
    reason = fields.String()
    by = fields.String()
    at = fields.String()


class DocumentSchema(KeptSchema):
    class Meta:
        exclude = ("already",)

    subject = fields.String()
    subject_no = fields.String()
    title = fields.String()
    by = fields.String()
    at = fields.String()
    withdrawn = fields.Nested(DocumentWithdrawnSchema, allow_none=True)


class DocumentsPageSchema(Schema):
    documents = fields.List(fields.Nested(DocumentSchema))
    next = fields.Integer(allow_none=True)


class DocumentsQuery(Schema):
    subject = fields.String(required=True, validate=validate.OneOf(list(SUBJECTS)))
    subject_no = Text(longest=20, required=True)
    after = QueryNumber(least=0, most=2**62, load_default=0)
    limit = QueryNumber(least=1, most=1000, load_default=100)


@documents.get("/documents")
@allow(*READERS)
@documents.arguments(DocumentsQuery, location="query")
@documents.response(200, DocumentsPageSchema)
def get_documents(query: dict[str, Any]) -> Any:
    """The documents of one thing, a page at a time."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return documents_of(work, **query)


@documents.get("/documents/<document_id>")
@allow(*READERS)
@documents.response(200, DocumentSchema)
def get_document(document_id: str) -> Any:
    """One document: what it is, who sent it when, whether it was withdrawn."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return document(work, _number(document_id))


_FILE: dict[str, Any] = {"type": "string", "format": "binary"}


@documents.get("/documents/<document_id>/content")
@allow(*READERS)
@documents.doc(responses={
    "200": {"description": "The file", "content": {kind.name: {"schema": _FILE} for kind in MEDIA_TYPES}}
})  # fmt: skip
def get_document_content(document_id: str) -> Response:
    """The file itself, to be saved: a browser does not open what somebody sent us in our own name."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        found = document_content(work, _number(document_id))
    response = Response(found.content, mimetype=found.media_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise NotFound("a document is a number", document_id=text[:20])
    return int(text)
