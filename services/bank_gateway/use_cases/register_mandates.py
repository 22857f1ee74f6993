"""Customers agree that a bank debits them: one live mandate an account, the newer one replaces the older."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from services.bank_gateway.domain.debit_item import RESIDENT_ID, Debtor
from services.bank_gateway.storage.banks import Bank, UnknownBank, declared_banks
from services.bank_gateway.storage.mandates import lock_live_mandates, revoke
from services.bank_gateway.storage.rows import MandateRow
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class NewMandate:
    """``bank_name`` "" is the title of the bank."""

    account_no: str
    bank: str
    bank_account: str
    holder: str
    bank_name: str = ""
    id_type: str = RESIDENT_ID
    id_no: str = ""


@dataclass(frozen=True, slots=True)
class RegisterMandates:
    mandates: tuple[NewMandate, ...]


def register_mandates(command: RegisterMandates, work: Work) -> dict[str, Any]:
    """Take all mandates of the list, or none. What is agreed already changes nothing.

    Refuses `unknown_bank`, a name that is not the bank's, an account that stands twice in the list.
    """
    account_nos = [mandate.account_no for mandate in command.mandates]
    _assert_once(account_nos)
    banks = {bank.code: bank for bank in declared_banks(work)}
    live = lock_live_mandates(work, account_nos)
    counts = {"registered": 0, "replaced": 0, "unchanged": 0}
    outdated = []
    ids = iter(work.new_ids(len(command.mandates)))
    for new in command.mandates:
        bank = _bank_of(new, banks)
        debtor = Debtor(new.account_no, new.bank_name or bank.title, new.bank_account, new.holder,
                        new.id_type, new.id_no)  # fmt: skip
        before = live.get(new.account_no)
        if before is not None and before[1:] == (bank.code, debtor):
            counts["unchanged"] += 1
            continue
        if before is not None:
            outdated.append(before[0])
        counts["registered" if before is None else "replaced"] += 1
        work.add([MandateRow(
            next(ids), work.command_id, debtor.account_no, bank.code, debtor.bank_name, debtor.bank_account,
            debtor.holder, debtor.id_type, debtor.id_no, work.today,
        )])  # fmt: skip
    revoke(work, outdated)
    return counts


def _assert_once(account_nos: Iterable[str]) -> None:
    seen = set()
    for account_no in account_nos:
        if account_no in seen:
            raise InvalidInput("an account stands twice in this list", place="mandates", account_no=account_no)
        seen.add(account_no)


def _bank_of(mandate: NewMandate, banks: dict[str, Bank]) -> Bank:
    bank = banks.get(mandate.bank)
    if bank is None:
        raise UnknownBank("no such bank is declared", bank=mandate.bank, account_no=mandate.account_no)
    if mandate.bank_name and mandate.bank_name not in bank.bank_codes:
        raise InvalidInput("this is not a name of the bank", place="bank_name", value=mandate.bank_name, bank=bank.code)
    return bank
