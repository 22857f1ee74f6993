"""A member of staff signs in with login and password."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.accounts.domain.staff import Lock
from services.accounts.storage.passwords import NOBODYS_HASH, matches
from services.accounts.storage.staff import keep_lock, locked_staff_member
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class SignIn:
    """``at`` is the instant of the try."""

    login: str
    password: str = field(repr=False)
    at: datetime


def sign_in(command: SignIn, work: Work) -> dict[str, Any] | None:
    """Person and roles, or None: a failure is an answer and not a refusal, because its count must be kept.

    An unknown login, a wrong password, a lock and a person who left are one and the same answer, after the
    same work.
    """
    member = locked_staff_member(work, command.login)
    right = matches(member.password_hash if member else NOBODYS_HASH, command.password)
    lock = member.lock if member else Lock()
    if member and right and member.active and not lock.holds(command.at):
        keep_lock(work, command.login, Lock())
        return {"person": member.person, "roles": member.roles}
    keep_lock(work, command.login, lock.after_failure(command.at))
    return None
