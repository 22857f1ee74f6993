"""A person begins to work here, under a login of their own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.accounts.domain.staff import assert_password_strong, assert_roles_apart
from services.accounts.storage.passwords import hashed
from services.accounts.storage.rows import StaffRow
from services.accounts.storage.staff import staff_member
from shared.chassis.auth import ROLES
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput, Refusal


class LoginTaken(Refusal):
    code = "login_taken"
    status = 409
    remedy = "Choose another login; a login is never given to a second person."


@dataclass(frozen=True, slots=True)
class AddStaff:
    """``person`` is the name of the human being, the same for all logins of one."""

    login: str
    person: str
    password: str = field(repr=False)
    roles: tuple[str, ...]


def add_staff(command: AddStaff, work: Work) -> dict[str, Any]:
    """Refused: `login_taken`, `password_too_weak`, `roles_conflict`, roles that do not exist."""
    unknown = [role for role in command.roles if role not in ROLES]
    if unknown or not command.roles:
        raise InvalidInput(f"roles are {', '.join(ROLES)}", place="roles", value=", ".join(unknown))
    assert_roles_apart(command.roles)
    assert_password_strong(command.password, login=command.login)
    if staff_member(work, command.login):
        raise LoginTaken("this login has been given to somebody", login=command.login)
    roles = sorted(set(command.roles))
    stored_roles = f"{{{','.join(roles)}}}"
    password_hash = hashed(command.password)
    work.add([StaffRow(command.login, work.command_id, command.person, password_hash, stored_roles)])
    return {"login": command.login, "person": command.person, "roles": roles}
