"""One full example of every message there is, and the bytes it was when it was first told."""

from __future__ import annotations

import builtins
import dataclasses
import json
import types
import typing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.chassis.codec import encode
from shared.chassis.event_log import GENESIS, chained
from shared.messages import accounts, bank_gateway, payments

GOLDEN = Path(__file__).with_name("messages")
EVENT_ID = UUID("01234567-89ab-cdef-0123-456789abcdef")

_TERMS = accounts.PaymentTerms(
    policy="shenyang@2025-1 沈供发〔2025〕1号",
    late_fee_kind="DAILY",
    late_fee_daily_rate=Decimal("0.5"),
    late_fee_base="UNPAID",
    late_fee_grace_days=5,
    late_fee_count_pay_day=False,
    late_fee_cap_pct_of_principal=None,
    late_fee_rounding="TRUNC",
    late_fee_one_off_pct=Decimal("5.00"),
    discount_windows=(
        accounts.DiscountWindow(
            date(2025, 7, 26), date(2025, 9, 15), Decimal("1.5"), ("pos", "cash"), ("residential",)
        ),
    ),
    cash_precision_fen=50,
)

_FULL: tuple[Any, ...] = (
    accounts.AccountsOpened((
        accounts.OpenedAccount("0110000001", date(2025, 7, 1), "residential"),
        accounts.OpenedAccount("0110000002", date(2024, 2, 29), "nonresidential"),
    )),
    accounts.BillsIssued({"t1": _TERMS}, (
        accounts.IssuedBill("0110000001", 7, 2025, accounts.SELF, "season", "residential", False, "t1", date(2025, 7, 2),
                            ((116519, date(2025, 12, 31)), (116519, date(2026, 1, 31)))),
        accounts.IssuedBill("0110000002", 2**62, 2020, '沈阳「热」厂\\u0000 "有限"公司\U00020bb7', "opening", "residential",
                            True, "t1", date(2025, 7, 2), ((1, date(2020, 12, 31)),)),
    )),
    accounts.PrepaymentsCarriedOver((accounts.CarriedOverPrepayment("0110000001", 50000, date(2025, 6, 30)),)),
    accounts.MandatesTakenOver((
        accounts.TakenOverMandate("0110000001", "中国银行沈阳分行", "6216600000000000017", "王秀英", "01", "21010219600101002X"),
    )),
    payments.PaymentsReceived((
        payments.ReceivedPayment("0110000001", 3, 1001, accounts.SELF, "pos", 233038, date(2025, 10, 20), 0),
    )),
    payments.PaymentsReversed((
        payments.ReversedPayment("0110000001", 4, 1002, 1001, 233038, date(2025, 10, 21), "wrong home"),
    )),
    payments.DebtsChanged((payments.ChangedDebt("0110000001", 4, 7, accounts.SELF, 233038),)),
    payments.DebitsPosted(9, (payments.PostedDebit("0110000001", 5, 1, 1003, 200000, 100),)),
    bank_gateway.DebitsReturned("BOC", 9, date(2025, 12, 5), (
        bank_gateway.DebitResult("0110000001", 1, 200100, "ok"),
        bank_gateway.DebitResult("0110000002", 2, 0, "insufficient"),
    )),
)  # fmt: skip


def _sampled(kind: Any) -> Any:
    """A value of that type, the same one always: for messages without an example of their own above."""
    if dataclasses.is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        return kind(**{field.name: _sampled(hints[field.name]) for field in dataclasses.fields(kind)})  # type: ignore[operator]
    arguments = typing.get_args(kind)
    match typing.get_origin(kind):
        case builtins.tuple:
            return tuple(_sampled(argument) for argument in arguments if argument is not Ellipsis)
        case builtins.dict:
            return {"t1": _sampled(arguments[1])}
        case types.UnionType:
            return _sampled(next(argument for argument in arguments if argument is not type(None)))
    return {int: 17, str: "t1", bool: True, date: date(2025, 7, 2), Decimal: Decimal("1.50")}[kind]


KINDS = {kind.NAME: kind for module in (accounts, payments, bank_gateway) for kind in module.EVENTS}
EXAMPLES: tuple[Any, ...] = (*_FULL, *(_sampled(kind) for kind in KINDS.values() if kind not in map(type, _FULL)))
"""Every message once; ``python -m tests.contracts.renew`` stores the bytes of one that is new."""


def golden_of(event: Any) -> Path:
    return GOLDEN / f"{event.NAME}.v{event.SCHEMA}.json"


def told(event: Any) -> str:
    """What is stored: the canonical text, and the hash of the entry that it is the first of a log in."""
    body = encode(event)
    hash_ = chained(GENESIS, pos=1, event_id=EVENT_ID, type_=event.NAME, schema=event.SCHEMA, body=body)
    return json.dumps({"body": body, "hash": hash_.hex()}, ensure_ascii=False, indent=1) + "\n"
