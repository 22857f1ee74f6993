"""What became of money that was sent: it arrived, it did not, nobody knows; or it came back after all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.payments.storage.accounts import lock_accounts
from services.payments.storage.refund_books import settle
from services.payments.storage.refunds import accounts_of_refunds, locked_refunds
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput

VERBS = {"paid": "confirm", "failed": "fail", "unknown": "lose_sight", "came_back": "come_back"}
"""Outcome → verb of the lifecycle."""


@dataclass(frozen=True, slots=True)
class RefundResult:
    """``outcome`` is one of `VERBS`; ``remark`` the serial of the movement, or why it failed."""

    refund_id: int
    outcome: str
    remark: str | None = None


@dataclass(frozen=True, slots=True)
class RecordRefundResults:
    results: tuple[RefundResult, ...]


def record_refund_results(command: RecordRefundResults, work: Work) -> dict[str, Any]:
    """All results of the list, or none; what failed or came back is the payer's credit again.

    Refuses `unknown_refund`, `transition_refused`.
    """
    refund_ids = [result.refund_id for result in command.results]
    if len(set(refund_ids)) < len(refund_ids):
        raise InvalidInput("a refund stands twice in the list", place="results")
    lock_accounts(work, accounts_of_refunds(work, refund_ids))
    refunds = locked_refunds(work, refund_ids)
    results = [
        (refund, VERBS[result.outcome], result.remark) for refund, result in zip(refunds, command.results, strict=True)
    ]
    return {"refunds": [refund.told() for refund in settle(work, results)]}
