"""A bank is declared: the layout of its files, who we are to it, and the names by which mandates know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from services.bank_gateway.domain.bank_numbers import assert_writable, complete_parameters
from services.bank_gateway.domain.debit_item import PURPOSE
from services.bank_gateway.formats import bank_format
from services.bank_gateway.storage.banks import Bank, keep_bank
from services.bank_gateway.storage.mandates import assign_waiting
from services.bank_gateway.storage.rows import BankDeclarationRow
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class DeclareBank:
    """``bank_codes`` maps each name, the title among them, to the number by which its files know it ("" for none)."""

    code: str
    title: str
    profile: str
    parameters: Mapping[str, str]
    bank_codes: Mapping[str, str]
    purpose: str = PURPOSE


def declare_bank(command: DeclareBank, work: Work) -> dict[str, Any]:
    """Declare a bank, or change its declaration; mandates that waited under one of its names become its own.

    Refuses an unknown profile, parameters that its files cannot carry, a name of another bank.
    """
    layout = bank_format(command.profile)
    parameters = complete_parameters(command.parameters, bank=command.code, bank_format=layout)
    bank = Bank(command.code, command.title, command.profile, parameters, command.purpose, command.bank_codes)
    assert_writable(bank.terms, names=bank.bank_codes, bank_format=layout, day=work.today)
    changed = keep_bank(work, bank)
    assigned = assign_waiting(work, bank.code, list(bank.bank_codes))
    if changed or assigned:
        body = {"title": bank.title, "profile": bank.profile, **bank.terms.stored()}
        work.add([BankDeclarationRow(work.new_ids(1)[0], work.command_id, bank.code, Jsonb(body))])
    return {"code": bank.code, "profile": bank.profile, "changed": changed, "assigned_mandates": assigned}
