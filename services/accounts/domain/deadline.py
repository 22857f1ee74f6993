"""What must be done by a day: how many days the policy gives for it, and which day that is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.policy_values import DayCount
from services.accounts.domain.working_days import WorkingCalendar, add_working_days

SURVEY, NOTICE, CONTRACT_PAYMENT = "survey", "notice", "contract_payment"
SUSPENSION_ANSWER, SUSPENSION_PAYMENT = "suspension_answer", "suspension_payment"
MET, DROPPED, LAPSED = "met", "dropped", "lapsed"


class DeadlineKind(NamedTuple):
    title: str
    days: Callable[[PolicyInForce], DayCount]


KINDS: dict[str, DeadlineKind] = {
    SURVEY: DeadlineKind("踏勘 · survey of a place", lambda values: DayCount(values.survey_days, working=True)),
    NOTICE: DeadlineKind(
        "告知 · telling the applicant what was found", lambda values: DayCount(values.notice_days, working=True)
    ),
    CONTRACT_PAYMENT: DeadlineKind(
        "合同交费 · payment of what a contract asks for",
        lambda values: DayCount(values.contract_pay_days, working=False),
    ),
    SUSPENSION_ANSWER: DeadlineKind(
        "报停答复 · answer to an application for a suspension", lambda values: values.suspend_answer_days
    ),
    SUSPENSION_PAYMENT: DeadlineKind(
        "报停交费 · payment of what a suspended home keeps owing", lambda values: values.suspend_pay_within_days
    ),
}
"""Every kind, with the parameter that says how long it may take."""


class Deadline(NamedTuple):
    """``due_on`` is the last day on which it is in time."""

    kind: str
    begun_on: date
    days: DayCount
    due_on: date
    assumed: bool


def deadline(kind: str, values: PolicyInForce, *, begun_on: date, calendar: WorkingCalendar) -> Deadline:
    """The day on which it begins does not count (民法典, article 201)."""
    return counted(kind, KINDS[kind].days(values), begun_on=begun_on, calendar=calendar)


def counted(kind: str, days: DayCount, *, begun_on: date, calendar: WorkingCalendar) -> Deadline:
    if not days.working:
        return Deadline(kind, begun_on, days, begun_on + timedelta(days=days.days), assumed=False)
    return Deadline(kind, begun_on, days, *add_working_days(begun_on, days.days, calendar))


def told(due: Deadline) -> dict[str, object]:
    return {"kind": due.kind, "due_on": due.due_on.isoformat(), "assumed": due.assumed}
