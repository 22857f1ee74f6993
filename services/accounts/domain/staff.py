"""Who may work here, and how often one may err when signing in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.kernel.errors import Refusal

FAILURES_MAX = 5
LOCKED_FOR = timedelta(minutes=15)
SESSION_MAX = timedelta(hours=12)
PASSWORD_SHORTEST, PASSWORD_LONGEST = 10, 128

KEPT_APART = ("system_admin", "security_admin", "auditor")
"""Running the system, letting people in, and auditing both are the work of three people (三权分立)."""


class PasswordTooWeak(Refusal):
    code = "password_too_weak"
    remedy = f"Take {PASSWORD_SHORTEST} to {PASSWORD_LONGEST} characters that do not contain the login."


class RolesConflict(Refusal):
    code = "roles_conflict"
    remedy = "Give these roles to different people."


@dataclass(frozen=True, slots=True)
class Lock:
    """Wrong passwords since the last right one, and until when no password is looked at."""

    failures: int = 0
    locked_until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        return self.locked_until is not None and at < self.locked_until

    def after_failure(self, at: datetime) -> Lock:
        """Locked with the fifth failure; tries while it is locked neither count nor make it longer."""
        if self.holds(at):
            return self
        failures = self.failures + 1
        return Lock(0, at + LOCKED_FOR) if failures >= FAILURES_MAX else replace(self, failures=failures)


def assert_password_strong(password: str, *, login: str) -> None:
    if not PASSWORD_SHORTEST <= len(password) <= PASSWORD_LONGEST or login in password.lower():
        raise PasswordTooWeak("this password is too easy to guess", place="password")


def assert_roles_apart(roles: Sequence[str]) -> None:
    together = [role for role in KEPT_APART if role in roles]
    if len(together) > 1:
        raise RolesConflict(f"one person cannot be {' and '.join(together)}", place="roles")
