"""Two people for what matters: one asks, another one decides, and what was read is what is done.

A request holds its content as canonical text with its SHA-256, and what it would do to the bills
(`approval_effect`). The decision names both hashes as the checker saw them; limits say which role decides up to which
amount. That maker and checker are different people is a constraint of the database besides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared.kernel.errors import NotFound, Refusal
from shared.kernel.lifecycle import Lifecycle, Move
from shared.kernel.money import format_yuan
from shared.kernel.two_people import ApprovalLimit as ApprovalLimit
from shared.kernel.two_people import BeyondLimit, assert_maker, assert_somebody_else, covers
from shared.kernel.two_people import Person as Person

OPEN, APPROVED, REJECTED, WITHDRAWN = "open", "approved", "rejected", "withdrawn"
APPROVAL = Lifecycle(
    "request",
    initial=OPEN,
    moves=[
        Move("approve", (OPEN,), APPROVED),
        Move("reject", (OPEN,), REJECTED),
        Move("withdraw", (OPEN,), WITHDRAWN),
    ],
)


class UnknownRequest(NotFound):
    code = "unknown_request"
    remedy = "Check the number of the request."


class AskedBefore(Refusal):
    code = "asked_before"
    status = 409
    remedy = "Wait for the decision on the request that is named, or withdraw it."


DEFAULT_LIMITS = (ApprovalLimit("supervisor", None),)
"""Who decides on a kind for which nothing was set up."""


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    approval_id: int
    kind: str
    content: str
    content_hash: bytes
    amount_fen: int
    maker: str
    maker_person: str
    state: str


def assert_open_to(request: ApprovalRequest, verb: str, checker: Person, *, seen: bytes) -> str:
    """The state that the decision leads to.

    ``seen`` is the hash of the content that the checker read. Refused: `transition_refused` (decided before),
    `own_request`, `content_differs`.
    """
    target = APPROVAL.after(verb, request.state)
    assert_somebody_else(request, checker, seen=seen)
    return target


def decides_as(
    request: ApprovalRequest,
    checker: Person,
    absent: Iterable[Person],
    limits: Iterable[ApprovalLimit],
    *,
    amount_fen: int,
) -> Person:
    """By whose right the checker decides on the amount: his own, or that of somebody ``absent`` who named him.

    Nobody's right reaches a request that he made himself, whoever uses it. Refused: `beyond_approval_limit`.
    """
    known = list(limits)
    for person in (checker, *absent):
        if person.name != request.maker_person and any(covers(limit, person, amount_fen) for limit in known):
            return person
    raise BeyondLimit("this amount is not yours to decide", amount=format_yuan(amount_fen))


def assert_may_withdraw(request: ApprovalRequest, login: str) -> str:
    """Refused: `transition_refused`, `not_own_request`."""
    target = APPROVAL.after("withdraw", request.state)
    assert_maker(request, login)
    return target
