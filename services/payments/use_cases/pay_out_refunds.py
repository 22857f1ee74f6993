"""Approved refunds go out: cash over the counter, everything else by an instruction whose result comes later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.payments.storage.accounts import lock_accounts
from services.payments.storage.refund_books import pay_out
from services.payments.storage.refunds import accounts_of_refunds, locked_refunds
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput, Refusal, refused_at


class NotOverTheCounter(Refusal):
    code = "not_over_the_counter"
    status = 403
    remedy = "A cashier hands over cash; finance sends what goes back through a bank or a platform."


@dataclass(frozen=True, slots=True)
class PayOutRefunds:
    """``channels``: those that the person who asks may pay through."""

    refund_ids: tuple[int, ...]
    channels: tuple[str, ...]


def pay_out_refunds(command: PayOutRefunds, work: Work) -> dict[str, Any]:
    """All refunds of the list, or none. Refuses `unknown_refund`, `transition_refused`, `not_over_the_counter`."""
    if len(set(command.refund_ids)) < len(command.refund_ids):
        raise InvalidInput("a refund stands twice in the list", place="refunds")
    lock_accounts(work, accounts_of_refunds(work, command.refund_ids))
    refunds = locked_refunds(work, command.refund_ids)
    for place, refund in enumerate(refunds):
        with refused_at(f"/refunds/{place}", refund_id=refund.refund_id):
            if refund.channel not in command.channels:
                raise NotOverTheCounter("this is not paid out here", channel=refund.channel)
    return {"refunds": [refund.told() for refund in pay_out(work, refunds)]}
