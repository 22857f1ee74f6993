"""Locks on accounts: held for a reason, and let go again."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from marshmallow import Schema, fields, validate

from services.accounts.api.account_verbs import LIST, VerbSchema, done
from services.accounts.api.fields import checked_account_no
from services.accounts.domain.account_lock import LOCK_KINDS
from services.accounts.queries.account_locks import lock_history
from services.accounts.use_cases.lock_account import LockAccount, lock_account
from services.accounts.use_cases.unlock_account import UnlockAccount, unlock_account
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint
from shared.chassis.schemas import AccountNo
from shared.chassis.unit_of_work import Commands

account_locks = Blueprint("account_locks", "account_locks", description="Locks on accounts")


class LockSchema(VerbSchema):
    accounts = fields.List(AccountNo(), required=True, validate=LIST)
    kind = fields.String(required=True, validate=validate.OneOf(list(LOCK_KINDS)))


class LockedSchema(Schema):
    account_no = fields.String()
    lock_id = fields.Integer()
    kind = fields.String()
    since = fields.String()


class LocksSchema(Schema):
    accounts = fields.List(fields.Nested(LockedSchema))


@account_locks.post("/accounts/locks")
@allow("supervisor")
@account_locks.arguments(LockSchema)
@account_locks.alt_response(201, schema=LocksSchema, description="Locked from today on")
def post_locks(body: dict[str, Any]) -> Response:
    """Lock accounts: what the kind blocks is refused until the lock is taken off. Needs an Idempotency-Key."""
    return done(lock_account, LockAccount(tuple(body["accounts"]), body["kind"], body["reason"], body["preview"]))


@account_locks.post("/accounts/lock-releases")
@allow("supervisor")
@account_locks.arguments(LockSchema)
@account_locks.alt_response(201, schema=LocksSchema, description="Open again")
def post_lock_releases(body: dict[str, Any]) -> Response:
    """Take the locks of a kind off accounts. Needs an Idempotency-Key."""
    return done(unlock_account, UnlockAccount(tuple(body["accounts"]), body["kind"], body["reason"], body["preview"]))


class ReleaseSchema(Schema):
    on = fields.String()
    by = fields.String()
    reason = fields.String()


class LockLineSchema(LockedSchema):
    title = fields.String()
    blocks = fields.List(fields.String())
    reason = fields.String()
    by = fields.String()
    released = fields.Nested(ReleaseSchema, allow_none=True)


class LockHistorySchema(Schema):
    account_no = fields.String()
    locks = fields.List(fields.Nested(LockLineSchema))


@account_locks.get("/accounts/<account_no>/locks")
@allow("cashier", "clerk", "supervisor", "finance", "auditor")
@account_locks.response(200, LockHistorySchema)
def get_locks(account_no: str) -> Any:
    """Every lock that was ever on the account, oldest first, with what took it off."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return lock_history(work, checked_account_no(account_no))
