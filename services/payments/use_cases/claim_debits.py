"""A bank is to collect: every account of the list that owes something is held, and its amount is fixed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.payments.channels import channel
from services.payments.domain.debt import Debt
from services.payments.domain.hold import BANK
from services.payments.domain.owed import owed
from services.payments.storage.accounts import LockedAccount, lock_known_accounts
from services.payments.storage.debts import open_debts
from services.payments.storage.rows import PUT_HOLD, HoldRow
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import Refusal
from shared.kernel.money import format_yuan


class ItemAlreadyClaimed(Refusal):
    code = "item_already_claimed"
    status = 409
    remedy = "Repeat the first request with its own Idempotency-Key to see its answer, or give the item a new number."


@dataclass(frozen=True, slots=True)
class ClaimDebits:
    """``items`` are ``(item_no, account_no)`` of one batch; ``as_of`` the day of sending."""

    bank: str
    batch_no: int
    as_of: date
    items: tuple[tuple[int, str], ...]


def claim_debits(command: ClaimDebits, work: Work) -> dict[str, Any]:
    """Hold what can be debited and answer with the amounts; what cannot is named with its reason.

    The amount is what the household owes on the day of sending, discount and late fee as of that day.

    Refuses `item_already_claimed`: a number of a batch is claimed once.
    """
    _assert_new(command, work)
    account_nos = {account_no for _, account_no in command.items}
    accounts = lock_known_accounts(work, account_nos)
    debts = open_debts(work, account_nos)
    claimed: list[HoldRow] = []
    passed_over: list[dict[str, Any]] = []
    ids = iter(work.new_ids(len(command.items)))
    for item_no, account_no in command.items:
        account = accounts.get(account_no)
        reason = "unknown_account" if account is None else "in_bank_collection" if account.hold_id is not None else None
        amount_fen = 0 if reason else _owed_fen(account, debts.get(account_no, []), command.as_of)
        if reason or amount_fen <= 0 or account is None:
            passed_over.append({"item_no": item_no, "account_no": account_no, "reason": reason or "nothing_owed"})
            continue
        account.hold_id = hold_id = next(ids)
        claimed.append(HoldRow(hold_id, work.command_id, account_no, command.bank, command.batch_no, item_no,
                               amount_fen, command.as_of))  # fmt: skip
    work.add(claimed)
    work.change(PUT_HOLD, [(hold.account_no, hold.hold_id) for hold in claimed])
    return {
        "claimed": [
            {"item_no": hold.item_no, "account_no": hold.account_no, "amount": format_yuan(hold.amount_fen)}
            for hold in claimed
        ],
        "passed_over": passed_over,
    }


def _owed_fen(account: LockedAccount | None, debts: list[Debt], as_of: date) -> int:
    """What the present owner owes."""
    if account is None:
        return 0
    return owed(debts, as_of, payer=account.household, channel=channel(BANK)).total_fen


def _assert_new(command: ClaimDebits, work: Work) -> None:
    times = Counter(item_no for item_no, _ in command.items)
    known = {item_no for (item_no,) in work.rows(
        "SELECT item_no FROM holds WHERE batch_no = %s AND item_no = ANY(%s)", (command.batch_no, list(times))
    )}  # fmt: skip
    for place, (item_no, _) in enumerate(command.items):
        if times[item_no] > 1 or item_no in known:
            raise ItemAlreadyClaimed(
                "this item of the batch is claimed", place=f"/items/{place}/item_no", value=item_no
            )
