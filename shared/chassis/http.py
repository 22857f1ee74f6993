"""How a service answers HTTP: strict JSON in, problem+json for refusals, every route authenticated, OpenAPI 3.1."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, ClassVar

import psycopg
import sqlalchemy.exc
import structlog
from flask import Flask, Response, g, request
from flask_smorest import Api
from flask_smorest import Blueprint as SmorestBlueprint
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import IntegerConverter

from shared.chassis import metrics
from shared.chassis.auth import Forbidden, Identity, Keys, identify
from shared.chassis.codec import canonical, strict_json
from shared.chassis.schemas import Problem
from shared.chassis.unit_of_work import Answer, Caller, checked_key
from shared.kernel.errors import InvalidInput, Refusal

logger = structlog.get_logger()

BODY_BYTES_MAX = 2_000_000
ERRORS_TOLD_MAX, PLACE_LENGTH_MAX = 50, 200
"""An answer stays short, however much is wrong and however long its names are."""

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})
"""Methods that are counted by name; any word may be sent as one."""

OPEN_ENDPOINTS = frozenset(
    {"operations.livez", "operations.readyz", "operations.metrics", "staff.sign_in",
     "api-docs.openapi_json", "api-docs.openapi_swagger_ui", "operations.swagger_file", "operations.problem_page"}
)  # fmt: skip
"""The only routes that need no token (tests/architecture holds the list)."""


class StrictParser(FlaskParser):
    """JSON bodies by the strict reader; unknown members and query arguments are refused."""

    DEFAULT_UNKNOWN_BY_LOCATION: ClassVar = {  # type: ignore[misc]
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": "raise",
        "json": "raise",
    }

    def _raw_load_json(self, req: Any) -> Any:
        return json_body()


class Blueprint(SmorestBlueprint):
    ARGUMENTS_PARSER = StrictParser()


class PathNumber(IntegerConverter):
    """A number in a path: ASCII digits, as many as a BIGINT holds. werkzeug's own takes １２ and a thousand digits."""

    regex = "[0-9]{1,18}"


class ProblemApi(Api):
    """Describes refusals as what they are."""

    ERROR_SCHEMA = Problem

    def _register_responses(self) -> None:
        usual: str = Api.DEFAULT_RESPONSE_CONTENT_TYPE
        self.DEFAULT_RESPONSE_CONTENT_TYPE = "application/problem+json"
        super()._register_responses()
        self.DEFAULT_RESPONSE_CONTENT_TYPE = usual


class Overloaded(Refusal):
    code = "overloaded"
    status = 503
    remedy = "Send it again in a moment, with the same Idempotency-Key."


def make_app(service: str, *, title: str, keys: Keys, blueprints: Iterable[SmorestBlueprint],
             extensions: dict[str, Any]) -> Flask:  # fmt: skip
    """A Flask app of one service. ``extensions`` is what its views find in ``current_app.extensions``."""
    app = Flask(service, static_folder=None)
    app.config.update(
        API_TITLE=title,
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/",
        OPENAPI_JSON_PATH="openapi.json",
        OPENAPI_SWAGGER_UI_PATH="/docs",
        OPENAPI_SWAGGER_UI_URL="/docs/files/",
        API_SPEC_OPTIONS={
            "security": [{"bearer": []}],
            "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}},
        },
        MAX_CONTENT_LENGTH=BODY_BYTES_MAX,
        MAX_FORM_MEMORY_SIZE=100_000,
        PROPAGATE_EXCEPTIONS=False,
        TRAP_HTTP_EXCEPTIONS=False,
    )
    app.url_map.merge_slashes = False
    app.url_map.converters["int"] = PathNumber
    app.extensions.update(extensions)
    app.extensions["keys"] = keys
    app.before_request(lambda: _admit(app, service, keys))
    app.after_request(_account_for)
    api = ProblemApi(app)
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    app.register_error_handler(Refusal, refused)
    app.register_error_handler(HTTPException, _http_exception)
    app.register_error_handler(Exception, _defect)
    return app


def _admit(app: Flask, service: str, keys: Keys) -> None:
    g.started = time.perf_counter()
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if given.isascii() and given.isalnum() and len(given) <= 64 else uuid.uuid4().hex
    structlog.contextvars.bind_contextvars(request_id=g.request_id)
    if request.endpoint is None or request.endpoint in OPEN_ENDPOINTS:
        return
    g.identity = identify(keys, request.headers.get("Authorization"), service=service, body=request.get_data)
    view = app.view_functions[request.endpoint]
    allowed = _allowed(view, request.method)
    if not g.identity.is_any_of(allowed):
        logger.warning("access_denied", actor=g.identity.subject, endpoint=request.endpoint)
        raise Forbidden("this is not open to you", needs=list(allowed))


