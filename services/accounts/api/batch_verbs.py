"""Verbs that can be done to many accounts in the background: one table, nothing else knows of a single one.

A verb here takes the same for all of its accounts. ``each`` names the fields of its body that stand in every item of its
list; where there are none, the list holds account numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from marshmallow import Schema

from services.accounts.api.account_locks import LockSchema
from services.accounts.api.account_verbs import DESK, AccountsVerbSchema
from services.accounts.api.approval_kinds import kinds
from services.accounts.api.lifecycle import ChangeClassSchema, InspectSchema, NoticeSchema, SuspendSchema
from services.accounts.approving import count_as_alone, person_behind
from services.accounts.domain.account_batch import DO, PREVIEW, Batch
from services.accounts.domain.approval_effect import Effect
from services.accounts.domain.approval_rule import assert_one_is_enough
from services.accounts.domain.class_change import NewClass
from services.accounts.gateways.payments import OverdueOf
from services.accounts.queries.account_batch import batch_so_far
from services.accounts.queries.approval_terms import rule_of
from services.accounts.use_cases.change_class import ChangeClass, change_class
from services.accounts.use_cases.cut_account import CutAccount, cut_account
from services.accounts.use_cases.disconnect_account import DisconnectAccount, disconnect_account
from services.accounts.use_cases.inspect import Inspect, inspect
from services.accounts.use_cases.lock_account import LockAccount, lock_account
from services.accounts.use_cases.resume_account import ResumeAccount, resume_account
from services.accounts.use_cases.serve_notice import ServeNotice, serve_notice
from services.accounts.use_cases.start_batch import StartBatch, start_batch
from services.accounts.use_cases.suspend_account import SuspendAccount, Suspension, suspend_account
from services.accounts.use_cases.unlock_account import UnlockAccount, unlock_account
from services.accounts.use_cases.work_off_batch import CarryOut
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput, Refusal
from shared.kernel.money import parse_yuan

SUPERVISOR = ("supervisor",)
SOMEBODY = "0000000000"


@dataclass(frozen=True)
class BatchVerb:
    """``schema`` is the body of the verb's own route; ``command`` makes its command of what that loads.

    ``already`` are refusal codes, and the state of a `transition_refused`, that say that an account is so already.
    """

    title: str
    roles: tuple[str, ...]
    schema: type[Schema]
    command: Callable[[dict[str, Any], OverdueOf], Any]
    use_case: Callable[[Any, Work], dict[str, Any]]
    items: str = "accounts"
    each: tuple[str, ...] = ()
    already: tuple[str, ...] = ()

    def body(self, request: dict[str, Any], account_nos: Sequence[str]) -> dict[str, Any]:
        if not self.each:
            return {**request, self.items: list(account_nos)}
        shared = {name: value for name, value in request.items() if name not in self.each}
        item = {name: value for name, value in request.items() if name in self.each}
        return {**shared, self.items: [{"account_no": account_no, **item} for account_no in account_nos]}


def _suspending(body: dict[str, Any], overdue: OverdueOf) -> SuspendAccount:
    asked = tuple(Suspension(**suspension) for suspension in body["suspensions"])
    return SuspendAccount(asked, body["reason"], overdue, body["preview"])


def _changing(body: dict[str, Any], _overdue: OverdueOf) -> ChangeClass:
    return ChangeClass(tuple(NewClass(**change) for change in body["changes"]), body["reason"], body["preview"])


def _of_accounts(command: Callable[..., Any]) -> Callable[[dict[str, Any], OverdueOf], Any]:
    return lambda body, overdue: command(tuple(body["accounts"]), body["reason"], overdue, body["preview"])


def _locking(command: Callable[..., Any]) -> Callable[[dict[str, Any], OverdueOf], Any]:
    return lambda body, _overdue: command(tuple(body["accounts"]), body["kind"], body["reason"], body["preview"])


def _inspecting(body: dict[str, Any], _overdue: OverdueOf) -> Inspect:
    return Inspect(tuple(body["accounts"]), body["reason"], body["preview"], body["finding"], body.get("used_since"))


def _noticing(body: dict[str, Any], overdue: OverdueOf) -> ServeNotice:
    return ServeNotice(tuple(body["accounts"]), overdue, body["preview"])


BATCH_VERBS: dict[str, BatchVerb] = {
    "suspend": BatchVerb("报停", DESK, SuspendSchema, _suspending, suspend_account, "suspensions",
                         ("season", "seasons"), ("suspended",)),
    "resume": BatchVerb("复热", DESK, AccountsVerbSchema, _of_accounts(ResumeAccount), resume_account,
                        already=("active",)),
    "cut": BatchVerb("断供", SUPERVISOR, AccountsVerbSchema, _of_accounts(CutAccount), cut_account, already=("cut",)),
    "disconnect": BatchVerb("拆除", SUPERVISOR, AccountsVerbSchema, _of_accounts(DisconnectAccount),
                            disconnect_account, already=("disconnected",)),
    "notice": BatchVerb("催费通知", DESK, NoticeSchema, _noticing, serve_notice),
    "inspect": BatchVerb("稽查", SUPERVISOR, InspectSchema, _inspecting, inspect),
    "class": BatchVerb("变更用热性质", SUPERVISOR, ChangeClassSchema, _changing, change_class, "changes",
                       ("price_class", "since"), ("class_unchanged",)),
    "lock": BatchVerb("锁定", SUPERVISOR, LockSchema, _locking(LockAccount), lock_account, already=("already_locked",)),
    "unlock": BatchVerb("解锁", SUPERVISOR, LockSchema, _locking(UnlockAccount), unlock_account, already=("not_locked",)),
}  # fmt: skip
"""Code → the verb."""


def verb_of(code: str) -> BatchVerb:
    """Refuses a verb that does not exist or takes something else for each account."""
    if code not in BATCH_VERBS:
        raise InvalidInput(f"known are {', '.join(BATCH_VERBS)}", place="verb", value=code[:40])
    return BATCH_VERBS[code]


def checked_request(code: str, request: dict[str, Any]) -> dict[str, Any]:
    """Refuses what the verb's own route would refuse of the body, whoever the accounts are."""
    verb = verb_of(code)
    if extra := {"preview", "account_no", "accounts", verb.items} & set(request):
        raise InvalidInput(
            "the accounts are chosen, and the mode says what is a preview", place=f"request/{min(extra)}"
        )
    if request.get("after_deadline"):
        raise InvalidInput("an exception is made for homes one by one, not for a batch", place="request/after_deadline")
    messages = verb.schema().validate(verb.body(request, [SOMEBODY]))
    if messages:
        place, reason = next(iter(messages.items()))
        raise InvalidInput(f"the verb does not take this: {reason}", place=f"request/{place}")
    return request


