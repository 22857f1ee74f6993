"""Who is away names somebody who decides for him meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.accounts.domain.staff import assert_roles_apart
from shared.kernel.errors import InvalidInput, NotFound, Refusal
from shared.kernel.lifecycle import TransitionRefused

LONGEST = timedelta(days=92)


class UnknownDelegation(NotFound):
    code = "unknown_delegation"
    remedy = "Check the number of the delegation."


class NotOwnDelegation(Refusal):
    code = "not_own_delegation"
    status = 403
    remedy = "Let the person who delegated end it, or a security administrator."


@dataclass(frozen=True, slots=True)
class Delegate:
    login: str
    person: str
    roles: tuple[str, ...]
    active: bool


@dataclass(frozen=True, slots=True)
class Delegation:
    """``until_on`` is the day after the last; ``ended``: it was taken back before."""

    delegation_id: int
    from_login: str
    until_on: date
    ended: bool


def assert_may_delegate(person: str, roles: Sequence[str], to: Delegate, *, from_on: date, until_on: date,
                        today: date) -> None:  # fmt: skip
    """Refuses a period that is empty, over or longer than three months, oneself, and `roles_conflict`: what nobody may be
    at once is not lent either.
    """
    if not today <= from_on < until_on:
        raise InvalidInput(
            "the period begins today or later and has a day", place="until_on", value=until_on.isoformat()
        )
    if until_on - from_on > LONGEST:
        raise InvalidInput(
            f"a delegation lasts {LONGEST.days} days at most", place="until_on", value=until_on.isoformat()
        )
    if to.person == person:
        raise InvalidInput("this is the same person", place="to_login", value=to.login)
    if not to.active:
        raise TransitionRefused("this login is not active", state="inactive", verb="delegate_approvals")
    assert_roles_apart([*roles, *to.roles])


def assert_may_end(delegation: Delegation, login: str, *, is_security_admin: bool, today: date) -> None:
    """Refuses `not_own_delegation`, and `transition_refused` when it is over."""
    if delegation.ended or delegation.until_on <= today:
        raise TransitionRefused("this delegation is over", state="ended", verb="end_delegation")
    if login != delegation.from_login and not is_security_admin:
        raise NotOwnDelegation("somebody else delegated this", delegation_id=delegation.delegation_id)
