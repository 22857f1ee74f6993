"""A debit batch: its lifecycle, and the numbers by which the bank knows it and its items."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import ClassVar

from services.bank_gateway.domain.bank_file import BatchState
from shared.kernel.errors import Refusal
from shared.kernel.lifecycle import Lifecycle, Move

ITEMS_PER_PAGE = 5000
"""How many items payments is asked for in one call."""

NUMBERS_A_DAY = 99_999_999
_WIDTH_MAX = 32

CLAIMING, BUILT, HANDED_OVER, RETURNED, CLOSED, WITHDRAWN = (
    "claiming", "built", "handed_over", "returned", "closed", "withdrawn",
)  # fmt: skip

BATCH = Lifecycle(
    "debit batch",
    initial=CLAIMING,
    moves=[
        Move("build", (CLAIMING,), BUILT),
        Move("hand_over", (BUILT,), HANDED_OVER),
        Move("withdraw", (BUILT,), WITHDRAWN),
        Move("recall", (HANDED_OVER,), WITHDRAWN),
        Move("take_result", (HANDED_OVER, RETURNED), RETURNED),
        Move("close", (CLAIMING, RETURNED), CLOSED),
    ],
)


class BatchNotOverdue(Refusal):
    code = "batch_not_overdue"
    status = 409
    remedy: ClassVar[str] = (
        "Wait for the bank's answer; a batch is called back when it is late and the bank has not taken it."
    )


class BatchKnown(Refusal):
    code = "batch_known"
    status = 409
    remedy: ClassVar[str] = "Look at the batch that is named: a batch of the same party, day and number is taken once."


class NumberDoesNotFit(Refusal):
    code = "number_does_not_fit"
    status = 409
    remedy: ClassVar[str] = (
        "The bank's layout has no room for another batch or item on this day; send the rest tomorrow."
    )


def answer_due_on(as_of: date, timeout_days: int) -> date:
    """The last day on which the bank's answer is in time; the day of sending is not counted."""
    return as_of + timedelta(days=timeout_days)


def is_overdue(state: str, *, unknown_count: int, due_on: date, today: date) -> bool:
    """Whether the bank should have answered by now: to all of it, or to the items that it left unknown."""
    return today > due_on and (state == HANDED_OVER or (state == RETURNED and unknown_count > 0))


def assert_may_be_recalled(state: str, *, next_step: str | None, due_on: date, today: date) -> str:
    """The state that a recall leads to. Refuses `transition_refused`, `batch_not_overdue`."""
    target = BATCH.after("recall", state)
    if today <= due_on or next_step is not None:
        raise BatchNotOverdue(f"the bank has time until {due_on}", due_on=due_on.isoformat())
    return target


def in_words_of_a_bank(state: str, *, unknown_count: int) -> BatchState | None:
    """What a state means for a result that arrives; ``None`` while the file cannot have left us.

    A batch that is built but not marked as handed over counts as sent: a result proves that the bank has the file.
    A batch stays open for further results while items of it are unknown.
    """
    if state == WITHDRAWN:
        return "cancelled"
    if state == CLOSED or (state == RETURNED and not unknown_count):
        return "closed"
    return None if state == CLAIMING else "sent"


def item_number(first_number: int, item_no: int) -> int:
    """The number from which an item's key is made: unique among all batches of a party on one day.

    ``first_number`` are the numbers that earlier batches of that day took.
    """
    number = first_number + item_no
    if number > NUMBERS_A_DAY:
        raise NumberDoesNotFit("a day has too many items", number=number)
    return number


def zero_filled(number: int, *, accepts: Callable[[str], bool]) -> str:
    """A number as text of the shortest width that the layout takes, with zeros on the left."""
    digits = str(number)
    for width in range(len(digits), _WIDTH_MAX + 1):
        if accepts(text := digits.zfill(width)):
            return text
    raise NumberDoesNotFit("this number does not fit into the bank's layout", number=number)
