"""Partners that are told of events: who, of what, with which secret, from where on."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, current_app
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from services.accounts.api.fields import each_once
from services.accounts.api.listings import PAGE_MOST, Cursor
from services.accounts.domain.partner_events import TOLD
from services.accounts.domain.partner_url import URL_LONGEST, partner_url
from services.accounts.domain.webhook import OVERLAP_HOURS_MOST
from services.accounts.queries.partner_webhooks import (
    UnknownWebhook,
    partner_webhook,
    partner_webhooks,
    webhook_attempts,
)
from services.accounts.use_cases.disable_webhook import DisableWebhook, disable_webhook
from services.accounts.use_cases.register_webhook import RegisterWebhook, register_webhook
from services.accounts.use_cases.replay_webhook import ReplayWebhook, replay_webhook
from services.accounts.use_cases.resume_webhook import ResumeWebhook, resume_webhook
from services.accounts.use_cases.rotate_webhook_secret import RotateWebhookSecret, rotate_webhook_secret
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint, answered, caller, json_body
from shared.chassis.schemas import QueryNumber, Text, WholeNumber
from shared.chassis.sealing import Sealed, Seals
from shared.chassis.settings import TRIAL_ENVIRONMENTS
from shared.chassis.unit_of_work import Commands

webhooks = Blueprint("partner_webhooks", "partner_webhooks", description="Partners that are told of events")

READERS = ("system_admin", "auditor")


class Instant(fields.Field[datetime]):
    """``2025-10-20T08:00:00+08:00``: an instant with its zone."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(
            metadata={"type": "string", "format": "date-time", "example": "2025-10-20T08:00:00+08:00"}, **arguments
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            at = datetime.fromisoformat(value) if isinstance(value, str) and len(value) in range(20, 33) else None
        except ValueError:
            at = None
        if at is None or at.tzinfo is None or not 1950 <= at.year < 2200:
            raise ValidationError("An instant is written 2025-10-20T08:00:00+08:00, from 1950 to 2199.")
        return at.astimezone(UTC)


class WebhookSchema(Schema):
    partner = Text(longest=80, required=True)
    url = fields.String(required=True, validate=validate.Length(8, URL_LONGEST))
    events = fields.List(
        fields.String(validate=validate.OneOf(list(TOLD))),
        required=True,
        validate=[validate.Length(1, len(TOLD)), each_once],
    )


class KeyedSchema(Schema):
    webhook_id = fields.Integer()
    key_id = fields.String()
    secret = fields.String(metadata={"description": "told this once"})


class RegisteredSchema(KeyedSchema):
    state = fields.String()
    pos = fields.Integer(metadata={"description": "events after this position of the log are told"})


@webhooks.post("/partners/webhooks")
@allow("system_admin")
@webhooks.arguments(WebhookSchema)
@webhooks.alt_response(201, schema=RegisteredSchema)
def post_webhooks(body: dict[str, Any]) -> Response:
    """Tell a partner of events from now on. The answer holds the secret, and no other answer ever will."""
    partner_url(body["url"], trial=_is_trial())
    command = RegisterWebhook(
        body["partner"], body["url"], tuple(body["events"]), _new_secret(), _seal, datetime.now(UTC)
    )
    return answered(_commands().run(register_webhook, command, caller=caller(), request=json_body(), status=201))


class SigningKeySchema(Schema):
    key_id = fields.String()
    ends_at = fields.String(allow_none=True)


class ShownWebhookSchema(Schema):
    webhook_id = fields.Integer()
    partner = fields.String()
    url = fields.String()
    events = fields.List(fields.String())
    state = fields.String(metadata={"description": "active, parked, disabled"})
    pos = fields.Integer(metadata={"description": "everything up to here was taken"})
    head = fields.Integer(metadata={"description": "the last position of the log"})
    replay = fields.Integer()
    failures = fields.Integer(metadata={"description": "since the last answer"})
    failing_since = fields.String(allow_none=True)
    next_at = fields.String()
    keys = fields.List(fields.Nested(SigningKeySchema))


class WebhookMoveSchema(Schema):
    verb = fields.String()
    from_ = fields.String(attribute="from", data_key="from", allow_none=True)
    to = fields.String()
    reason = fields.String()
    by = fields.String()
    at = fields.String()


class WholeWebhookSchema(ShownWebhookSchema):
    moves = fields.List(fields.Nested(WebhookMoveSchema))


class WebhooksPageSchema(Schema):
    items = fields.List(fields.Nested(ShownWebhookSchema))
    next = fields.String(allow_none=True)


class PageQuery(Schema):
    after = Cursor()
    limit = QueryNumber(least=1, most=PAGE_MOST, load_default=100)


@webhooks.get("/partners/webhooks")
@allow(*READERS)
@webhooks.arguments(PageQuery, location="query")
@webhooks.response(200, WebhooksPageSchema)
def get_webhooks(query: dict[str, Any]) -> Any:
    """Who is told of what, and how far each is."""
    with _commands().reading() as work:
        return partner_webhooks(work, after=query.get("after"), limit=query["limit"])


@webhooks.get("/partners/webhooks/<webhook_id>")
@allow(*READERS)
@webhooks.response(200, WholeWebhookSchema)
def get_webhook(webhook_id: str) -> Any:
    """One webhook, with its history."""
    with _commands().reading() as work:
        return partner_webhook(work, _checked(webhook_id))


