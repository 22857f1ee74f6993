"""Staff: signing in, going on, and who works here."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import structlog
from flask import Response, current_app, g, request
from marshmallow import Schema, fields, validate

from services.accounts.api.fields import each_once
from services.accounts.domain.staff import PASSWORD_LONGEST
from services.accounts.queries.renewable_session import renewable_session
from services.accounts.use_cases.add_staff import AddStaff, add_staff
from services.accounts.use_cases.deactivate_staff import DeactivateStaff, UnknownStaff, deactivate_staff
from services.accounts.use_cases.sign_in import SignIn
from services.accounts.use_cases.sign_in import sign_in as try_sign_in
from shared.chassis.auth import ROLES, STAFF_ISSUER, STAFF_SECONDS, Keys, Unauthenticated, allow, staff_token
from shared.chassis.http import Blueprint, answered, caller, identity, json_body
from shared.chassis.schemas import Text
from shared.chassis.unit_of_work import Caller, Commands

logger = structlog.get_logger()

staff = Blueprint("staff", "staff", description="People who work here")

LOGIN = validate.Regexp(r"\A[a-z][a-z0-9._-]{1,39}\Z", error="A login is 2 to 40 lower-case letters, digits, . _ or -.")


class SignInSchema(Schema):
    login = fields.String(required=True, validate=LOGIN)
    password = fields.String(required=True, validate=validate.Length(1, PASSWORD_LONGEST))


class TokenSchema(Schema):
    token = fields.String()
    expires_in = fields.Integer(metadata={"description": "seconds; renew before"})
    person = fields.String()
    roles = fields.List(fields.String())


class SignInRefused(Unauthenticated):
    code = "sign_in_refused"
    remedy = "Check login and password. After five wrong passwords a login rests for a quarter of an hour."


@staff.post("/sign-in")
@staff.doc(security=[])
@staff.arguments(SignInSchema)
@staff.response(200, TokenSchema)
def sign_in(body: dict[str, Any]) -> Any:
    """A token for fifteen minutes. Whatever is wrong, the answer is the same."""
    now, login = datetime.now(UTC), body["login"]
    commands: Commands = current_app.extensions["commands"]
    who = Caller(f"sign-in:{login}", g.request_id)
    answer = commands.run(try_sign_in, SignIn(login, body["password"], now), caller=who)
    member = json.loads(answer.body)
    if member is None:
        logger.warning("sign_in_refused", login=login)
        raise SignInRefused("login or password is wrong, or the login rests")
    return _token(login, member["person"], member["roles"], signed_in_at=int(now.timestamp()))


@staff.post("/session/renew")
@allow(*ROLES)
@staff.response(200, TokenSchema)
def renew_session() -> Any:
    """A fresh token for the same session: twelve hours from signing in at most."""
    who = identity()
    claims = _keys().verified(request.headers["Authorization"].partition(" ")[2], STAFF_ISSUER)
    signed_in_at = int(claims["signed_in_at"])
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        session = renewable_session(
            work, login=who.subject.removeprefix("staff:"), roles=who.roles,
            signed_in_at=datetime.fromtimestamp(signed_in_at, UTC), now=datetime.now(UTC),
        )  # fmt: skip
    return _token(*session, signed_in_at=signed_in_at)


class NewStaffSchema(Schema):
    login = fields.String(required=True, validate=LOGIN)
    person = Text(longest=80, required=True)
    password = fields.String(required=True, validate=validate.Length(1, PASSWORD_LONGEST), load_only=True)
    roles = fields.List(
        fields.String(validate=validate.OneOf(ROLES)),
        required=True,
        validate=[validate.Length(1, len(ROLES)), each_once],
    )


class StaffSchema(Schema):
    login = fields.String()
    person = fields.String()
    roles = fields.List(fields.String())


@staff.post("/staff")
@allow("security_admin")
@staff.arguments(NewStaffSchema)
@staff.alt_response(201, schema=StaffSchema)
def post_staff(body: dict[str, Any]) -> Response:
    """A person begins to work here."""
    commands: Commands = current_app.extensions["commands"]
    command = AddStaff(body["login"], body["person"], body["password"], tuple(body["roles"]))
    return answered(commands.run(add_staff, command, caller=caller(), request=json_body(), status=201))


class DeactivatedSchema(Schema):
    login = fields.String()
    active = fields.Boolean()


@staff.post("/staff/<login>/deactivate")
@allow("security_admin")
@staff.alt_response(200, schema=DeactivatedSchema)
def post_deactivation(login: str) -> Response:
    """A person no longer works here."""
    if not login.isascii() or len(login) > 40 or "\x00" in login:
        raise UnknownStaff("nobody has this login", login=login[:40])
    commands: Commands = current_app.extensions["commands"]
    command = DeactivateStaff(login)
    return answered(commands.run(deactivate_staff, command, caller=caller(), request={"login": login}))


def _token(login: str, person: str, roles: list[str], *, signed_in_at: int) -> dict[str, Any]:
    token = staff_token(_keys(), login=login, person=person, roles=roles, signed_in_at=signed_in_at)
    return {"token": token, "expires_in": STAFF_SECONDS, "person": person, "roles": roles}


def _keys() -> Keys:
    keys: Keys = current_app.extensions["keys"]
    return keys
