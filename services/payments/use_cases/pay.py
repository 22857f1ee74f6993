"""Money is received: at the counter, online, through a bank. One call takes a list, a single payment is a list of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from services.payments.channels import channel
from services.payments.domain.allocation import Allocation, allocate
from services.payments.domain.closed_period import assert_open
from services.payments.domain.debt import Debt
from services.payments.domain.hold import InBankCollection
from services.payments.storage.accounts import LockedAccount, lock_accounts_under_rules
from services.payments.storage.books import Books
from services.payments.storage.debts import open_debts
from services.payments.storage.holds import freeze_held
from services.payments.storage.payers import Payers, assert_has_share
from services.payments.storage.receipts import take_receipt_nos
from services.payments.storage.rows import PaymentRow
from services.payments.storage.serials import assert_serials_free
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput, refused_at
from shared.kernel.money import format_yuan
from shared.messages.accounts import SELF, CollectionRules, CollectionRulesDeclared, is_household

PAYMENT_FEN_MAX = 1_000_000_000
"""Ten million yuan: more in one payment is a slip of the keyboard."""


@dataclass(frozen=True, slots=True)
class NewPayment:
    """``received_on`` None is today. ``keep_old_debt`` and ``force`` are reasons, given by a person.

    ``partner`` and ``serial`` name the movement at the bank or platform that it came through, both or neither;
    ``outlet`` is the till whose receipt numbers it takes one of.
    """

    account_no: str
    amount_fen: int
    channel: str
    payer: str = SELF
    season: int | None = None
    keep_old_debt: str | None = None
    force: str | None = None
    received_on: date | None = None
    partner: str | None = None
    serial: str | None = None
    outlet: str | None = None


@dataclass(frozen=True, slots=True)
class Pay:
    payments: tuple[NewPayment, ...]


def pay(command: Pay, work: Work) -> dict[str, Any]:
    """Take all payments of the list, or none.

    Refuses `payments_closed`, `unknown_account`, `in_bank_collection`, `already_collected`, `debt_outstanding`, `not_this_payer`,
    `partial_payment_refused`, `duplicate_serial`, and amounts above the limit; ``place`` says which of the list.
    """
    for place, payment in enumerate(command.payments):
        with refused_at(f"/payments/{place}", account_no=payment.account_no):
            _assert_sound(payment, work.today)
    account_nos = {payment.account_no for payment in command.payments}
    accounts, declared = lock_accounts_under_rules(work, account_nos)
    rules = _open_for_all(command, declared, work.today)
    debts = open_debts(work, account_nos)
    if rules.in_transit_freeze_late_fee:
        freeze_held(work, [a.hold_id for a in accounts.values() if a.hold_id is not None], debts)
    assert_serials_free(work, [(p.channel, p.partner, p.serial) for p in command.payments if p.serial])
    numbers = take_receipt_nos(work, [payment.outlet for payment in command.payments])
    ids = work.new_ids(len(command.payments))
    books = Books(work, accounts)
    payers = Payers(work, {account.account_no: account.household for account in accounts.values()})
    taken = []
    for place, (payment, payment_id, receipt_no) in enumerate(zip(command.payments, ids, numbers, strict=True)):
        owed = debts.get(payment.account_no, [])
        account = accounts[payment.account_no]
        day = payment.received_on or work.today
        with refused_at(f"/payments/{place}", account_no=payment.account_no):
            payer = payers.known_as(payment.account_no, payment.payer)
            if not is_household(payer):
                assert_has_share(work, payment.account_no, payer, owed)
            waits = _must_wait(payment, account, rules)
            decided = _credited(payment) if waits else _decide(payment, payer, owed, day)
        row = PaymentRow(
            payment_id, work.command_id, payment.account_no, payer, payment.channel, payment.amount_fen, day,
            payment.partner, payment.serial, payment.outlet, receipt_no, None, payment.force or payment.keep_old_debt,
            account.hold_id if waits else None,
        )  # fmt: skip
        counts_on = owed[0].as_it_stands(day) if owed else day
        debts[payment.account_no] = books.receive(row, decided, owed, day=counts_on)
        taken.append(_told(row, payment.payer, decided, owed))
    books.close()
    return {"payments": taken}


def _assert_sound(payment: NewPayment, today: date) -> None:
    if payment.amount_fen > PAYMENT_FEN_MAX:
        raise InvalidInput(
            f"one payment is at most {format_yuan(PAYMENT_FEN_MAX)}",
            place="amount",
            value=format_yuan(payment.amount_fen),
        )
    if payment.received_on is not None and payment.received_on > today:
        raise InvalidInput(
            "money cannot have been received in the future", place="received_on", value=payment.received_on.isoformat()
        )
    if (payment.partner is None) != (payment.serial is None):
        raise InvalidInput("a partner and his serial come together", place="serial", value=payment.serial)
    if channel(payment.channel).has_partner and payment.serial is None:
        raise InvalidInput("money of a bank comes under the bank's name and serial", place="serial", value=None)


def _open_for_all(command: Pay, declared: CollectionRulesDeclared, today: date) -> CollectionRules:
    """Today's rules, unless a payment comes on a day that is closed for its channel."""
    for place, payment in enumerate(command.payments):
        day = payment.received_on or today
        with refused_at(f"/payments/{place}", account_no=payment.account_no):
            assert_open(declared.on(day), channel(payment.channel), day)
    return declared.on(today)


def _must_wait(payment: NewPayment, account: LockedAccount, rules: CollectionRules) -> bool:
    """Whether the money waits as credit for the result of a bank that is collecting; only forced money does."""
    if account.hold_id is None or not rules.in_transit_blocks_other_channels:
        return False
    if payment.force is None:
        raise InBankCollection("a bank is collecting from this account", account_no=account.account_no)
    return True


def _credited(payment: NewPayment) -> Allocation:
    return Allocation(settlements=[], credit_fen=payment.amount_fen, rounding_fen=0)


def _decide(payment: NewPayment, payer: str, debts: list[Debt], day: date) -> Allocation:
    """What this money settles."""
    return allocate(
        debts, day=day, amount_fen=payment.amount_fen, channel=channel(payment.channel), payer=payer,
        season=payment.season, keep_old_debt=payment.keep_old_debt is not None,
    )  # fmt: skip


def _told(row: PaymentRow, payer: str, allocation: Allocation, debts: list[Debt]) -> dict[str, Any]:
    """The answer for one payment, in the written form of the API."""
    season_of = {r.receivable_id: debt.season for debt in debts for r in debt.receivables}
    return {
        "payment_id": row.payment_id,
        "account_no": row.account_no,
        "payer": payer,
        "channel": row.channel,
        "amount": format_yuan(row.amount_fen),
        "received_on": row.received_on.isoformat(),
        "credit": format_yuan(allocation.credit_fen),
        "rounding": format_yuan(allocation.rounding_fen),
        "receipt": None if row.receipt_no is None else {"outlet": row.outlet, "number": f"{row.receipt_no:06d}"},
        "settled": [
            {"season": f"{season_of[s.receivable_id]}-{season_of[s.receivable_id] + 1}", "bill_no": s.bill_no,
             "principal": format_yuan(s.paid_fen), "discount": format_yuan(s.discount_fen),
             "rounding": format_yuan(s.rounding_fen), "late_fee": format_yuan(s.late_fee_fen)}
            for s in allocation.settlements
        ],
    }  # fmt: skip
