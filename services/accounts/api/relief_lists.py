"""Lists of people who get relief, as an office sends them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from flask import current_app, request
from flask_smorest.fields import Upload
from marshmallow import Schema, fields, validate

from services.accounts.api.approval_kinds import by_one_person, person_asking
from services.accounts.api.reliefs import KIND
from services.accounts.approving import assert_alone_is_enough
from services.accounts.queries.approval_terms import rule_of
from services.accounts.relief_importing import import_relief_list
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint, caller
from shared.chassis.schemas import Text
from shared.chassis.unit_of_work import Commands

relief_lists = Blueprint("relief_lists", "relief_lists", description="Lists of people who get relief")

UPLOAD_BYTES_MAX = 32_000_000
GRANTING = "grant_relief"


class ReliefListFile(Schema):
    file = Upload(required=True, metadata={"description": "the list, as CSV (UTF-8 or GB18030) or .xlsx"})


class ReliefListForm(Schema):
    kind = fields.String(required=True, validate=KIND)
    reason = Text(longest=200, required=True)
    payer = Text(longest=80)
    preview = fields.String(load_default="false", validate=validate.OneOf(["true", "false"]))


class ListedRowSchema(Schema):
    row = fields.Integer(metadata={"description": "counts records; the headings are 1"})
    line = fields.Integer(metadata={"description": "counts physical lines"})
    outcome = fields.String()
    reason = fields.String()
    account_no = fields.String(allow_none=True)


class MatchReportSchema(Schema):
    total = fields.Integer()
    matched = fields.Integer()
    ambiguous = fields.Integer()
    not_found = fields.Integer()
    different_name = fields.Integer()
    already_granted = fields.Integer()
    proof_expired = fields.Integer()
    unreadable = fields.Integer()
    held = fields.Integer(metadata={"description": "a lock or another relief stands in the way"})
    rows = fields.List(fields.Nested(ListedRowSchema))


@relief_lists.before_request
def allow_large_uploads() -> None:
    request.max_content_length = UPLOAD_BYTES_MAX


@relief_lists.post("/relief-lists")
@allow("supervisor")
@relief_lists.arguments(ReliefListForm, location="form")
@relief_lists.arguments(ReliefListFile, location="files")
@relief_lists.response(200, MatchReportSchema)
def post_relief_lists(form: dict[str, Any], files: dict[str, Any]) -> Any:
    """Match a list against our homes and grant what matched; again, it changes nothing. A preview grants nothing."""
    commands: Commands = current_app.extensions["commands"]
    with tempfile.TemporaryDirectory(prefix="upload-", dir=current_app.extensions["work_folder"]) as folder:
        path = Path(folder) / "list"  # the name that was sent is nobody's business
        files["file"].save(path)
        asked: dict[str, Any] = {"kind": form["kind"], "reason": form["reason"], "payer": form.get("payer")}
        preview = form["preview"] == "true"
        if not preview:
            _assert_one_is_enough(path, asked)
        report = import_relief_list(path, commands, caller=caller(), alone=by_one_person, preview=preview, **asked)
    return report.told()


def _assert_one_is_enough(path: Path, asked: dict[str, Any]) -> None:
    """The whole list counts, before any chunk of it is done. Refuses `needs_approval` by the rule of `grant_relief`."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        rule = rule_of(work, GRANTING)
    if (rule.from_fen, rule.from_homes) != (None, None):
        looked_at = import_relief_list(path, commands, caller=caller(), preview=True, **asked)
        with commands.reading() as work:
            assert_alone_is_enough(work, GRANTING, looked_at.effect, person=person_asking())
