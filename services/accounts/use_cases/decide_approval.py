"""A second person agrees, and the thing is done in the same transaction; or says no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from services.accounts.domain.approval import APPROVED, ApprovalRequest, Person, assert_open_to, decides_as
from services.accounts.domain.approval_effect import Effect, assert_effect_is
from services.accounts.storage.approvals import DecisionRow, limits_in_force, read_request
from services.accounts.storage.delegations import absent_for
from shared.chassis.codec import strict_json
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan

CarryOut = Callable[[str, Any, Work], tuple[Any, Effect]]
"""``(kind, content, work)`` → what the thing itself answers, and what it did to the bills."""


@dataclass(frozen=True, slots=True)
class DecideApproval:
    """``verb`` is ``approve`` or ``reject``; ``seen`` the hash of the content that was read, ``seen_effect`` that of what
    it was shown to do (None: nothing).
    """

    approval_id: int
    verb: str
    seen: bytes
    seen_effect: bytes | None
    checker: Person
    remark: str | None
    carry_out: CarryOut = field(repr=False)


def decide_approval(command: DecideApproval, work: Work) -> dict[str, Any]:
    """Refused: what `assert_open_to` refuses, `beyond_approval_limit`; on approval `effect_differs`, and what the thing
    itself refuses: then it stays open.
    """
    request = read_request(work, command.approval_id)
    state = assert_open_to(request, command.verb, command.checker, seen=command.seen)
    absent, limits = absent_for(work, command.checker.login), limits_in_force(work, request.kind)
    right = decides_as(request, command.checker, absent, limits, amount_fen=request.amount_fen)
    result, effect = None, None
    if state == APPROVED:
        result, effect = command.carry_out(request.kind, strict_json(request.content), work)
        assert_effect_is(effect, command.seen_effect)
        right = decides_as(request, command.checker, absent, limits, amount_fen=effect.amount_fen)
    lent_by = None if right is command.checker else right
    work.add([_decision(command, request, work, state, effect, lent_by)])
    return {
        "approval_id": request.approval_id,
        "state": state,
        "amount": None if effect is None else format_yuan(effect.amount_fen),
        "on_behalf_of": None if lent_by is None else lent_by.login,
        "result": result,
    }


def _decision(command: DecideApproval, request: ApprovalRequest, work: Work, state: str, effect: Effect | None,
              lent_by: Person | None) -> DecisionRow:  # fmt: skip
    decision = DecisionRow(request.approval_id, work.command_id, state, request.content_hash, request.maker_person,
                           command.checker.login, command.checker.name, command.remark)  # fmt: skip
    if effect is not None:
        decision = decision._replace(amount_fen=effect.amount_fen, effect_hash=effect.digest)
    if lent_by is not None:
        decision = decision._replace(on_behalf_of=lent_by.login, on_behalf_of_person=lent_by.name)
    return decision
