"""Whether a bank's declaration can be written into its files, before anything is sent to it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date

from services.bank_gateway.domain.bank_format import BankFormat
from services.bank_gateway.domain.debit_batch import zero_filled
from services.bank_gateway.domain.debit_item import RESIDENT_ID, BankTerms, Debtor, sent_item
from services.bank_gateway.domain.send_file import unwritable
from shared.kernel.errors import InvalidInput

BANK = "bank"
"""A parameter that nobody gives: the code under which the bank is declared."""


def file_number(number: int, *, bank_format: BankFormat) -> str:
    """The number of a batch of a day in the words of its file; "" where the layout has none."""
    pattern = bank_format.send.parts.get("batch")
    if pattern is None:
        return ""
    return zero_filled(number, accepts=lambda text: re.fullmatch(pattern, text) is not None)


def complete_parameters(given: Mapping[str, str], *, bank: str, bank_format: BankFormat) -> dict[str, str]:
    """The parameters of a layout; refused when some are missing or unknown."""
    wanted = [name for name in bank_format.parameters if name != BANK]
    if sorted(given) != sorted(wanted):
        raise InvalidInput(
            f"{bank_format.name} takes the parameters {', '.join(wanted) or 'none'}", place="parameters",
            value=", ".join(sorted(given)),
        )  # fmt: skip
    return {name: bank if name == BANK else given[name] for name in bank_format.parameters}


def assert_writable(terms: BankTerms, *, names: Iterable[str], bank_format: BankFormat, day: date) -> None:
    """Refuse parameters, numbers and a purpose that the bank's file cannot carry: a made-up item is tried."""
    try:
        number = file_number(1, bank_format=bank_format)
        bank_format.send.named(parameters=terms.parameters, sent_on=day, batch_no=number)
    except ValueError as error:
        raise InvalidInput(f"the name of a file cannot be formed: {error}", place="parameters") from None
    for name in names:
        debtor = Debtor("0000000000", name, "6200000000000000000", "王", RESIDENT_ID, "210103199001011234")
        key = bank_format.item_key(day, 1)
        item = sent_item(debtor, key=key, item_no=1, amount_fen=1, terms=terms)
        refusal = unwritable(item, bank_format=bank_format)
        if refusal is not None:
            raise InvalidInput(
                refusal.detail, place=str(refusal.facts["field"]), value=refusal.facts["value"], name=name
            )
