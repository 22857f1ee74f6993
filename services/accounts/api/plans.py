"""Plans of collection: by list or from a file, and how far behind or ahead of them everybody is."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Response, current_app, request
from flask_smorest.fields import Upload
from marshmallow import Schema, fields, validate

from services.accounts.api.account_verbs import LIST, done
from services.accounts.api.fields import Month, Percent
from services.accounts.api.reports import READERS
from services.accounts.domain.collection_plan import SCOPES, PlannedMonth
from services.accounts.domain.plan_rows import NAME_LONGEST, read_plan_rows
from services.accounts.formats.plan_file import plan_rows
from services.accounts.queries.collection_plans import plan_variance, plans_listed
from services.accounts.use_cases.plan_collection import PLACE, PlanCollection, plan_collection
from shared.chassis.auth import allow
from shared.chassis.codec import canonical
from shared.chassis.http import Blueprint, answered, caller, idempotency_key
from shared.chassis.schemas import Flag, QueryNumber, SeasonField, Text
from shared.chassis.unit_of_work import Commands
from shared.kernel.errors import Refusal

plans = Blueprint("plans", "plans", description="Plans of collection")

PLANNERS = ("supervisor", "finance")
UPLOAD_BYTES_MAX = 8_000_000


class PlannedMonthSchema(Schema):
    season = SeasonField(required=True)
    scope = fields.String(required=True, validate=validate.OneOf(list(SCOPES)))
    name = Text(longest=NAME_LONGEST, required=True)
    month = Month(required=True)
    planned_rate = Percent(required=True, metadata={"description": "percent, counted from the season's beginning"})


class PlannedMonthShownSchema(Schema):
    scope = fields.String()
    name = fields.String()
    month = fields.String()
    planned_rate = fields.String()


class PlansSchema(Schema):
    plans = fields.List(fields.Nested(PlannedMonthSchema), required=True, validate=LIST)
    preview = Flag(load_default=False)


class PlannedSchema(Schema):
    plans = fields.Integer()
    new = fields.Integer()
    unchanged = fields.Integer()


@plans.post("/plans")
@allow(*PLANNERS)
@plans.arguments(PlansSchema)
@plans.alt_response(201, schema=PlannedSchema, description="Planned")
def post_plans(body: dict[str, Any]) -> Response:
    """Plan collection rates, a branch or compound and month each. Needs an Idempotency-Key."""
    planned = tuple(
        PlannedMonth(each["season"], each["scope"], each["name"], each["month"], each["planned_rate"])
        for each in body["plans"]
    )
    return done(plan_collection, PlanCollection(planned, body["preview"]))


class PlanFile(Schema):
    file = Upload(required=True, metadata={"description": "CSV (UTF-8 or GB18030) or .xlsx (its first sheet)"})


class PlanForm(Schema):
    dry_run = fields.String(load_default="false", validate=validate.OneOf(["true", "false"]))


@plans.before_request
def allow_uploads() -> None:
    request.max_content_length = UPLOAD_BYTES_MAX


@plans.post("/plans/imports")
@allow(*PLANNERS)
@plans.arguments(PlanForm, location="form")
@plans.arguments(PlanFile, location="files")
@plans.alt_response(201, schema=PlannedSchema, description="Planned")
def post_plan_imports(form: dict[str, Any], files: dict[str, Any]) -> Response:
    """Plan from a file, all of it or nothing; a refusal names row, column and value. Needs an Idempotency-Key."""
    content = files["file"].read()
    rows = _rows(content)
    command = PlanCollection(tuple(planned for _, planned in rows), form["dry_run"] == "true")
    with _named_by_row([row for row, _ in rows]):
        if command.preview:
            with commands().reading() as work:
                return Response(canonical(plan_collection(command, work)), mimetype="application/json")
        key, told = idempotency_key(), {"file": hashlib.sha256(content).hexdigest()}
        return answered(commands().run(plan_collection, command, caller=caller(), key=key, request=told, status=201))


class PlansListSchema(Schema):
    season = fields.String()
    plans = fields.List(fields.Nested(PlannedMonthShownSchema))
    next = fields.Integer(allow_none=True)


class PlansQuery(Schema):
    season = SeasonField(required=True)
    after = QueryNumber(least=0, most=2**31, load_default=0)
    limit = QueryNumber(least=1, most=5000, load_default=1000)


@plans.get("/plans")
@allow(*READERS)
@plans.arguments(PlansQuery, location="query")
@plans.response(200, PlansListSchema)
def get_plans(query: dict[str, Any]) -> Any:
    """Every month of the season that is planned."""
    with commands().reading() as work:
        return plans_listed(work, query["season"], after=query["after"], limit=query["limit"])


class TargetSchema(Schema):
    scope = fields.String()
    name = fields.String()
    planned_for = fields.String(metadata={"description": "the last month up to this one that has a plan"})
    planned_rate = fields.String(metadata={"description": "percent"})
    collection_rate = fields.String(allow_none=True)
    variance = fields.String(allow_none=True, metadata={"description": "percentage points; below zero: behind"})
    billed = fields.String()
    received = fields.String()
    open = fields.String()


class VarianceSchema(Schema):
    season = fields.String()
    month = fields.String()
    on = fields.String()
    source = fields.String(metadata={"description": "month_end: as it was frozen; now: as it is known now"})
    targets = fields.List(fields.Nested(TargetSchema))
    next = fields.Integer(allow_none=True)


class VarianceQuery(PlansQuery):
    month = Month(required=True)


@plans.get("/plans/variance")
@allow(*READERS)
@plans.arguments(VarianceQuery, location="query")
@plans.response(200, VarianceSchema)
def get_variance(query: dict[str, Any]) -> Any:
    """Plan and collection beside each other, by the end of a month, or by today in one that runs."""
    with commands().reading() as work:
        return plan_variance(work, query["season"], query["month"], after=query["after"], limit=query["limit"])


def _rows(content: bytes) -> list[tuple[int, PlannedMonth]]:
    with tempfile.TemporaryDirectory(prefix="upload-", dir=current_app.extensions["work_folder"]) as folder:
        path = Path(folder) / "plan"  # the name that was sent is nobody's business
        path.write_bytes(content)
        return read_plan_rows(plan_rows(path))


@contextmanager
def _named_by_row(numbers: Sequence[int]) -> Iterator[None]:
    """A refusal of a plan of the list, as one of a row of the file."""
    try:
        yield
    except Refusal as refusal:
        number = str(refusal.facts.get("place", "")).removeprefix(f"{PLACE}/")
        if number.isdigit():
            refusal.facts = {**refusal.facts, "row": numbers[int(number)]}
        raise


def commands() -> Commands:
    found: Commands = current_app.extensions["commands"]
    return found
