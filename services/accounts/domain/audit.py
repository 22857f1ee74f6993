"""What can be asked of the audit, and who sees personal numbers whole in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from services.accounts.domain.masking import masked_id_no, masked_phone
from shared.kernel.errors import NotFound

SEES_ALL = ("finance", "auditor", "system_admin")
"""Roles that see personal numbers as they are."""

_MASKED = {"id_no": masked_id_no, "phone": masked_phone}


class UnknownCommand(NotFound):
    code = "unknown_command"
    remedy = "Take the number of a command from the list of the audit."


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """None asks for everything. ``from_on`` is the first business day, ``until_on`` the day after the last."""

    account_no: str | None = None
    actor: str | None = None
    verb: str | None = None
    from_on: date | None = None
    until_on: date | None = None
    approval_id: int | None = None


def shown(value: Any, *, whole: bool) -> Any:
    """A request, an answer or a row: with ``whole`` False its ID and telephone numbers are masked."""
    if whole:
        return value
    if isinstance(value, dict):
        return {name: _shown_member(name, member) for name, member in value.items()}
    return [shown(member, whole=False) for member in value] if isinstance(value, list) else value


def _shown_member(name: str, member: Any) -> Any:
    if name in _MASKED and (member is None or isinstance(member, str)):
        return _MASKED[name](member)
    return shown(member, whole=False)
