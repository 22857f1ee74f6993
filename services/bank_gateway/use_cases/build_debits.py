"""A debit batch is built: which mandates are asked for is fixed at once, then payments is asked page by page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.bank_gateway.domain.bank_numbers import file_number
from services.bank_gateway.domain.debit_batch import CLAIMING
from services.bank_gateway.formats import bank_format
from services.bank_gateway.storage.banks import Bank, lock_bank
from services.bank_gateway.storage.batches import (
    Batch,
    add_batch,
    is_number_taken,
    new_batch_no,
    numbers_taken,
)
from services.bank_gateway.storage.items import plan_pages
from services.bank_gateway.storage.staging import begin_bulk
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class BuildDebits:
    """``as_of`` is the day of sending, ``None`` today; ``hand_over``: the file leaves as soon as it is written."""

    bank: str
    as_of: date | None = None
    hand_over: bool = True


def build_debits(command: BuildDebits, work: Work) -> dict[str, Any]:
    """Open a batch over the live mandates of a bank. Claims and file follow step by step, whoever is there to do them.

    Refuses `unknown_bank`, a day that has not come, a day with more batches than the layout can number.
    """
    as_of = command.as_of or work.today
    if as_of > work.today:
        raise InvalidInput("a batch cannot be sent in the future", place="as_of", value=as_of.isoformat())
    begin_bulk(work)
    bank = lock_bank(work, command.bank)
    batch_no = new_batch_no(work)
    batch = _numbered(work, bank, batch_no, as_of)
    add_batch(work, replace(batch, hand_over=command.hand_over), verb="open")
    plan_pages(work, batch_no, bank=bank.code)
    return {"batch_no": batch_no}


def _numbered(work: Work, bank: Bank, batch_no: int, as_of: date) -> Batch:
    layout = bank_format(bank.profile)
    batches, first_number = numbers_taken(work, profile=bank.profile, terms=bank.terms, as_of=as_of)
    number = batches + 1
    while is_number_taken(work, profile=bank.profile, terms=bank.terms, as_of=as_of,
                          file_no=file_number(number, bank_format=layout)):  # fmt: skip
        number += 1
    return Batch(
        batch_no=batch_no, bank=bank.code, profile=bank.profile, terms=bank.terms, as_of=as_of,
        file_no=file_number(number, bank_format=layout), first_number=first_number, adopted=False, hand_over=True,
        state=CLAIMING, next_step="claim", item_count=0, amount_fen=0, unknown_count=0, version=1, file_id=None,
        file_version=None,
    )  # fmt: skip
