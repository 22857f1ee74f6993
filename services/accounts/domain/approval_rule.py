"""From when on a verb needs a second person, and how long one may take: set up as data, kind by kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from services.accounts.domain.approval_effect import Effect
from shared.kernel.errors import Refusal
from shared.kernel.money import format_yuan

DECIDE_WITHIN_DAYS = 3
"""Where nothing was set up, a request is overdue after these days."""


class NeedsApproval(Refusal):
    code = "needs_approval"
    status = 403
    remedy = "Ask for it with POST /approvals; a second person decides."


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """One person is not enough from this amount on, or from this number of homes on, both included; None: whatever it is.

    ``whole_day``: all that the person did of the kind on a day counts together, so that no list is cut to pass below.
    """

    kind: str
    from_fen: int | None = None
    from_homes: int | None = None
    decide_within_days: int = DECIDE_WITHIN_DAYS
    whole_day: bool = False


class DoneAlone(NamedTuple):
    """What one person did of a kind on a day."""

    homes: int = 0
    amount_fen: int = 0


NOTHING = DoneAlone()


def assert_one_is_enough(rule: ApprovalRule, effect: Effect, before: DoneAlone = NOTHING) -> None:
    """``before`` is what the person did on this day. Refuses `needs_approval`."""
    earlier = before if rule.whole_day else NOTHING
    homes, amount_fen = effect.homes + earlier.homes, effect.amount_fen + earlier.amount_fen
    by_amount = rule.from_fen is not None and amount_fen >= rule.from_fen
    by_homes = rule.from_homes is not None and homes >= rule.from_homes
    if by_amount or by_homes:
        raise NeedsApproval(
            "one person cannot do this alone", kind=rule.kind, amount=format_yuan(amount_fen), homes=homes,
            from_amount=None if rule.from_fen is None else format_yuan(rule.from_fen), from_homes=rule.from_homes,
        )  # fmt: skip
