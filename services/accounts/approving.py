"""What one person does alone is looked at when it is done and before it is committed: nothing can come between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any

from services.accounts.domain.approval_effect import Effect
from services.accounts.domain.approval_rule import NOTHING, ApprovalRule, assert_one_is_enough
from services.accounts.queries.approval_terms import rule_of
from services.accounts.storage.approval_rules import DoneAloneRow, done_alone_today
from services.accounts.storage.staff import staff_member
from shared.chassis.unit_of_work import Work

UseCase = Callable[[Any, Work], Any]


def done_by_one(
    use_case: UseCase, kind: str, effect_of: Callable[[Any], Effect], *, person: str, exceptional: Callable[[Any], bool]
) -> UseCase:
    """The use case under its own name, refused with `needs_approval` where the rules find what it did too much for one.

    ``kind`` is whose rule it is; ``exceptional`` commands are too much whatever they do.
    """

    @wraps(use_case)
    def alone(command: Any, work: Work) -> Any:
        answer = use_case(command, work)
        rule = rule_of(work, kind)
        if exceptional(command):
            rule = replace(rule, from_fen=0)
        count_as_alone(work, rule, effect_of(answer), person=person)
        return answer

    return alone


def count_as_alone(work: Work, rule: ApprovalRule, effect: Effect, *, person: str) -> None:
    """What the person did in this work, which is refused where it is too much for one, counts from now on."""
    _assert_enough(work, rule, effect, person)
    work.add([DoneAloneRow(work.command_id, rule.kind, person, work.today, effect.homes, effect.amount_fen)])


def assert_alone_is_enough(work: Work, kind: str, effect: Effect, *, person: str) -> None:
    """Looked at before anything is done. Refuses `needs_approval` where it is too much for one."""
    _assert_enough(work, rule_of(work, kind), effect, person)


def _assert_enough(work: Work, rule: ApprovalRule, effect: Effect, person: str) -> None:
    assert_one_is_enough(rule, effect, done_alone_today(work, person, rule.kind) if rule.whole_day else NOTHING)


def person_behind(work: Work, actor: str) -> str:
    """Who ``staff:zhang`` is; an actor that is no member of staff stands for himself."""
    login = actor.removeprefix("staff:")
    member = staff_member(work, login)
    return login if member is None else member.person
