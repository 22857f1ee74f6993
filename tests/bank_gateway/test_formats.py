"""Every declared layout: what the service relies on without naming any of them."""

from __future__ import annotations

import io
from datetime import date

import pytest

from services.bank_gateway.domain.bank_file import CLASSES, SentBatch
from services.bank_gateway.domain.bank_numbers import file_number
from services.bank_gateway.domain.debit_batch import NUMBERS_A_DAY, NumberDoesNotFit, item_number, zero_filled
from services.bank_gateway.domain.debit_item import BankTerms, Debtor, card_flag, echoes_of, sent_item, split_echo
from services.bank_gateway.domain.record import Rows
from services.bank_gateway.domain.send_file import SendReader, item_rows, write_send
from services.bank_gateway.formats import FORMATS, bank_format
from shared.kernel.errors import InvalidInput

PARAMETERS = {"merchant": "808080201304412", "bank": "ICBC"}
DEBTOR = Debtor("0110000001", "工商银行", "6299170110000001123", "王芳", "身份证", "210103195004029975")


@pytest.mark.parametrize("profile", FORMATS)
def test_only_ok_is_a_success_and_only_unknown_is_open(profile: str) -> None:
    for verdict in bank_format(profile).verdicts.values():
        assert verdict.reason in CLASSES
        assert (verdict.outcome == "succeeded") == (verdict.reason == "ok")
        assert (verdict.outcome == "unknown") == (verdict.reason == "unknown")


@pytest.mark.parametrize("profile", FORMATS)
def test_account_and_amount_must_come_back(profile: str) -> None:
    assert {"bank_account", "amount_fen", "account_no"} <= set(bank_format(profile).echoes)


@pytest.mark.parametrize("profile", FORMATS)
def test_a_file_written_reads_back_with_the_same_echoes(profile: str) -> None:
    layout = bank_format(profile)
    terms = BankTerms({name: PARAMETERS[name] for name in layout.parameters}, {"工商银行": "0102"})
    items = [
        sent_item(DEBTOR, key=layout.item_key(date(2025, 12, 5), n), item_no=n, amount_fen=100 * n, terms=terms)
        for n in range(1, 4)
    ]
    batch = SentBatch(terms.parameters, date(2025, 12, 5), file_number(7, bank_format=layout), 3, 600)
    content = io.BytesIO()
    write_send(batch=batch, items=items, out=content, bank_format=layout)
    name = layout.send.named(parameters=terms.parameters, sent_on=batch.sent_on, batch_no=batch.batch_no)
    content.seek(0)
    reader = SendReader(name=name, content=content, parameters=terms.parameters, bank_format=layout)
    read = [echo for rows in reader for echo in echoes_of(rows, bank_format=layout)]
    assert read == echoes_of(item_rows(items, batch=batch, bank_format=layout), bank_format=layout)
    assert reader.batch == batch
    assert "6299170110000001123" in split_echo(read[0])


@pytest.mark.parametrize("profile", FORMATS)
def test_keys_of_a_day_have_the_form_of_the_field_and_differ(profile: str) -> None:
    layout = bank_format(profile)
    kind = layout.send.detail.field_of("key").kind
    keys = {layout.item_key(date(2025, 12, 5), number) for number in (1, 2, 5001, 1_000_001, NUMBERS_A_DAY)}
    assert len(keys) == 5 and all(map(kind.accepts, keys))


def test_blanks_at_the_end_of_a_field_do_not_count() -> None:
    record = bank_format("reference").answer.detail
    columns = [["2025120500000001"], ["0110000001 "], ["62991 "], ["1.00"], ["1.00"], ["ok"]]
    assert echoes_of(Rows(record, 1, columns), bank_format=bank_format("reference")) == ["62991\x1f1.00\x1f0110000001"]


def test_an_unknown_layout_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidInput) as refused:
        bank_format("swift")
    assert "chinapay" in refused.value.detail


def test_numbers_are_filled_with_zeros_to_the_width_that_the_layout_takes() -> None:
    assert zero_filled(7, accepts=lambda text: len(text) == 6) == "000007"
    with pytest.raises(NumberDoesNotFit):
        zero_filled(1_000_000, accepts=lambda text: len(text) == 6)


def test_a_day_has_room_for_a_hundred_million_items() -> None:
    assert item_number(5000, 1) == 5001
    with pytest.raises(NumberDoesNotFit):
        item_number(NUMBERS_A_DAY, 1)


@pytest.mark.parametrize(
    ("account", "flag"), [("6299173657255685273", "0"), ("3713042968746229719253", "1"), ("62-1234567890123456", "1")]
)
def test_a_card_is_told_from_a_passbook_by_its_number(account: str, flag: str) -> None:
    assert card_flag(account) == flag
