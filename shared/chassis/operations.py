"""The routes that every service has: health, metrics, the event log, the offline API pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import flask_swagger_ui
from flask import Response, current_app, request, send_from_directory
from marshmallow import Schema, fields
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import Engine

from shared.chassis.auth import allow
from shared.chassis.database import transaction
from shared.chassis.event_log import assert_known, read_after, read_head
from shared.chassis.http import Blueprint, problem
from shared.chassis.schemas import QueryNumber
from shared.chassis.settings import SERVICES
from shared.kernel.errors import InvalidInput

operations = Blueprint("operations", "operations", description="Health, metrics and the event log")

SWAGGER_FILES = Path(flask_swagger_ui.__file__).parent / "dist"


class AliveSchema(Schema):
    status = fields.String()


class LogHeadSchema(Schema):
    epoch = fields.Integer()
    pos = fields.Integer()
    published = fields.Integer()
    outbox = fields.Integer(metadata={"description": "events that are not in the log yet"})


class ReadySchema(AliveSchema):
    log = fields.Nested(LogHeadSchema)
    streams = fields.Dict()
    parked = fields.Integer()


class ProblemPageSchema(Schema):
    code = fields.String()
    see = fields.String()
    request = fields.String()


TEXT: dict[str, Any] = {"type": "string"}


@operations.get("/livez")
@operations.doc(security=[])
@operations.alt_response(200, schema=AliveSchema)
def livez() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@operations.get("/readyz")
@operations.doc(security=[])
@operations.alt_response(200, schema=ReadySchema)
def readyz() -> Any:
    """The database answers; tells how far the log and the streams are."""
    try:
        return readiness(current_app.extensions["engine"])
    except Exception as error:
        return problem(code="not_ready", status=503, detail=f"the database does not answer: {type(error).__name__}")


def readiness(engine: Engine) -> dict[str, Any]:
    """How far the log and the streams are; raises whatever the database raises."""
    with transaction(engine) as cursor:
        head = read_head(cursor)
        waiting = cursor.execute("SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT 10000) o").fetchone()
        streams = cursor.execute("SELECT producer, pos, halted FROM positions ORDER BY producer").fetchall()
        parked = cursor.execute("SELECT count(*) FROM parked WHERE resolved_at IS NULL").fetchone()
    return {
        "status": "ready",
        "log": {
            "epoch": head.epoch,
            "pos": head.pos,
            "published": head.published,
            "outbox": waiting[0] if waiting else 0,
        },
        "streams": {producer: {"pos": pos, "halted": halted} for producer, pos, halted in streams},
        "parked": parked[0] if parked else 0,
    }


@operations.get("/metrics")
@operations.doc(security=[])
@operations.alt_response(200, schema=TEXT, content_type="text/plain")
def metrics() -> Response:
    """Prometheus metrics."""
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)


class LogQuery(Schema):
    after = QueryNumber(least=0, most=2**63 - 1, required=True)
    hash = fields.String(required=True)
    limit = QueryNumber(least=1, most=1000, load_default=500)


class LogEntrySchema(Schema):
    pos = fields.Integer()
    event_id = fields.String()
    type = fields.String()
    schema = fields.Integer()
    body = fields.String(metadata={"description": "the canonical text, which the hash is made of"})
    actor = fields.String()
    cause = fields.String()
    at = fields.String()
    hash = fields.String()


class LogPageSchema(Schema):
    epoch = fields.Integer()
    head = fields.Integer()
    entries = fields.List(fields.Nested(LogEntrySchema))


@operations.get("/log")
@allow(*(f"service:{name}" for name in SERVICES))
@operations.arguments(LogQuery, location="query")
@operations.alt_response(200, schema=LogPageSchema)
def log(query: dict[str, Any]) -> Any:
    """The events that follow a position, for the services that listen."""
    engine: Engine = current_app.extensions["engine"]
    try:
        known = bytes.fromhex(query["hash"])
    except ValueError:
        raise InvalidInput("a hash is 64 hexadecimal digits", place="hash") from None
    with transaction(engine) as cursor:
        assert_known(cursor, query["after"], known)
        head = read_head(cursor)
        entries = read_after(cursor, query["after"], limit=query["limit"])
    return {
        "epoch": head.epoch,
        "head": head.pos,
        "entries": [
            {"pos": e.pos, "event_id": str(e.event_id), "type": e.type, "schema": e.schema, "body": e.body,
             "actor": e.actor, "cause": e.cause, "at": e.at.isoformat(), "hash": e.hash.hex()}
            for e in entries
        ],
    }  # fmt: skip


@operations.get("/docs/files/<path:name>")
@operations.doc(security=[])
@operations.alt_response(200, schema=TEXT, content_type="text/html")
def swagger_file(name: str) -> Response:
    """The API page's own files, served from here: no outside host is asked."""
    return send_from_directory(SWAGGER_FILES, name)


@operations.get("/problems/<code>")
@operations.doc(security=[])
@operations.alt_response(200, schema=ProblemPageSchema)
def problem_page(code: str) -> Any:
    """What a refusal's code means."""
    if not code.replace("_", "").isalnum() or len(code) > 60:
        raise InvalidInput("a code is lower-case words", place="code", value=code[:40])
    return {"code": code, "see": "docs/refusals.md", "request": request.path}
