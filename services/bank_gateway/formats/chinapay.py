"""ChinaPay merchant batch: request ``_Q.txt``, result ``_P.txt``. Agreement: docs/banks/chinapay.md."""

from __future__ import annotations

from datetime import date

from services.bank_gateway.domain.bank_file import Verdict
from services.bank_gateway.domain.bank_format import BankFormat
from services.bank_gateway.domain.delimited import Delimited
from services.bank_gateway.domain.file_shape import FileShape
from services.bank_gateway.domain.record import (
    Field,
    Record,
    account_number,
    day,
    digits,
    fen,
    number,
    one_of,
    printable,
    text,
)

# The agreement limits the card number only; longer texts than this are a damaged line, not a name.
TEXT_MAX = 120

PARTS = {"merchant": "[0-9A-Za-z]{15}", "date": "[0-9]{8}", "batch": "[0-9]{6}"}

HEAD = Record(
    "head",
    (
        Field("merchant", printable(15, 15), "merchant"),
        Field("batch", digits(6), "batch_no"),
        Field("count", number(), "count"),
        Field("amount", fen(zero=True), "amount_fen"),
    ),
)

REQUEST = Record(
    "request row",
    (
        Field("trade_date", day(), "sent_on"),
        Field("order_no", digits(16), "key"),
        Field("bank_code", digits(4), "bank_code"),
        Field("card_flag", one_of("0", "1"), "card_flag"),
        Field("card_no", account_number(25), "bank_account"),
        Field("name", text(1, TEXT_MAX), "holder"),
        Field("id_type", one_of("01", "00"), "id_type"),
        Field("id_no", text(0, TEXT_MAX), "id_no"),
        Field("amount", fen(zero=False), "amount_fen"),
        Field("purpose", text(0, TEXT_MAX), "purpose"),
        Field("private", text(1, TEXT_MAX), "account_no"),
    ),
)

# What must be as it was sent is wide here: another account is "another account", not "a malformed one".
RESULT = Record(
    "result row",
    (
        Field("bank_code", digits(4), "bank_code"),
        Field("trade_date", day(), "sent_on"),
        Field("order_no", digits(16), "key"),
        Field("status", text(0, TEXT_MAX)),
        Field("response_code", text(0, TEXT_MAX)),
        Field("card_flag", one_of("0", "1"), "card_flag"),
        Field("card_no", text(0, TEXT_MAX), "bank_account"),
        Field("amount", fen(zero=True), "amount_fen"),
        Field("purpose", text(0, TEXT_MAX), "purpose"),
        Field("private", text(0, TEXT_MAX), "account_no"),
    ),
)

TRAILER = Record(
    "trailer",
    (
        Field("count", number(), "count"),
        Field("amount", fen(zero=True), "amount_fen"),
        Field("success_count", number(), "succeeded_count"),
        Field("success_amount", fen(zero=True), "succeeded_fen"),
    ),
)

FAILURES = {
    "14": "account_invalid",
    "51": "insufficient",
    "57": "no_mandate",
    "61": "limit",
    "62": "account_blocked",
    "94": "duplicate",
    "96": "technical",
}

# Both halves must say yes. Status 1002 (failed) with code 00 (approved) says both: it stays open as unknown.
VERDICTS: dict[tuple[str, ...], Verdict] = {
    ("1001", "00"): Verdict("succeeded", "ok"),
    ("1002", "00"): Verdict("unknown", "unknown"),
    **{(status, code): Verdict("failed", reason) for status in ("1001", "1002") for code, reason in FAILURES.items()},
}


def item_key(sent_on: date, item_no: int) -> str:
    """The order number: day and eight digits, unique while fewer than 100,000,000 items are sent a day."""
    return f"{sent_on:%Y%m%d}{item_no % 100_000_000:08d}"


FORMAT = BankFormat(
    name="chinapay",
    title="ChinaPay merchant batch",
    parameters=("merchant",),
    layout=Delimited("gbk", "|"),
    send=FileShape("{merchant}_{date}_{batch}_Q.txt", PARTS, REQUEST, head=HEAD),
    answer=FileShape("{merchant}_{date}_{batch}_P.txt", PARTS, RESULT, trailer=TRAILER),
    result=("status", "response_code"),
    verdicts=VERDICTS,
    item_key=item_key,
)
