"""An employer, or a finance bureau, pays for all of its members at once: oldest first, what is left is its own credit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.payments.channels import channel
from services.payments.domain.allocation import NotThisPayer
from services.payments.domain.closed_period import assert_open
from services.payments.domain.group_allocation import allocate_to_shares
from services.payments.storage.accounts import lock_accounts
from services.payments.storage.books import Books
from services.payments.storage.debts import open_debts
from services.payments.storage.group_payments import accounts_of_payer, receive_group
from services.payments.storage.receipts import take_receipt_nos
from services.payments.storage.rows import GroupPaymentRow
from services.payments.storage.serials import assert_serials_free
from shared.chassis.collection_rules import rules_on
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput, refused_at
from shared.kernel.money import format_yuan
from shared.messages.accounts import is_household

GROUP_PAYMENT_FEN_MAX = 100_000_000_000
"""A thousand million yuan: more in one payment is a slip of the keyboard."""


@dataclass(frozen=True, slots=True)
class NewGroupPayment:
    """``partner`` and ``serial`` name the movement at a bank, both or neither; ``outlet`` gives the receipt number."""

    payer: str
    amount_fen: int
    channel: str
    partner: str | None = None
    serial: str | None = None
    outlet: str | None = None


@dataclass(frozen=True, slots=True)
class PayGroup:
    payments: tuple[NewGroupPayment, ...]


def pay_group(command: PayGroup, work: Work) -> dict[str, Any]:
    """Take all payments of the list, or none; a payer stands in it once.

    A bank that collects from a member's household is in nobody's way: it never takes the share of another payer.

    Refuses `not_this_payer` (nobody has a share of that payer), `payments_closed`, `duplicate_serial`.
    """
    members = {}
    for place, payment in enumerate(command.payments):
        with refused_at(f"/payments/{place}", payer=payment.payer):
            _assert_sound(payment, [each.payer for each in command.payments[:place]])
            assert_open(rules_on(work, work.today), channel(payment.channel), work.today)
            members[payment.payer] = accounts_of_payer(work, payment.payer)
            if not members[payment.payer]:
                raise NotThisPayer("this payer bears no share of any bill", payer=payment.payer)
    account_nos = {account_no for of_payer in members.values() for account_no in of_payer}
    accounts = lock_accounts(work, account_nos)
    debts = open_debts(work, account_nos)
    assert_serials_free(work, [(p.channel, p.partner, p.serial) for p in command.payments if p.serial])
    numbers = take_receipt_nos(work, [payment.outlet for payment in command.payments])
    books = Books(work, accounts)
    told = []
    for payment, number, group_id in zip(command.payments, numbers, work.new_ids(len(numbers)), strict=True):
        mine = {each: [debt for debt in debts.get(each, []) if debt.payer == payment.payer]
                for each in members[payment.payer]}  # fmt: skip
        shares, left_fen = allocate_to_shares((debt for each in mine.values() for debt in each), payment.amount_fen)
        row = GroupPaymentRow(group_id, work.command_id, payment.payer, payment.channel, payment.amount_fen, left_fen,
                              work.today, payment.partner, payment.serial, payment.outlet, number)  # fmt: skip
        receive_group(books, row, mine, shares)
        told.append(_told(row, len(shares)))
    books.close()
    return {"payments": told}


def _assert_sound(payment: NewGroupPayment, before: list[str]) -> None:
    if is_household(payment.payer):
        raise InvalidInput("a household pays for its own home", place="payer", value=payment.payer)
    if payment.payer in before:
        raise InvalidInput("a payer stands in the list once", place="payer", value=payment.payer)
    if payment.amount_fen > GROUP_PAYMENT_FEN_MAX:
        raise InvalidInput(f"one payment is at most {format_yuan(GROUP_PAYMENT_FEN_MAX)}", place="amount",
                           value=format_yuan(payment.amount_fen))  # fmt: skip
    if (payment.partner is None) != (payment.serial is None):
        raise InvalidInput("a partner and his serial come together", place="serial", value=payment.serial)


def _told(row: GroupPaymentRow, members: int) -> dict[str, Any]:
    receipt = None if row.receipt_no is None else {"outlet": row.outlet, "number": f"{row.receipt_no:06d}"}
    return {
        "group_payment_id": row.group_payment_id, "payer": row.payer, "channel": row.channel, "members": members,
        "amount": format_yuan(row.amount_fen), "settled": format_yuan(row.amount_fen - row.credit_fen),
        "credit": format_yuan(row.credit_fen), "received_on": row.received_on.isoformat(), "receipt": receipt,
    }  # fmt: skip
