"""People who work here."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from services.accounts.domain.staff import Lock
from shared.chassis.unit_of_work import Work


class StaffMember(NamedTuple):
    login: str
    person: str
    password_hash: str
    roles: list[str]
    active: bool
    failures: int
    locked_until: datetime | None

    @property
    def lock(self) -> Lock:
        return Lock(self.failures, self.locked_until)


_MEMBER = "SELECT login, person, password_hash, roles, active, failures, locked_until FROM staff WHERE login = %s"
_KEEP_LOCK = "UPDATE staff SET failures = %s, locked_until = %s WHERE login = %s RETURNING login"


def staff_member(work: Work, login: str) -> StaffMember | None:
    rows = work.rows(_MEMBER, (login,))
    return StaffMember(*rows[0]) if rows else None


def locked_staff_member(work: Work, login: str) -> StaffMember | None:
    """The member, whose row nobody else touches until the work ends."""
    rows = work.rows(_MEMBER + " FOR UPDATE", (login,))
    return StaffMember(*rows[0]) if rows else None


def keep_lock(work: Work, login: str, lock: Lock) -> None:
    """Nothing happens, in the same time, when nobody has that login."""
    work.rows(_KEEP_LOCK, (lock.failures, lock.locked_until, login))
