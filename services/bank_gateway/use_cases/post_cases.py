"""A person posts what only the bank has: money that was not posted by itself, under its serial and as of its day."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar

from services.bank_gateway.domain.day_book import CASE
from services.bank_gateway.gateways.outside import Outside
from services.bank_gateway.storage.bank_days import Case, post_case, read_cases
from shared.chassis.unit_of_work import Answer, Caller, Commands, Work
from shared.kernel.errors import Refusal, refused_at
from shared.kernel.lifecycle import TransitionRefused


class NotBankOnly(Refusal):
    code = "not_bank_only"
    status = 409
    remedy: ClassVar[str] = "Only money that the bank has and the books have not is posted; clear other differences up."


@dataclass(frozen=True, slots=True)
class PostCases:
    """Each case once; ``reason`` is what the person found out."""

    case_nos: tuple[int, ...]
    reason: str


def post_cases(command: PostCases, *, commands: Commands, outside: Outside, caller: Caller, key: str,
               request: Any) -> Answer:  # fmt: skip
    """Post all cases of the list, or none: what meets no debt becomes credit, as any money of a bank.

    Payments is asked under a key made of this request's, so that a repeat posts nothing twice. Refuses
    `case_not_found`, `transition_refused`, `not_bank_only`, and what payments refuses (`duplicate_serial`, …).
    """
    try:
        with commands.reading() as work:
            cases = _open_cases(command, work)
    except TransitionRefused:  # or this is the same request again: then it is answered as it was
        return commands.run(close_posted, ClosePosted(command, {}), caller=caller, key=key, request=request, status=201)
    payment_ids = outside.payments.receive(
        [(case.bank, case.serial, case.account_no, case.bank_fen or 0, case.day) for case in cases],
        key=f"post-cases-{sha256(key.encode()).hexdigest()}",
    )
    closing = ClosePosted(command, dict(zip((case.case_no for case in cases), payment_ids, strict=True)))
    return commands.run(close_posted, closing, caller=caller, key=key, request=request, status=201)


def _open_cases(command: PostCases, work: Work) -> list[Case]:
    found = read_cases(work, command.case_nos)
    for place, case_no in enumerate(command.case_nos):
        with refused_at(f"/cases/{place}", case_no=case_no):
            case = found[case_no]
            CASE.after("post", case.state)
            if case.kind != "bank_only" or (case.bank_fen or 0) <= 0:
                raise NotBankOnly("this is not money that only the bank has", kind=case.kind)
    return [found[case_no] for case_no in command.case_nos]


@dataclass(frozen=True, slots=True)
class ClosePosted:
    """``payments`` by case number."""

    asked: PostCases
    payments: dict[int, int]


def close_posted(command: ClosePosted, work: Work) -> dict[str, Any]:
    """The cases that nobody else has closed meanwhile are closed with their payments."""
    if not command.payments:
        _open_cases(command.asked, work)
    for case_no, payment_id in command.payments.items():
        post_case(work, case_no, payment_id, reason=command.asked.reason)
    return {"cases": [{"case_no": case_no, "payment_id": paid} for case_no, paid in command.payments.items()]}
