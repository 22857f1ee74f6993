"""Exports: asked for, looked at, fetched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Response, current_app, send_file
from marshmallow import Schema, ValidationError, fields, validate

from services.accounts.api.listed_filters import assert_may_filter, filters_schema, told
from services.accounts.api.listings import PAGE_MOST, Cursor
from services.accounts.exporting import export_file
from services.accounts.formats.exported_cell import export_formats
from services.accounts.queries.export_progress import UnknownExport, exports_page, readable_export, shown_export
from services.accounts.queries.listed_page import selected_columns, statement
from services.accounts.queries.listings import OFFICE, Listing, listings
from services.accounts.use_cases.request_export import RequestExport, request_export
from shared.chassis.auth import Forbidden, allow
from shared.chassis.http import Blueprint, answered, caller, idempotency_key, identity, json_body
from shared.chassis.schemas import QueryNumber
from shared.chassis.unit_of_work import Commands
from shared.kernel.errors import InvalidInput, Refusal

exports = Blueprint("exports", "exports", description="Lists as files")

READS_ALL = ("finance", "system_admin")
READERS = (*OFFICE, "system_admin")


class NotExported(Refusal):
    code = "not_exported"
    status = 409
    remedy = "GET /exports/<export_id> says how far it is; one that failed or has expired is asked for again."


class NoWorkFolder(Refusal):
    code = "no_work_folder"
    status = 503
    remedy = "Set NUAN_WORK_FOLDER, for both halves of the service."


class ExportSchema(Schema):
    resource = fields.String(required=True, validate=validate.OneOf(list(listings())))
    format = fields.String(required=True, validate=validate.OneOf(list(export_formats())))
    filters = fields.Dict(
        keys=fields.String(), values=fields.String(), load_default=dict,
        metadata={"description": "as the list's own route takes them", "additionalProperties": {"type": "string"}},
    )  # fmt: skip
    columns = fields.List(fields.String(), validate=validate.Length(1, 100))


class AskedSchema(Schema):
    export_id = fields.Integer()
    resource = fields.String()
    format = fields.String()
    state = fields.String(metadata={"description": "queued, running, done, failed, expired"})


class ShownExportSchema(AskedSchema):
    columns = fields.List(fields.String())
    maker = fields.String()
    rows = fields.Integer(metadata={"description": "written so far"})
    bytes = fields.Integer(allow_none=True)
    sha256 = fields.String(allow_none=True)
    asked_at = fields.String()
    expires_at = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)


class ExportsPageSchema(Schema):
    items = fields.List(fields.Nested(ShownExportSchema))
    next = fields.String(allow_none=True)


class ExportsQuery(Schema):
    after = Cursor()
    limit = QueryNumber(least=1, most=PAGE_MOST, load_default=100)


@exports.post("/exports")
@allow(*OFFICE)
@exports.arguments(ExportSchema)
@exports.alt_response(201, schema=AskedSchema, description="Waits to be written")
def post_exports(body: dict[str, Any]) -> Response:
    """Ask for a list as a file. Needs an Idempotency-Key."""
    key = idempotency_key()
    _work_folder()
    listing = listings()[body["resource"]]
    filters = _checked_filters(listing, body["filters"])
    columns = selected_columns(listing, body.get("columns"))
    statement(listing, columns, filters)  # refuses filters that do not go together
    command = RequestExport(body["resource"], body["format"], filters, tuple(column.name for column in columns))
    commands: Commands = current_app.extensions["commands"]
    return answered(commands.run(request_export, command, caller=caller(), key=key, request=json_body(), status=201))


def _checked_filters(listing: Listing, asked: dict[str, str]) -> dict[str, Any]:
    if not identity().is_any_of(listing.roles):
        raise Forbidden("this list is not open to you", needs=list(listing.roles))
    try:
        filters = filters_schema(listing).load(asked)
    except ValidationError as error:
        name, reasons = next(iter(error.normalized_messages().items()))
        raise InvalidInput(str(reasons[0]), place=f"filters/{str(name)[:100]}") from None
    assert_may_filter(listing, filters, identity())
    return told(filters)


@exports.get("/exports")
@allow(*READERS)
@exports.arguments(ExportsQuery, location="query")
@exports.response(200, ExportsPageSchema)
def get_exports(query: dict[str, Any]) -> Any:
    """One's own exports, the latest first; everybody's for finance and system_admin."""
    commands: Commands = current_app.extensions["commands"]
    maker = None if _reads_all() else identity().subject
    with commands.reading() as work:
        return exports_page(work, maker=maker, after=query.get("after"), limit=query["limit"])


@exports.get("/exports/<export_id>")
@allow(*READERS)
@exports.response(200, ShownExportSchema)
def get_export(export_id: str) -> Any:
    """How far an export is."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return shown_export(_readable(work, export_id))


@exports.get("/exports/<export_id>/file")
@allow(*READERS)
@exports.alt_response(200, schema={"type": "string", "format": "binary"}, content_type="application/octet-stream")
def get_export_file(export_id: str) -> Response:
    """The file of an export that is done; its SHA-256 is in ``X-File-SHA256``."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        export = _readable(work, export_id)
    path = export_file(_work_folder(), export.export_id, export.format)
    if export.state != "done" or not path.is_file():
        raise NotExported(f"this export is {export.state}; there is no file", state=export.state)
    name = f"{export.resource}-{export.export_id}.{export.format}"
    response = send_file(path, mimetype="application/octet-stream", as_attachment=True, download_name=name,
                         conditional=False, etag=False)  # fmt: skip
    response.headers["X-File-Name"] = name
    response.headers["X-File-SHA256"] = (export.sha256 or b"").hex()
    return response


def _readable(work: Any, export_id: str) -> Any:
    if not export_id.isascii() or not export_id.isdigit() or len(export_id) > 18:
        raise UnknownExport("an export is a number", export_id=export_id[:20])
    return readable_export(work, int(export_id), reader=identity().subject, reads_all=_reads_all())


def _reads_all() -> bool:
    return identity().is_any_of(READS_ALL)


def _work_folder() -> Path:
    folder: Path | None = current_app.extensions["work_folder"]
    if folder is None:
        raise NoWorkFolder("there is no folder to keep files in")
    return folder
