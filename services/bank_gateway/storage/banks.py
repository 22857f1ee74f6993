"""Banks as they are declared, and the names by which mandates know them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from psycopg.types.json import Jsonb

from services.bank_gateway.domain.debit_item import PURPOSE, BankTerms
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput, NotFound

UNASSIGNED = "unassigned"
"""Mandates wait under this code until their bank is declared."""


class UnknownBank(NotFound):
    code = "unknown_bank"
    remedy: ClassVar[str] = "Declare the bank first (POST /banks), or correct its code."


@dataclass(frozen=True, slots=True)
class Bank:
    """``bank_codes`` are its names, each with the number by which its files know that name."""

    code: str
    title: str
    profile: str
    parameters: Mapping[str, str]
    purpose: str
    bank_codes: Mapping[str, str]

    @property
    def terms(self) -> BankTerms:
        return BankTerms(self.parameters, self.bank_codes, self.purpose)


def declared_banks(work: Work) -> list[Bank]:
    """Every bank that files can be made for, in the order of their codes."""
    names: dict[str, dict[str, str]] = {}
    for name, code, bank_code in work.rows("SELECT name, bank, bank_code FROM bank_names ORDER BY name"):
        names.setdefault(code, {})[name] = bank_code
    rows = work.rows("SELECT bank, title, profile, parameters FROM banks WHERE profile IS NOT NULL ORDER BY bank")
    return [_bank(row, names.get(row[0], {})) for row in rows]


def bank_of(work: Work, code: str) -> Bank:
    """Refuses `unknown_bank`."""
    found = next((bank for bank in declared_banks(work) if bank.code == code), None)
    if found is None:
        raise UnknownBank("no such bank is declared", bank=code)
    return found


def lock_bank(work: Work, code: str) -> Bank:
    """The bank, kept to this work until it ends: batches of a bank get their numbers one after another."""
    work.rows("SELECT 1 FROM banks WHERE bank = %s FOR NO KEY UPDATE", (code,))
    return bank_of(work, code)


def keep_bank(work: Work, bank: Bank) -> bool:
    """Insert or change a bank; whether anything changed."""
    stored = Jsonb({"parameters": dict(bank.parameters), "purpose": bank.purpose})
    changed = work.rows(
        "INSERT INTO banks (bank, title, profile, parameters) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (bank) DO UPDATE SET title = excluded.title, profile = excluded.profile,"
        " parameters = excluded.parameters"
        " WHERE (banks.title, banks.profile, banks.parameters) IS DISTINCT FROM"
        " (excluded.title, excluded.profile, excluded.parameters) RETURNING 1",
        (bank.code, bank.title, bank.profile, stored),
    )
    return bool(changed) | _keep_names(work, bank)


def _keep_names(work: Work, bank: Bank) -> bool:
    known = dict(work.rows("SELECT name, bank FROM bank_names WHERE name = ANY(%s)", (list(bank.bank_codes),)))
    for name, owner in known.items():
        if owner != bank.code:
            raise InvalidInput("this name belongs to another bank", place="names", value=name, bank=owner)
    return bool(work.rows(
        "INSERT INTO bank_names (name, bank, bank_code) SELECT name, %s, bank_code FROM unnest(%s::text[], %s::text[])"
        " AS v (name, bank_code) ON CONFLICT (name) DO UPDATE SET bank_code = excluded.bank_code"
        " WHERE bank_names.bank_code <> excluded.bank_code RETURNING 1",
        (bank.code, list(bank.bank_codes), list(bank.bank_codes.values())),
    ))  # fmt: skip


def banks_by_name(work: Work) -> dict[str, str]:
    """The bank's code by every name of every bank."""
    return dict(work.rows("SELECT name, bank FROM bank_names"))


def _bank(row: tuple[Any, ...], bank_codes: Mapping[str, str]) -> Bank:
    code, title, profile, stored = row
    return Bank(code, title, profile, stored["parameters"], stored.get("purpose", PURPOSE), bank_codes)
