"""Taking over an old system's ledger by upload."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from flask import current_app, request
from flask_smorest.fields import Upload
from marshmallow import Schema, fields, validate

from services.accounts.importing import import_own_ledger
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint, caller
from shared.chassis.unit_of_work import Commands

imports = Blueprint("imports", "imports", description="Ledgers of an old system")

UPLOAD_BYTES_MAX = 64_000_000
"""About 300,000 rows; larger ledgers are imported on the machine itself (`nuan import`)."""


class LedgerFile(Schema):
    file = Upload(required=True, metadata={"description": "the ledger, as CSV (UTF-8 or GB18030) or .xlsx"})


class ImportForm(Schema):
    dry_run = fields.String(load_default="false", validate=validate.OneOf(["true", "false"]))


class RemedySchema(Schema):
    zh = fields.String()
    en = fields.String()


class RefusedRowSchema(Schema):
    row = fields.Integer(metadata={"description": "counts records; the headings are 1"})
    line = fields.Integer(metadata={"description": "counts physical lines"})
    column = fields.String()
    value = fields.String()
    reason = fields.String()
    account_no = fields.String()
    remedy = fields.Nested(RemedySchema)
    with_rows = fields.List(fields.Integer())
    other_column = fields.String()
    also = fields.List(fields.Dict())
    here = fields.String(metadata={"description": "the account that the row contradicts"})


class ImportTotalsSchema(Schema):
    building_area = fields.String()
    arrears = fields.String()
    prepayment = fields.String()


class ImportReportSchema(Schema):
    rows = fields.Integer()
    imported = fields.Integer()
    unchanged = fields.Integer(metadata={"description": "rows that an earlier import brought in"})
    normalised = fields.Integer()
    refused = fields.List(fields.Nested(RefusedRowSchema))
    totals = fields.Nested(ImportTotalsSchema)
    ignored_columns = fields.List(fields.String())


@imports.before_request
def allow_large_uploads() -> None:
    request.max_content_length = UPLOAD_BYTES_MAX


@imports.post("/imports")
@allow("clerk", "supervisor")
@imports.arguments(ImportForm, location="form")
@imports.arguments(LedgerFile, location="files")
@imports.response(200, ImportReportSchema)
def post_imports(form: dict[str, Any], files: dict[str, Any]) -> Any:
    """Import a ledger: good rows come in, the others are told with the reason; again, it changes nothing."""
    commands: Commands = current_app.extensions["commands"]
    with tempfile.TemporaryDirectory(prefix="upload-", dir=current_app.extensions["work_folder"]) as folder:
        ledger = Path(folder) / "ledger"  # the name that was sent is nobody's business
        files["file"].save(ledger)
        report = import_own_ledger(ledger, commands, caller=caller(), dry_run=form["dry_run"] == "true")
    return report.told()
