"""A dunning notice is served on whoever is late: the household, or the payer of a share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.account_facts import AccountFacts
from services.accounts.domain.dunning import Late, whom_to_dun
from services.accounts.domain.verb_list import assert_once
from services.accounts.gateways.payments import OverdueOf, late_of
from services.accounts.storage.account_facts import locked_facts
from services.accounts.storage.rows import NoticeRow
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import refused_at
from shared.kernel.money import format_yuan
from shared.messages.accounts import SELF


@dataclass(frozen=True, slots=True)
class ServeNotice:
    """``overdue_of`` tells what is overdue now (`gateways.payments`)."""

    account_nos: tuple[str, ...]
    overdue_of: OverdueOf
    preview: bool = False


def serve_notice(command: ServeNotice, work: Work) -> dict[str, Any]:
    """Record a notice for each account of the list, or none.

    Refuses `unknown_account`, `account_locked`, `nothing_overdue`, `payments_unavailable`.
    """
    account_nos = list(command.account_nos)
    assert_once(account_nos, place="accounts")
    overdue = command.overdue_of(account_nos)
    served: list[tuple[AccountFacts, Late]] = []
    for number, facts in enumerate(locked_facts(work, account_nos, verb="notice")):
        with refused_at(f"accounts/{number}", account_no=facts.account_no):
            served.append((facts, whom_to_dun(late_of(overdue.get(facts.account_no, [])))))
    if not command.preview:
        work.add(
            NoticeRow(
                notice_id,
                work.command_id,
                facts.account_no,
                facts.household if late.payer == SELF else late.payer,
                late.overdue_fen,
                work.today,
            )
            for notice_id, (facts, late) in zip(work.new_ids(len(served)), served, strict=True)
        )
    return {"accounts": [
        {"account_no": facts.account_no, "to": late.payer, "amount": format_yuan(late.overdue_fen)} for facts, late in served
    ]}  # fmt: skip
