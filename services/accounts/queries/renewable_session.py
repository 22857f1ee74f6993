"""Whether a session may go on: its person still works here, with the roles the session has."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from services.accounts.domain.staff import SESSION_MAX
from services.accounts.storage.staff import staff_member
from shared.chassis.auth import Unauthenticated
from shared.chassis.unit_of_work import Work


class Session(NamedTuple):
    login: str
    person: str
    roles: list[str]


def renewable_session(
    work: Work, *, login: str, roles: Collection[str], signed_in_at: datetime, now: datetime
) -> Session:
    """Refuses `unauthenticated` after twelve hours, when the person left, and when the roles have changed."""
    if now - signed_in_at > SESSION_MAX:
        raise Unauthenticated("a session lasts twelve hours at most")
    member = staff_member(work, login)
    if member is None or not member.active or set(member.roles) != set(roles):
        raise Unauthenticated("this session cannot go on")
    return Session(login, member.person, member.roles)
