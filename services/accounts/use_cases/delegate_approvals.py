"""Who will be away lends the right to decide to somebody else, for a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from services.accounts.domain.approval import Person
from services.accounts.domain.delegation import Delegate, assert_may_delegate
from services.accounts.storage.delegations import DelegationRow
from services.accounts.storage.staff import StaffMember, staff_member
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class DelegateApprovals:
    """``until_on`` is the day after the last one."""

    absent: Person
    to_login: str
    from_on: date
    until_on: date
    reason: str


def delegate_approvals(command: DelegateApprovals, work: Work) -> dict[str, Any]:
    """Refused: a login that nobody has, and what `assert_may_delegate` refuses."""
    lender = _member(work, command.absent.login.removeprefix("staff:"), place="login")
    named = _member(work, command.to_login, place="to_login")
    to = Delegate(named.login, named.person, tuple(named.roles), named.active)
    assert_may_delegate(command.absent.name, lender.roles, to, from_on=command.from_on, until_on=command.until_on,
                        today=work.today)  # fmt: skip
    (delegation_id,) = work.new_ids(1)
    work.add([
        DelegationRow(delegation_id, work.command_id, lender.login, lender.person, named.login, named.person,
                      command.from_on, command.until_on, command.reason),
    ])  # fmt: skip
    return {
        "delegation_id": delegation_id,
        "from_login": lender.login,
        "to_login": named.login,
        "from_on": command.from_on.isoformat(),
        "until_on": command.until_on.isoformat(),
    }


def _member(work: Work, login: str, *, place: str) -> StaffMember:
    member = staff_member(work, login)
    if member is None:
        raise InvalidInput("nobody has this login", place=place, value=login)
    return member
