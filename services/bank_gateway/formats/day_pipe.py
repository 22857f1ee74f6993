"""The simple day-end file of real-time collection: ``count|amount``, then a line for each movement.

Agreement: docs/banks/day_pipe.md. UTF-8, ``|``, yuan with two decimals; type 1 is a payment, type 2 a reversal with
a serial of its own and an amount below zero.
"""

from __future__ import annotations

from services.bank_gateway.domain.day_format import DayFormat
from services.bank_gateway.domain.delimited import Delimited
from services.bank_gateway.domain.file_shape import FileShape
from services.bank_gateway.domain.record import Field, Kind, Record, day, number, one_of, printable

TEXT_MAX = 64


def signed_yuan() -> Kind:
    """Yuan with two decimals, below zero with ``-``, never ``-0.00``; read as fen."""
    return Kind(
        "yuan with two decimals",
        r"(?:-(?!0\.00))?(?:0|[1-9][0-9]{0,12})\.[0-9]{2}",
        read=lambda text: int(text.replace(".", "")),
        write=lambda amount_fen: f"{'-' * (amount_fen < 0)}{abs(amount_fen) // 100}.{abs(amount_fen) % 100:02d}",
    )


HEAD = Record("head", (Field("count", number(), "count"), Field("amount", signed_yuan(), "amount_fen")))

LINE = Record(
    "line",
    (
        Field("date", day(), "day"),
        Field("serial", printable(1, TEXT_MAX), "serial"),
        Field("customer", printable(1, TEXT_MAX), "account_no"),
        Field("amount", signed_yuan(), "amount_fen"),
        Field("sub_channel", printable(0, TEXT_MAX)),
        Field("type", one_of("1", "2"), "kind"),
    ),
)

DAY_FORMAT = DayFormat(
    name="day_pipe",
    title="Day-end file of real-time collection",
    layout=Delimited("utf-8", "|"),
    shape=FileShape("{company}_{date}.txt", {"company": "[0-9A-Za-z]{1,20}", "date": "[0-9]{8}"}, LINE, head=HEAD),
    reversals=("2",),
)
