"""A second person agrees that late fees are waived, or says no."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.payments.domain.late_fee import nothing_open
from services.payments.domain.waiver_request import APPROVED, WAIVER_REQUEST, Effect, effect_of
from services.payments.storage.accounts import lock_accounts
from services.payments.storage.books import Books
from services.payments.storage.debts import open_debts
from services.payments.storage.waivers import (
    RequestedWaiver,
    WaiverDecisionRow,
    read_waiver_request,
    requested_waivers,
    shares_of,
)
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at
from shared.kernel.money import format_yuan
from shared.kernel.two_people import ApprovalLimit, Person, assert_second_person

DECIDERS = ("supervisor", "finance")
LIMITS = tuple(ApprovalLimit(role, None) for role in DECIDERS)


@dataclass(frozen=True, slots=True)
class DecideWaivers:
    """``verb`` is ``approve`` or ``reject``; ``seen`` the hash of the list that was read."""

    request_id: int
    verb: str
    seen: bytes
    checker: Person
    remark: str | None = None


def decide_waivers(command: DecideWaivers, work: Work) -> dict[str, Any]:
    """All waivers of the request hold from today on, or none.

    A waived late fee was never income, so nothing is posted; a debt of which nothing is left is closed.
    Refuses `unknown_waiver_request`, `transition_refused`, `own_request`, `content_differs`, and on approval
    `nothing_to_waive`, `waiver_mode_not_allowed`, `waiver_in_force`, `waiver_too_late`: then the request stays open.
    """
    request = read_waiver_request(work, command.request_id)
    state = WAIVER_REQUEST.after(command.verb, request.state)
    assert_second_person(request, command.checker, LIMITS, seen=command.seen)
    work.add([WaiverDecisionRow(
        request.request_id, work.command_id, work.today, state, request.content_hash, request.maker_person,
        command.checker.login, command.checker.name, command.remark,
    )])  # fmt: skip
    waived_fen = _approve(work, requested_waivers(work, request.request_id)) if state == APPROVED else 0
    return {"request_id": request.request_id, "state": state, "waived": format_yuan(waived_fen)}


def _approve(work: Work, requested: list[RequestedWaiver]) -> int:
    """What the waivers take off today."""
    accounts = lock_accounts(work, {each.asked.account_no for each in requested})
    debts = open_debts(work, accounts)
    books = Books(work, accounts)
    waived_fen = 0
    for place, (waiver_id, payer, asked) in enumerate(requested):
        with refused_at(f"/waivers/{place}", account_no=asked.account_no):
            effect = effect_of(asked, debts.get(asked.account_no, []), payer=payer, today=work.today)
        work.add(shares_of(work, waiver_id, effect))
        _close_what_is_settled(books, effect, work)
        waived_fen += effect.waived_fen
    books.close()
    return waived_fen


def _close_what_is_settled(books: Books, effect: Effect, work: Work) -> None:
    for debt in effect.debts:
        if nothing_open(debt, work.today):
            books.changed(debt, {}, day=work.today)
