"""Claims are sent, disputed, sent again or withdrawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.claim import LIFECYCLE, SENT
from services.accounts.storage.claims import MOVE_CLAIM, ClaimMoveRow, locked_claim
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput, refused_at


@dataclass(frozen=True, slots=True)
class MoveClaims:
    """``verb`` is one of the lifecycle's: send, dispute, withdraw."""

    verb: str
    batch_nos: tuple[int, ...]
    note: str


def move_claims(command: MoveClaims, work: Work) -> dict[str, Any]:
    """Move all of the list, or none. Refuses `claim_unknown`, `transition_refused`."""
    if len(set(command.batch_nos)) != len(command.batch_nos):
        raise InvalidInput("a claim stands in the list once", place="claims")
    moved = []
    for batch_no in sorted(command.batch_nos):
        with refused_at(f"claims/{command.batch_nos.index(batch_no)}", batch_no=batch_no):
            state = locked_claim(work, batch_no)
            moved.append((batch_no, state, LIFECYCLE.after(command.verb, state)))
    ids = work.new_ids(len(moved))
    work.add(
        ClaimMoveRow(move_id, work.command_id, batch_no, command.verb, before, after, work.today, command.note)
        for move_id, (batch_no, before, after) in zip(ids, moved, strict=True)
    )
    work.change(MOVE_CLAIM, [(batch_no, after, work.today if after == SENT else None) for batch_no, _, after in moved])
    return {"claims": [{"batch_no": batch_no, "state": after} for batch_no, _, after in moved]}
