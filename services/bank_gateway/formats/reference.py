"""Our own layout, for a bank that has none: it can say that it collected another amount than it was asked for.

Agreement: docs/banks/reference.md. UTF-8, ``|``, amounts in yuan. Send file ``…_S.txt``: head
``bank|batch|count|amount``, then the items. Result ``…_R.txt``: all items, then ``count|amount`` as asked.
``bank`` is the code under which the bank is declared here.
"""

from __future__ import annotations

from datetime import date

from services.bank_gateway.domain.bank_file import CLASSES, Verdict
from services.bank_gateway.domain.bank_format import BankFormat
from services.bank_gateway.domain.delimited import Delimited
from services.bank_gateway.domain.file_shape import FileShape
from services.bank_gateway.domain.record import (
    Field,
    Record,
    account_number,
    digits,
    number,
    one_of,
    printable,
    text,
    yuan,
)

PARTS = {"bank": "[A-Z][A-Z0-9_]{1,19}", "date": "[0-9]{8}", "batch": "[0-9]{6}"}
HOLDER_MAX, PURPOSE_MAX = 120, 60

HEAD = Record(
    "head",
    (
        Field("bank", printable(2, 20), "bank"),
        Field("batch", digits(6), "batch_no"),
        Field("count", number(), "count"),
        Field("amount", yuan(), "amount_fen"),
    ),
)

REQUEST = Record(
    "item",
    (
        Field("key", digits(16), "key"),
        Field("customer_no", digits(10), "account_no"),
        Field("account_no", account_number(40), "bank_account"),
        Field("account_name", text(1, HOLDER_MAX), "holder"),
        Field("amount", yuan(), "amount_fen"),
        Field("purpose", text(0, PURPOSE_MAX), "purpose"),
    ),
)

RESULT = Record(
    "result",
    (
        Field("key", digits(16), "key"),
        Field("customer_no", text(0, HOLDER_MAX), "account_no"),
        Field("account_no", text(0, HOLDER_MAX), "bank_account"),
        Field("amount", yuan(), "amount_fen"),
        Field("collected", yuan(), "collected_fen"),
        Field("result", one_of(*CLASSES)),
    ),
)

TRAILER = Record("trailer", (Field("count", number(), "count"), Field("amount", yuan(), "amount_fen")))


def _verdict(result: str) -> Verdict:
    if result == "ok":
        return Verdict("succeeded", "ok")
    return Verdict("unknown" if result == "unknown" else "failed", result)


def item_key(sent_on: date, number: int) -> str:
    """Day and eight digits: unique on a day on which fewer than 100,000,000 items are sent."""
    return f"{sent_on:%Y%m%d}{number:08d}"


FORMAT = BankFormat(
    name="reference",
    title="Nuan's own layout",
    parameters=("bank",),
    layout=Delimited("utf-8", "|"),
    send=FileShape("{bank}_{date}_{batch}_S.txt", PARTS, REQUEST, head=HEAD),
    answer=FileShape("{bank}_{date}_{batch}_R.txt", PARTS, RESULT, trailer=TRAILER),
    result=("result",),
    verdicts={(result,): _verdict(result) for result in CLASSES},
    item_key=item_key,
)
