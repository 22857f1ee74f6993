"""Whom a dunning notice goes to, and when a home may be cut off: only the payer who is late is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from services.accounts.domain.policy_parameters import PolicyInForce
from shared.kernel.errors import Refusal
from shared.messages.accounts import SELF


class NothingOverdue(Refusal):
    code = "nothing_overdue"
    status = 409
    remedy = "Nothing is past its due day; look at what is owed and when it falls due."


class NotThisPayer(Refusal):
    code = "not_this_payer"
    status = 409
    remedy = "The household owes nothing that is due; ask the payer who is late. Its heat is not cut for him."


class NoticeMissing(Refusal):
    code = "notice_missing"
    status = 409
    remedy = "Serve the notices that are missing, and wait the days that the policy gives."


class Late(NamedTuple):
    """A payer who owes something past its due day, the oldest of which is ``since``."""

    payer: str
    overdue_fen: int
    since: date


def whom_to_dun(late: Sequence[Late]) -> Late:
    """The household when it is late, else the other payer who owes most. Refuses `nothing_overdue`."""
    if not late:
        raise NothingOverdue("nothing of this account is overdue")
    return next((each for each in late if each.payer == SELF), max(late, key=lambda each: each.overdue_fen))


def household_late(late: Sequence[Late]) -> Late:
    """Refuses `not_this_payer` when only others are late, `nothing_overdue` when nobody is."""
    found = whom_to_dun(late)
    if found.payer != SELF:
        raise NotThisPayer("only another payer is late", payer=found.payer)
    return found


def assert_noticed(served_on: Sequence[date], since: date, values: PolicyInForce, *, today: date) -> None:
    """Refuses `notice_missing`: ``served_on`` are the days of the household's notices; those before the debt don't count."""
    latest = today - timedelta(days=values.dunning_notice_days_before_cut)
    count = sum(since < day <= latest for day in served_on)
    if count < values.dunning_min_notices:
        raise NoticeMissing(
            f"{values.dunning_min_notices} notices are served until {latest}, {count} are here",
            needed=values.dunning_min_notices, served=count, until=latest.isoformat(),
        )  # fmt: skip
