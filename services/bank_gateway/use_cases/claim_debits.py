"""The claims of a batch, a page at a time: payments is asked, and what it answered is written down.

Between the two nothing is open here. Whoever dies in between, the next one asks for the same page with the same
key and gets the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.bank_gateway.domain.bank_file import SentItem
from services.bank_gateway.domain.bank_format import BankFormat
from services.bank_gateway.domain.debit_batch import item_number
from services.bank_gateway.domain.debit_item import Debtor, echoes_of, sent_item
from services.bank_gateway.domain.send_file import ItemUnwritable, item_rows, unwritable
from services.bank_gateway.formats import bank_format
from services.bank_gateway.gateways.outside import Outside
from services.bank_gateway.gateways.payments import Claims
from services.bank_gateway.storage.batches import (
    Batch,
    attend,
    count_items,
    lock_batch,
    move,
    read_batch,
    set_next_step,
)
from services.bank_gateway.storage.items import (
    Page,
    accounts_of_page,
    add_release,
    asked_amounts,
    close_page,
    next_page,
)  # fmt: skip
from services.bank_gateway.storage.mandates import debtors
from services.bank_gateway.storage.rows import BatchItemRow, ClaimRemarkRow
from shared.chassis.unit_of_work import Caller, Commands, Work

NOT_WRITABLE = "not_writable"
OTHER_AMOUNT = "claimed_other_amount"


def claim_debits(batch_no: int, *, commands: Commands, outside: Outside, caller: Caller) -> None:
    """Claim the next page of a batch, or end its claiming when there is none.

    Refuses `service_away` when payments does not answer: nothing is lost, the page waits.
    """
    with commands.reading() as work:
        batch = read_batch(work, batch_no)
        page = next_page(work, batch_no)
        items = accounts_of_page(work, batch_no, page) if page else []
    if page is None:
        commands.run(end_claims, EndClaims(batch_no), caller=caller)
        return
    claims = outside.payments.claim(
        bank=batch.bank, batch_no=batch_no, page=page.number, as_of=batch.as_of, items=items
    )
    commands.run(record_claims, RecordClaims(batch_no, page, claims), caller=caller)


@dataclass(frozen=True, slots=True)
class RecordClaims:
    batch_no: int
    page: Page
    claims: Claims


def record_claims(command: RecordClaims, work: Work) -> dict[str, Any]:
    """Write down what payments answered for a page, once."""
    batch = lock_batch(work, command.batch_no)
    attend(work, batch.batch_no)
    if not close_page(work, batch.batch_no, command.page.number):
        return {"claimed": 0}
    work.add(
        ClaimRemarkRow(batch.batch_no, item_no, account_no, reason)
        for item_no, account_no, reason in command.claims.passed_over
    )
    if command.page.mandate_ids is None:
        _remark_other_amounts(work, batch, command)
    else:
        _add_items(work, batch, command)
    return {"claimed": len(command.claims.claimed)}


def _remark_other_amounts(work: Work, batch: Batch, command: RecordClaims) -> None:
    """An old system asked for what it knew. The bank collects that; what we would have asked for is only noted."""
    asked = asked_amounts(work, batch.batch_no, command.page)
    work.add(
        ClaimRemarkRow(batch.batch_no, item_no, asked[item_no][0], OTHER_AMOUNT, amount_fen)
        for item_no, amount_fen in command.claims.claimed
        if asked[item_no][1] != amount_fen
    )


def _add_items(work: Work, batch: Batch, command: RecordClaims) -> None:
    layout = bank_format(batch.profile)
    mandate_ids = command.page.mandate_ids or []
    first_no = command.page.item_no(0)
    by_place = debtors(work, mandate_ids)
    items = [
        _item(by_place[item_no - first_no], item_no, amount_fen, batch=batch, layout=layout)
        for item_no, amount_fen in command.claims.claimed
    ]
    items = _writable(work, items, batch=batch, layout=layout)
    if not items:
        return
    echoes = echoes_of(item_rows(items, batch=batch.sent(), bank_format=layout), bank_format=layout)
    work.add(
        BatchItemRow(batch.batch_no, item.item_no, item.key, item.account_no, mandate_ids[item.item_no - first_no],
                     item.bank_account, item.amount_fen, echo)
        for item, echo in zip(items, echoes, strict=True)
    )  # fmt: skip
    count_items(work, batch, items=len(items), amount_fen=sum(item.amount_fen for item in items))


def _item(debtor: Debtor, item_no: int, amount_fen: int, *, batch: Batch, layout: BankFormat) -> SentItem:
    key = layout.item_key(batch.as_of, item_number(batch.first_number, item_no))
    return sent_item(debtor, key=key, item_no=item_no, amount_fen=amount_fen, terms=batch.terms)


def _writable(work: Work, items: list[SentItem], *, batch: Batch, layout: BankFormat) -> list[SentItem]:
    """The items that the file can carry; claims of the others are given back."""
    if not items or _all_writable(items, batch=batch, layout=layout):
        return items
    refusals = [(item, unwritable(item, bank_format=layout)) for item in items]
    work.add(
        ClaimRemarkRow(batch.batch_no, item.item_no, item.account_no, NOT_WRITABLE, item.amount_fen, _told(refusal))
        for item, refusal in refusals if refusal is not None
    )  # fmt: skip
    add_release(work, batch.batch_no, [item.item_no for item, refusal in refusals if refusal], reason=NOT_WRITABLE)
    return [item for item, refusal in refusals if not refusal]


def _all_writable(items: list[SentItem], *, batch: Batch, layout: BankFormat) -> bool:
    try:
        rows = item_rows(items, batch=batch.sent(), bank_format=layout)
        layout.layout.written(rows.record, rows.columns)
    except (ItemUnwritable, ValueError):
        return False
    return True


def _told(refusal: ItemUnwritable) -> str:
    """Which field and why, without the personal data in it."""
    wrong = refusal.facts.get("wrong")
    return f"{refusal.facts['field']}: {refusal.facts['expected']}" + (f", without {wrong}" if wrong else "")


@dataclass(frozen=True, slots=True)
class EndClaims:
    batch_no: int


def end_claims(command: EndClaims, work: Work) -> dict[str, Any]:
    """Every page is claimed: the file is next, or nothing when nobody owes anything."""
    batch = lock_batch(work, command.batch_no)
    if batch.next_step == "claim" and next_page(work, batch.batch_no) is None:
        if batch.adopted:
            set_next_step(work, batch, None)
        elif batch.item_count:
            set_next_step(work, batch, "write")
        else:
            move(work, batch, "close", reason="nobody owes anything")
    return {"state": batch.state}
