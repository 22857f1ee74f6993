"""Somebody is sent to homes without a verb calling for it: to look whether a seal is whole, to close a valve again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.verb_list import assert_once
from services.accounts.domain.work_order import WORK_ORDER
from services.accounts.storage.account_facts import assert_known
from services.accounts.storage.work_orders import open_work
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class OpenWorkOrders:
    kind: str
    account_nos: tuple[str, ...]
    note: str


def open_work_orders(command: OpenWorkOrders, work: Work) -> dict[str, Any]:
    """One for each home where the same work does not wait already. Refuses `unknown_account`."""
    assert_once(command.account_nos, place="accounts")
    assert_known(work, command.account_nos)
    numbers = open_work(work, command.account_nos, verb="by_hand", kind=command.kind, note=command.note)
    return {"work_orders": [{"work_order_id": number, "state": WORK_ORDER.initial} for number in numbers]}
