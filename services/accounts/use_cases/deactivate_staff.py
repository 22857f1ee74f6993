"""A person no longer works here: no sign-in, and no renewal of a session that is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.storage.rows import DEACTIVATE
from services.accounts.storage.staff import locked_staff_member
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import NotFound, Refusal
from shared.kernel.lifecycle import TransitionRefused


class UnknownStaff(NotFound):
    code = "unknown_staff"
    remedy = "Check the login."


class OwnLogin(Refusal):
    code = "own_login"
    remedy = "Ask another security administrator: nobody locks himself out."


@dataclass(frozen=True, slots=True)
class DeactivateStaff:
    login: str


def deactivate_staff(command: DeactivateStaff, work: Work) -> dict[str, Any]:
    """Refused: `unknown_staff`, `own_login`, `transition_refused` when the person left before."""
    if work.caller.actor == f"staff:{command.login}":
        raise OwnLogin("this is your own login", login=command.login)
    member = locked_staff_member(work, command.login)
    if member is None:
        raise UnknownStaff("nobody has this login", login=command.login[:40])
    if not member.active:
        raise TransitionRefused("this login is not active", state="inactive", verb="deactivate_staff")
    work.change(DEACTIVATE, [(command.login,)])
    return {"login": command.login, "active": False}
