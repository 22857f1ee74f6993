"""What hands must do at a home: which verbs call for it, how it goes on, and what must be told when it is done."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from shared.kernel.errors import InvalidInput, Refusal
from shared.kernel.lifecycle import Lifecycle, Move

WAITING = ("opened", "assigned", "failed")
WORK_ORDER = Lifecycle("work order", initial="opened", moves=[
    Move("assign", WAITING, "assigned"),
    Move("finish", WAITING, "done"),
    Move("fail", ("opened", "assigned"), "failed"),
    Move("cancel", WAITING, "cancelled"),
])  # fmt: skip
"""Failed: nobody was at home, the valve is stuck; it waits to be assigned again."""

CLOSED, OPEN = "closed", "open"
CLOSE_VALVE, OPEN_VALVE, SEPARATE, JOIN, LOOK = "close_valve", "open_valve", "separate", "join", "look"


class WorkKind(NamedTuple):
    """``needs`` are the members of a result that cannot be left out; ``undoes`` what it makes pointless while that waits."""

    title: str
    needs: tuple[str, ...] = ()
    undoes: tuple[str, ...] = ()


KINDS: dict[str, WorkKind] = {
    CLOSE_VALVE: WorkKind("关阀铅封 · close the valve and seal it", ("seal_no", "photo_id"), (OPEN_VALVE,)),
    OPEN_VALVE: WorkKind("开阀 · take the seal off and open the valve", (), (CLOSE_VALVE,)),
    SEPARATE: WorkKind("物理隔断 · part the home from the network", ("photo_id",), (OPEN_VALVE, CLOSE_VALVE)),
    JOIN: WorkKind("接口 · join the home to the network"),
    LOOK: WorkKind("现场检查 · look at the home", ("found",)),
}

CALLED_FOR = {
    "suspend": CLOSE_VALVE,
    "cut": CLOSE_VALVE,
    "inspect": CLOSE_VALVE,
    "resume": OPEN_VALVE,
    "lapse": OPEN_VALVE,
    "disconnect": SEPARATE,
    "contract": JOIN,
}
"""Verb → the work that it needs."""


class SealUsed(Refusal):
    code = "seal_used"
    status = 409
    remedy = "Compare the number on the seal: each is used once."


class WorkResultIncomplete(Refusal):
    code = "work_result_incomplete"
    remedy = "Tell what is missing too; a photo is sent first, as a document of the work order."


@dataclass(frozen=True, slots=True)
class WorkResult:
    """``valve`` names the valve; ``seal_no`` was put on, ``removed_seal`` taken off; ``found`` is how a valve was met.

    ``photo_id`` is a document of the order.
    """

    work_order_id: int
    done_by: str
    done_on: date
    valve: str
    seal_no: str | None = None
    removed_seal: str | None = None
    found: str | None = None
    photo_id: int | None = None


class Needed(NamedTuple):
    """Whether an order is to be opened, and which kinds that wait are cancelled."""

    opens: bool
    cancels: tuple[str, ...]


def needed(kind: str, waiting: Collection[str]) -> Needed:
    """What is left to do at a home where these kinds wait.

    A valve that nobody has closed yet need not be opened: the order to close it is cancelled, and nothing else is needed.
    A home that leaves is parted from the network whatever its valve is like.
    """
    cancels = tuple(each for each in KINDS[kind].undoes if each in waiting)
    return Needed(kind not in waiting and (kind == SEPARATE or not cancels), cancels)


def assert_told(kind: str, result: WorkResult, *, opened_on: date, today: date) -> None:
    """Refuses `work_result_incomplete`, and a day before the order or after today."""
    missing = [name for name in KINDS[kind].needs if getattr(result, name) is None]
    if missing:
        raise WorkResultIncomplete(f"{kind.replace('_', ' ')} is told with {', '.join(missing)}", missing=missing)
    if not opened_on <= result.done_on <= today:
        raise InvalidInput(f"it was done between {opened_on} and {today}", place="done_on", value=str(result.done_on))
