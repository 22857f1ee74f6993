"""Files and what they mean, both ways: the golden pairs, and the codes of the agreement."""

from __future__ import annotations

import io
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

import services.bank_gateway.formats
from services.bank_gateway.domain.bank_file import CLASSES, SentItem, Verdict
from services.bank_gateway.domain.send_file import read_send, write_send
from services.bank_gateway.formats.chinapay import FORMAT
from shared.kernel.registry import declarations
from tests.bank_gateway.chinapay_case import (
    GOLDEN,
    MERCHANT,
    RESULT_NAME,
    SEND,
    SEND_NAME,
    golden,
    golden_batch,
    golden_items,
    judge,
    results,
    resummed,
    with_field,
)


def test_the_declaration_is_found_under_its_name() -> None:
    assert declarations(services.bank_gateway.formats, attribute="FORMAT")["chinapay"] is FORMAT


def test_the_golden_send_file_is_read_as_told() -> None:
    batch, items = read_send(
        name=SEND_NAME, content=io.BytesIO(SEND), parameters={"merchant": MERCHANT}, bank_format=FORMAT
    )
    told = golden(SEND_NAME)
    assert {**asdict(batch), "sent_on": batch.sent_on.isoformat()} == {**told["batch"], "state": "sent"}
    assert list(items) == [SentItem(**item) for item in told["items"]]


def test_the_golden_send_file_is_written_byte_by_byte() -> None:
    out = io.BytesIO()
    write_send(batch=golden_batch(), items=golden_items(), out=out, bank_format=FORMAT)
    assert out.getvalue() == SEND


def test_the_golden_result_is_judged_as_told() -> None:
    told = golden(RESULT_NAME)
    assert judge().totals.told() == told["totals"]
    assert [asdict(result) for result in results()] == told["items"]


def test_every_golden_file_has_its_json() -> None:
    assert sorted(path.stem for path in GOLDEN.glob("*.txt")) == sorted(p.stem for p in GOLDEN.glob("*.json"))


def test_names_are_formed_of_merchant_day_and_batch() -> None:
    batch = golden_batch()
    named: dict[str, Any] = {
        "parameters": batch.parameters,
        "sent_on": batch.sent_on,
        "batch_no": batch.batch_no,
    }
    assert (FORMAT.send.named(**named), FORMAT.answer.named(**named)) == (SEND_NAME, RESULT_NAME)


@pytest.mark.parametrize(("item_no", "key"), [(1, "2026010800000001"), (123_456_789, "2026010823456789")])
def test_the_key_of_an_item_is_the_day_and_its_number(item_no: int, key: str) -> None:
    assert FORMAT.item_key(golden_batch().sent_on, item_no) == key


def test_a_batch_number_that_does_not_fit_the_name_is_a_defect() -> None:
    with pytest.raises(ValueError, match="is not formed as"):
        FORMAT.send.named(parameters={"merchant": MERCHANT}, sent_on=golden_batch().sent_on, batch_no="7")


@pytest.mark.parametrize(
    ("status", "code", "outcome", "reason"),
    [
        ("1001", "00", "succeeded", "ok"),
        ("1002", "51", "failed", "insufficient"),
        ("1001", "51", "failed", "insufficient"),
        ("1001", "96", "failed", "technical"),
        ("1002", "00", "unknown", "unknown"),
    ],
)
def test_success_takes_status_1001_and_code_00(status: str, code: str, outcome: str, reason: str) -> None:
    content = resummed(with_field(3, 4, status, with_field(3, 5, code)))
    third = results(content)[2]
    assert (third.outcome, third.reason, third.code) == (outcome, reason, code)
    assert third.collected_fen == (57 if outcome == "succeeded" else 0)


def test_an_item_that_stays_open_is_neither_success_nor_failure() -> None:
    told = judge(resummed(with_field(1, 4, "1002"))).totals.told()
    assert (told["count"], told["succeeded_count"], told["failed_count"]) == (11, 3, 8)
    assert (told["pending_count"], told["pending_amount"]) == (1, "0.01")
    assert "unknown" not in told["by_class"]  # type: ignore[operator]


def test_every_verdict_has_a_class_of_ours_and_both_statuses() -> None:
    assert {verdict.reason for verdict in FORMAT.verdicts.values()} <= set(CLASSES)
    assert {status for status, _ in FORMAT.verdicts} == {"1001", "1002"}
    assert [v for v in FORMAT.verdicts.values() if v.outcome == "succeeded"] == [Verdict("succeeded", "ok")]


def test_the_page_of_the_bank_lists_exactly_the_codes_of_the_declaration() -> None:
    page = (Path(__file__).parents[2] / "docs" / "banks" / "chinapay.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| (\d\d) \| (\w+) \|", page.split("## Result")[1], re.MULTILINE))
    assert listed == {code: FORMAT.verdicts["1001", code].reason for _, code in FORMAT.verdicts}
