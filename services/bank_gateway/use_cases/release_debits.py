"""Claims that are not needed any more are given back in payments, after it was written down that they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.bank_gateway.gateways.outside import Outside
from services.bank_gateway.storage.items import close_release, next_release
from shared.chassis.unit_of_work import Caller, Commands, Work


@dataclass(frozen=True, slots=True)
class CloseRelease:
    release_no: int


def release_debits(batch_no: int, *, commands: Commands, outside: Outside, caller: Caller) -> bool:
    """Give the next part back; false when nothing is left. Refuses `service_away`; then the part waits."""
    with commands.reading() as work:
        release = next_release(work, batch_no)
    if release is None:
        return False
    outside.payments.release(release_no=release.release_no, batch_no=batch_no, item_nos=release.item_nos)
    commands.run(record_release, CloseRelease(release.release_no), caller=caller)
    return True


def record_release(command: CloseRelease, work: Work) -> dict[str, Any]:
    close_release(work, command.release_no)
    return {}
