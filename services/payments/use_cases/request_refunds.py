"""Somebody asks for money to be paid back: whose, how much, by which way. A second person decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from services.payments.channels import CHANNELS
from services.payments.domain.refund import (
    ORDER,
    REFUND,
    NothingToRefund,
    NoWayBack,
    Portion,
    RefundRules,
    may_go_back,
    portions,
    why_closed,
)
from services.payments.gateways.accounts import RulesOf
from services.payments.storage.accounts import lock_accounts
from services.payments.storage.payers import Payers, assert_has_share
from services.payments.storage.refundable import billed_in, brought_by, held_credits
from services.payments.storage.refunds import EMPTY_LIST, RefundOrderRow, RefundRow, page_hash
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput, refused_at
from shared.kernel.money import format_yuan
from shared.kernel.two_people import Person
from shared.messages.accounts import SELF, is_household


@dataclass(frozen=True, slots=True)
class AskedRefund:
    """``amount_fen`` None: all that may go back. ``reroute``: another channel than the money came by."""

    account_no: str
    amount_fen: int | None = None
    payer: str = SELF
    reroute: str | None = None


@dataclass(frozen=True, slots=True)
class RequestRefunds:
    refunds: tuple[AskedRefund, ...]
    reason: str
    maker: Person
    rules_of: RulesOf = field(repr=False)


def request_refunds(command: RequestRefunds, work: Work) -> dict[str, Any]:
    """Write all refunds of the list down as one order, or none; money moves when a second person agrees.

    Refuses `unknown_account`, `not_this_payer`, `nothing_to_refund`, `exceeds_refundable`, `no_way_back`,
    `accounts_unavailable`.
    """
    desk = _Desk(work, command)
    rows: list[RefundRow] = []
    (order_id,) = work.new_ids(1)
    for place, asked in enumerate(command.refunds):
        with refused_at(f"/refunds/{place}", account_no=asked.account_no):
            payer, found = desk.portions(asked)
            rows += [
                RefundRow(0, work.command_id, order_id, asked.account_no, payer, part.credit_id, part.via,
                          asked.reroute or part.channel, part.amount_fen, part.ground, REFUND.initial)
                for part in found
            ]  # fmt: skip
    rows = [row._replace(refund_id=number) for number, row in zip(work.new_ids(len(rows)), rows, strict=True)]
    amount_fen, content_hash = sum(row.amount_fen for row in rows), page_hash(EMPTY_LIST, rows)
    state = ORDER.after("close_list", ORDER.initial)
    work.add([RefundOrderRow(order_id, work.command_id, None, command.reason, command.maker.login, command.maker.name,
                             work.today, state, content_hash, len(command.refunds), len(rows), amount_fen)])  # fmt: skip
    work.add(rows)
    return {
        "order_id": order_id,
        "state": state,
        "amount": format_yuan(amount_fen),
        "content_hash": content_hash.hex(),
        "refunds": [
            {"refund_id": row.refund_id, "account_no": row.account_no,
             "payer": desk.payers.called(row.account_no, row.payer), "payment_id": row.via, "channel": row.channel,
             "amount": format_yuan(row.amount_fen), "ground": row.ground}
            for row in rows
        ],
    }  # fmt: skip


class _Desk:
    """What the payers of a list hold, and by which rules it goes back."""

    def __init__(self, work: Work, command: RequestRefunds) -> None:
        self.work = work
        self.rules: RefundRules = command.rules_of(None)
        account_nos = {asked.account_no for asked in command.refunds}
        accounts = lock_accounts(work, account_nos)
        self.payers = Payers(work, {account.account_no: account.household for account in accounts.values()})
        self.credits = held_credits(work, account_nos)
        self.brought = brought_by(work, account_nos)
        self.billed = billed_in(work, account_nos, self.rules.choice_closed_for)
        self._seen: set[tuple[str, str]] = set()

    def portions(self, asked: AskedRefund) -> tuple[str, list[Portion]]:
        """The payer in the books, and how his money goes back."""
        payer = self.payers.known_as(asked.account_no, asked.payer)
        if not is_household(payer):
            assert_has_share(self.work, asked.account_no, payer, [])
        if (asked.account_no, payer) in self._seen:
            raise InvalidInput("this payer stands twice in the list", place="account_no", value=asked.account_no)
        self._seen.add((asked.account_no, payer))
        held = self.credits.get((asked.account_no, payer), [])
        billed = (asked.account_no, payer) in self.billed
        free = [credit for credit in held if may_go_back(credit, self.rules, billed=billed)]
        if held and not free:
            raise NothingToRefund(why_closed(self.rules), credit=format_yuan(sum(credit.left_fen for credit in held)))
        payments = self.brought.get(asked.account_no, [])
        found, stuck_fen = portions(
            free, [payment for _, payment in payments], amount_fen=asked.amount_fen, route=self.rules.route,
            own={payment.payment_id for of, payment in payments if of == payer},
        )  # fmt: skip
        if stuck_fen:
            raise NoWayBack("no payment can carry this money back", amount=format_yuan(stuck_fen))
        for part in found:
            if not CHANNELS[asked.reroute or part.channel].is_open:
                raise NoWayBack("nobody is paid through this channel", channel=part.channel)
        return payer, found