def _allowed(view: Any, method: str) -> tuple[str, ...]:
    view_class = getattr(view, "view_class", None)
    handler = getattr(view_class, method.lower(), view) if view_class else view
    return getattr(handler, "allowed", ())


def identity() -> Identity:
    return g.identity  # type: ignore[no-any-return]


def caller() -> Caller:
    return Caller(g.identity.subject, g.request_id)


def idempotency_key() -> str:
    """The request's ``Idempotency-Key``: required, once, 1…255 visible ASCII characters without a comma."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and "," in key:  # as two headers arrive here
        raise InvalidInput("send one key, without a comma", place="Idempotency-Key", value=key[:40])
    return checked_key(key)


def json_body() -> Any:
    """The request's JSON, read strictly."""
    if not request.is_json:
        raise InvalidInput("send JSON with Content-Type: application/json", place="Content-Type")
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise InvalidInput("the body must not be compressed", place="Content-Encoding")
    body = request.get_data()
    if request.content_length is not None and len(body) != request.content_length:
        raise InvalidInput("the body ended before it was whole", place="Content-Length")  # who hung up meant more
    try:
        return strict_json(body.decode("utf-8"))
    except UnicodeDecodeError:
        raise InvalidInput("the body is not UTF-8", place="body") from None


def answered(answer: Answer) -> Response:
    """The stored bytes of a command's answer; a repeat says so in ``Idempotent-Replayed``."""
    response = Response(answer.body, status=answer.status, mimetype="application/json")
    if answer.repeated:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def problem(*, code: str, status: int, detail: str, remedy: str = "", **members: Any) -> Response:
    metrics.REFUSALS.labels(code).inc()
    body = {"type": f"/problems/{code}", "title": code.replace("_", " "), "status": status, "code": code,
            "detail": detail, "request_id": getattr(g, "request_id", ""), **members}  # fmt: skip
    if remedy:
        body["remedy"] = remedy
    response = Response(canonical(body), status=status, mimetype="application/problem+json")
    if status in (409, 429, 503):
        response.headers["Retry-After"] = "1"
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def refused(refusal: Refusal) -> Response:
    facts = {name: _plain(value) for name, value in refusal.facts.items()}
    return problem(code=refusal.code, status=refusal.status, detail=refusal.detail, remedy=refusal.remedy, facts=facts)


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int, bool, list, dict, type(None))) else str(value)


def _http_exception(error: HTTPException) -> Response:
    messages = getattr(error, "data", {}).get("messages") if hasattr(error, "data") else None
    status = error.code or 500
    if messages:
        return problem(code="invalid_input", status=status, detail="some values cannot be taken",
                       remedy=InvalidInput.remedy, errors=list(islice(_places(messages, ""), ERRORS_TOLD_MAX)))  # fmt: skip
    response = problem(code=(error.name or "error").lower().replace(" ", "_"), status=status,
                       detail=error.description or error.name)  # fmt: skip
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _places(messages: Any, place: str) -> Iterable[dict[str, str]]:
    """marshmallow's nested messages → one entry a place, as a JSON pointer."""
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from _places(inner, f"{place}/{name}" if name not in ("json", "query", "_schema") or place else place)
    else:
        for message in messages if isinstance(messages, list) else [messages]:
            yield {"place": place[:PLACE_LENGTH_MAX] or "/", "reason": str(message)}


def _defect(error: Exception) -> Response:
    if isinstance(error, (sqlalchemy.exc.TimeoutError, psycopg.OperationalError, sqlalchemy.exc.OperationalError)):
        logger.warning("database_away", error=type(error).__name__, detail=str(error)[:200])
        return refused(Overloaded("the database does not answer in time"))
    if isinstance(error, psycopg.errors.DataError):
        logger.warning("database_refused_value", detail=str(error)[:200])
        return refused(InvalidInput("a value cannot be stored"))
    logger.error("defect", error=type(error).__name__, exc_info=error)
    return problem(
        code="defect", status=500, detail="something is broken here; it was written down with this request id"
    )


def _account_for(response: Response) -> Response:
    response.headers["X-Request-Id"] = getattr(g, "request_id", "")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "no-store"
    seconds = time.perf_counter() - getattr(g, "started", time.perf_counter())
    route = str(request.url_rule) if request.url_rule else "unknown"
    method = request.method if request.method in METHODS else "other"
    metrics.REQUESTS.labels(route, method, str(response.status_code)).observe(seconds)
    structlog.contextvars.unbind_contextvars("request_id")
    return response


Probe = Callable[[], dict[str, Any]]