def carry_out_by(overdue_of: OverdueOf) -> CarryOut:
    """How the worker does a batch's verb; ``overdue_of`` asks payments.

    What one person may not do alone is refused: all steps of a batch count together, or a rule would be divided away.
    """

    def carry_out(batch: Batch, account_nos: Sequence[str], work: Work) -> list[int]:
        verb = verb_of(batch.verb)
        body = verb.body(batch.request, account_nos)
        command = replace(verb.command(verb.schema().load(body), overdue_of), preview=batch.mode == PREVIEW)
        answer = verb.use_case(command, work)
        if not command.preview:
            _assert_one_is_enough(batch, verb, answer, work)
        amounts = {each["account_no"]: _changed_fen(each) for each in answer["accounts"]}
        return [amounts.get(account_no, 0) for account_no in account_nos]

    return carry_out


def begun_by_one_person(command: StartBatch, work: Work) -> dict[str, Any]:
    """`start_batch`, refused with `needs_approval` where the verb itself would be for so many homes."""
    answer = start_batch(command, work)
    if command.mode == DO:
        code = verb_of(command.verb).use_case.__name__
        if code in kinds():
            assert_one_is_enough(rule_of(work, code), Effect(homes=answer["accounts"]))
    return answer


begun_by_one_person.__name__ = start_batch.__name__


def _assert_one_is_enough(batch: Batch, verb: BatchVerb, answer: dict[str, Any], work: Work) -> None:
    kind = kinds().get(verb.use_case.__name__)
    if kind is not None:
        step, rule = kind.effect(answer), rule_of(work, verb.use_case.__name__)
        before = batch_so_far(work, batch.batch_id)
        whole = Effect(before.accounts, before.amount_fen + step.charged_fen, step.credited_fen)
        assert_one_is_enough(replace(rule, whole_day=False), whole)
        count_as_alone(work, rule, step, person=person_behind(work, batch.actor))


def is_already(code: str, refusal: Refusal) -> bool:
    already = verb_of(code).already
    return refusal.code in already or (refusal.code == "transition_refused" and refusal.facts.get("state") in already)


def _changed_fen(told: dict[str, Any]) -> int:
    if "charged" in told:
        return parse_yuan(told["charged"], minimum_fen=-(10**15))
    return sum(parse_yuan(each["amount"], minimum_fen=-(10**15)) for each in told.get("corrections", []))
