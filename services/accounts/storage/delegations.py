"""Rights to decide that are lent while somebody is away."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from services.accounts.domain.approval import Person
from services.accounts.domain.delegation import Delegation, UnknownDelegation
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of


@row_of("approval_delegations")
class DelegationRow(NamedTuple):
    delegation_id: int
    command_id: int
    from_login: str
    from_person: str
    to_login: str
    to_person: str
    from_on: date
    until_on: date
    reason: str


@row_of("approval_delegations_ended")
class DelegationEndedRow(NamedTuple):
    delegation_id: int
    command_id: int
    ended_on: date


_LENT = """
SELECT 'staff:' || s.login, s.person, s.roles FROM approval_delegations d JOIN staff s ON s.login = d.from_login
WHERE d.to_login = %(login)s AND d.from_on <= %(today)s AND d.until_on > %(today)s AND s.active
  AND NOT EXISTS (SELECT FROM approval_delegations_ended e WHERE e.delegation_id = d.delegation_id)
ORDER BY d.delegation_id
"""


def absent_for(work: Work, login: str) -> list[Person]:
    """Who lends the right to decide to ``login`` (``staff:li``) today: with the roles that they have themselves now.

    What was lent to them is not lent on; who left lends nothing any more.
    """
    rows = work.rows(_LENT, {"login": login.removeprefix("staff:"), "today": work.today})
    return [Person(absent, person, tuple(roles)) for absent, person, roles in rows]


def read_delegation(work: Work, delegation_id: int) -> Delegation:
    """Refuses `unknown_delegation`."""
    rows = work.rows(
        "SELECT d.delegation_id, 'staff:' || d.from_login, d.until_on, e.delegation_id IS NOT NULL FROM approval_delegations d"
        " LEFT JOIN approval_delegations_ended e USING (delegation_id) WHERE d.delegation_id = %s",
        (delegation_id,),
    )
    if not rows:
        raise UnknownDelegation("there is no such delegation", delegation_id=delegation_id)
    return Delegation(*rows[0])