class AttemptSchema(Schema):
    attempt_id = fields.Integer()
    delivery_id = fields.String()
    pos = fields.Integer()
    replay = fields.Integer()
    type = fields.String()
    outcome = fields.String()
    status = fields.Integer(allow_none=True)
    error = fields.String(allow_none=True)
    body_sha256 = fields.String()
    body_bytes = fields.Integer()
    answer_sha256 = fields.String(metadata={"description": "of the first 4096 bytes"})
    millis = fields.Integer()
    at = fields.String()


class AttemptsPageSchema(Schema):
    items = fields.List(fields.Nested(AttemptSchema))
    next = fields.String(allow_none=True)


class AttemptsQuery(PageQuery):
    outcome = fields.String(validate=validate.OneOf(["delivered", "failed"]))


@webhooks.get("/partners/webhooks/<webhook_id>/deliveries")
@allow(*READERS)
@webhooks.arguments(AttemptsQuery, location="query")
@webhooks.response(200, AttemptsPageSchema)
def get_deliveries(query: dict[str, Any], webhook_id: str) -> Any:
    """Every attempt, the latest first."""
    with _commands().reading() as work:
        return webhook_attempts(work, _checked(webhook_id), outcome=query.get("outcome"), after=query.get("after"),
                                limit=query["limit"])  # fmt: skip


class RotationSchema(Schema):
    overlap_hours = WholeNumber(least=0, most=OVERLAP_HOURS_MOST, load_default=24)


class RotatedSchema(KeyedSchema):
    former_ends_at = fields.String()


@webhooks.post("/partners/webhooks/<webhook_id>/secrets")
@allow("system_admin")
@webhooks.arguments(RotationSchema)
@webhooks.alt_response(201, schema=RotatedSchema)
def post_secrets(body: dict[str, Any], webhook_id: str) -> Response:
    """Another secret; the former signs beside it for ``overlap_hours``, 0 when it leaked."""
    overlap = timedelta(hours=body["overlap_hours"])
    command = RotateWebhookSecret(_checked(webhook_id), _new_secret(), _seal, overlap, datetime.now(UTC))
    return answered(_commands().run(rotate_webhook_secret, command, caller=caller(), request=json_body(), status=201))


class ReplaySchema(Schema):
    from_pos = WholeNumber(least=1, most=2**62)
    from_at = Instant()

    @validates_schema
    def _one_of_both(self, data: dict[str, Any], **_: Any) -> None:
        if len(data) != 1:
            raise ValidationError("Name from_pos or from_at.", "from_pos")


class ReplayedSchema(Schema):
    webhook_id = fields.Integer()
    pos = fields.Integer()
    head = fields.Integer()
    replay = fields.Integer()


@webhooks.post("/partners/webhooks/<webhook_id>/replays")
@allow("system_admin")
@webhooks.arguments(ReplaySchema)
@webhooks.alt_response(201, schema=ReplayedSchema)
def post_replays(body: dict[str, Any], webhook_id: str) -> Response:
    """Tell again, from a position or an instant on, under new delivery ids."""
    command = ReplayWebhook(_checked(webhook_id), body.get("from_pos"), body.get("from_at"), datetime.now(UTC))
    return answered(_commands().run(replay_webhook, command, caller=caller(), request=json_body(), status=201))


class WhySchema(Schema):
    reason = Text(longest=200, required=True)


class WebhookStateSchema(Schema):
    webhook_id = fields.Integer()
    state = fields.String()


@webhooks.post("/partners/webhooks/<webhook_id>/disablements")
@allow("system_admin")
@webhooks.arguments(WhySchema)
@webhooks.alt_response(201, schema=WebhookStateSchema)
def post_disablements(body: dict[str, Any], webhook_id: str) -> Response:
    """Tell this partner nothing any more; its position stays."""
    command = DisableWebhook(_checked(webhook_id), body["reason"])
    return answered(_commands().run(disable_webhook, command, caller=caller(), request=json_body(), status=201))


@webhooks.post("/partners/webhooks/<webhook_id>/resumptions")
@allow("system_admin")
@webhooks.arguments(WhySchema)
@webhooks.alt_response(201, schema=WebhookStateSchema)
def post_webhook_resumptions(body: dict[str, Any], webhook_id: str) -> Response:
    """Tell this partner again, at once and from where it stood."""
    command = ResumeWebhook(_checked(webhook_id), body["reason"], datetime.now(UTC))
    return answered(_commands().run(resume_webhook, command, caller=caller(), request=json_body(), status=201))


def _new_secret() -> str:
    return f"nuan_{secrets.token_urlsafe(32)}"


def _seal(secret: str, key: str) -> Sealed:
    seals: Seals = current_app.extensions["seals"]
    return seals.seal(secret, context=key)


def _checked(webhook_id: str) -> int:
    if not webhook_id.isascii() or not webhook_id.isdigit() or len(webhook_id) > 18:
        raise UnknownWebhook("a webhook is a number", webhook_id=webhook_id[:20])
    return int(webhook_id)


def _is_trial() -> bool:
    environment: str = current_app.extensions["environment"]
    return environment.startswith(TRIAL_ENVIRONMENTS)


def _commands() -> Commands:
    found: Commands = current_app.extensions["commands"]
    return found
