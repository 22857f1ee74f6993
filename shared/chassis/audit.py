"""Who did what, when and why: one row for each command that was asked for, in the transaction of the command.

What rows were before and after is written by triggers of the service's own schema; they read the number of the
command from the session (`tell_command`). A service whose schema has no ``audit_log`` pays nothing.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Engine

from shared.chassis.codec import canonical
from shared.chassis.database import Cursor, transaction
from shared.chassis.writes import row_of

SECRETS = ("password", "secret", "token")
"""Members of a request that are kept nowhere."""


@row_of("audit_log")
class AuditRow(NamedTuple):
    command_id: int
    business_on: date
    actor: str
    verb: str
    reason: str | None
    request: str | None


def is_audited(engine: Engine) -> bool:
    """Whether the service's schema keeps an audit."""
    with transaction(engine) as cursor:
        return cursor.execute("SELECT to_regclass('public.audit_log')").fetchone() != (None,)


def tell_command(cursor: Cursor, command_id: int) -> None:
    """From here to the end of the transaction changes are this command's."""
    cursor.execute("SELECT set_config('nuan.command_id', %s, true)", (str(command_id),))


def audit_row(*, command_id: int, business_on: date, actor: str, verb: str, request: Any) -> AuditRow:
    """``reason`` is the request's own word for it, or its ``remark``."""
    told = request if isinstance(request, dict) else {}
    reason = told.get("reason") or told.get("remark")
    kept = None if request is None else canonical(without_secrets(request))
    return AuditRow(command_id, business_on, actor, verb, reason if isinstance(reason, str) else None, kept)


def without_secrets(request: Any) -> Any:
    """The request with every secret struck out, wherever it stands."""
    if isinstance(request, dict):
        return {name: "…" if name in SECRETS else without_secrets(value) for name, value in request.items()}
    return [without_secrets(value) for value in request] if isinstance(request, list) else request
