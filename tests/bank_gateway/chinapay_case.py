"""The golden ChinaPay batch, and ways to damage its files."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.bank_gateway.domain.bank_file import FileRefusal, ItemResult, SentBatch, SentItem
from services.bank_gateway.domain.result_file import Accepted, ResultRows, judge_result
from services.bank_gateway.domain.send_file import SendReader, judge_send
from services.bank_gateway.formats.chinapay import FORMAT

GOLDEN = Path(__file__).parent / "golden" / "chinapay"
MERCHANT = "900000000000017"
STEM = f"{MERCHANT}_20260108_000007"
SEND_NAME, RESULT_NAME = f"{STEM}_Q.txt", f"{STEM}_P.txt"
SEND, RESULT = (GOLDEN / SEND_NAME).read_bytes(), (GOLDEN / RESULT_NAME).read_bytes()
LINES_OF_SEND = SEND.decode("gbk").splitlines()
ROWS = 12
TRAILER_LINE = ROWS + 1


def golden(name: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((GOLDEN / name).with_suffix(".json").read_text(encoding="utf-8"))
    return told


def golden_batch() -> SentBatch:
    told = golden(SEND_NAME)["batch"]
    return SentBatch(**(told | {"sent_on": date.fromisoformat(told["sent_on"])}))


def golden_items() -> list[SentItem]:
    return [SentItem(**item) for item in golden(SEND_NAME)["items"]]


def read_send(content: bytes = SEND, *, name: str = SEND_NAME, merchant: str = MERCHANT) -> SentBatch:
    return judge_send(
        SendReader(name=name, content=io.BytesIO(content), parameters={"merchant": merchant}, bank_format=FORMAT)
    )


def judge(
    content: bytes = RESULT,
    *,
    name: str = RESULT_NAME,
    send: bytes = SEND,
    batch: SentBatch | None = None,
    stage: Callable[[ResultRows], object] | None = None,
    **more: Any,
) -> Accepted:
    sent = SendReader(name=SEND_NAME, content=io.BytesIO(send), parameters={}, bank_format=FORMAT)
    return judge_result(
        name=name,
        content=io.BytesIO(content),
        batch=batch or judge_send(sent),
        sent=sent,
        bank_format=FORMAT,
        stage=stage,
        **more,
    )


def results(content: bytes = RESULT, **more: Any) -> list[ItemResult]:
    told: list[ItemResult] = []
    judge(content, stage=lambda rows: told.extend(rows.items()), **more)
    return told


def refusal(judged: Callable[..., object], *arguments: Any, **more: Any) -> FileRefusal:
    with pytest.raises(FileRefusal) as caught:
        judged(*arguments, **more)
    return caught.value


def place(refused: FileRefusal) -> tuple[str, str, int | None, str | None]:
    return refused.reason, refused.level, refused.line, refused.field


def lines(content: bytes = RESULT) -> list[str]:
    return content.decode("gbk").splitlines()


def joined(texts: list[str], line_end: str = "\n") -> bytes:
    return "".join(text + line_end for text in texts).encode("gbk")


def with_field(line: int, field: int, value: str, content: bytes = RESULT) -> bytes:
    """The file with one field changed; line and field count from 1."""
    texts = lines(content)
    fields = texts[line - 1].split("|")
    fields[field - 1] = value
    texts[line - 1] = "|".join(fields)
    return joined(texts)


def summed(rows: list[str]) -> bytes:
    """Rows of a result with a trailer that agrees with them."""
    fields = [row.split("|") for row in rows]
    fen = [int(row[7]) for row in fields]
    good = [amount for amount, row in zip(fen, fields, strict=True) if row[3:5] == ["1001", "00"]]
    return joined([*rows, f"{len(rows)}|{sum(fen)}|{len(good)}|{sum(good)}"])


def resummed(content: bytes) -> bytes:
    """The file with its trailer made to agree with its rows."""
    return summed(lines(content)[:-1])


def one_item(**changes: Any) -> SentItem:
    return replace(golden_items()[0], **changes)
