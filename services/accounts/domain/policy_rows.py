"""Tables inside a policy: what a row of each holds and how it is read."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from services.accounts.domain.month_day import MonthDay
from services.accounts.domain.policy_values import CHANNELS, Line, Number, OrNone, Rows, Word, Words, YearDay
from services.accounts.domain.price_class import PRICE_CLASSES

CLASSES = ("ALL", *PRICE_CLASSES)
SOME_PERCENT = Number(above="0", most="100", decimals=4)
_CELSIUS = Number(most="40", decimals=1)
_SQUARE_METRES = Number(above="0", most="10000", decimals=2)
_YUAN = Number(most="999999999", decimals=2)


class DiscountRow(NamedTuple):
    """An early-payment discount of ``pct`` percent; both days included."""

    first_day: MonthDay
    last_day: MonthDay
    pct: Decimal
    channels: tuple[str, ...]
    classes: tuple[str, ...]


class InstalmentRow(NamedTuple):
    pct: Decimal
    due: MonthDay


class RefundBand(NamedTuple):
    """Rooms from ``lower_incl`` to below ``upper_excl`` °C give back ``pct`` percent; None has no lower end.

    ``upper_excl`` None is the standard that rooms have to be kept at (``room_standard``).
    """

    upper_excl: Decimal | None
    pct: Decimal
    lower_incl: Decimal | None


class ApprovalLimit(NamedTuple):
    """Up to this many yuan the role may approve; None: any amount."""

    role: str
    up_to: Decimal | None


class ReliefScheme(NamedTuple):
    """The payer bears ``pct`` percent of the fee of the first ``cap_m2`` m² (None: of all of them).

    Under PRICE_CLASS the household pays ``price`` yuan per m² instead. ``proof`` says which paper counts; a case
    is applied for between the two days, both included, None: at any time.
    """

    kind: str
    pct: Decimal
    cap_m2: Decimal | None
    mechanism: str
    payer: str
    price: Decimal | None
    proof: str | None
    apply_from: MonthDay | None
    apply_until: MonthDay | None


class ClosedPeriod(NamedTuple):
    """Days of the year, both included, on which no payment is taken through these channels."""

    first_day: MonthDay
    last_day: MonthDay
    channels: tuple[str, ...]


DISCOUNT_ROWS = Rows(
    columns={
        "from": YearDay(),
        "to": YearDay(),
        "pct": SOME_PERCENT,
        "channels": Words(CHANNELS),
        "classes": Words(CLASSES),
    },
    defaults={"channels": ("ALL",), "classes": ("ALL",)},
    build=DiscountRow,
)
INSTALMENT_ROWS = Rows(columns={"pct": SOME_PERCENT, "due": YearDay()}, defaults={}, build=InstalmentRow)
REFUND_BANDS = Rows(
    columns={"upper_excl": OrNone(_CELSIUS), "pct": SOME_PERCENT, "lower_incl": OrNone(_CELSIUS)},
    defaults={"upper_excl": None, "lower_incl": None},
    build=RefundBand,
)
APPROVAL_LIMITS = Rows(
    columns={"role": Word(("clerk", "supervisor", "finance")), "up_to": OrNone(_YUAN)},
    defaults={"up_to": None},
    build=ApprovalLimit,
)
RELIEF_SCHEMES = Rows(
    columns={
        "kind": Line(r"[a-z][a-z_]{0,39}"),
        "pct": Number(most="100", decimals=4),
        "cap_m2": OrNone(_SQUARE_METRES),
        "mechanism": Word(("SPLIT_BILL", "REIMBURSE", "PRICE_CLASS")),
        "payer": Line(r"\S{1,40}"),
        "price": OrNone(Number(above="0", most="10000", decimals=4)),
        "proof": OrNone(Line(r".{1,100}")),
        "apply_from": OrNone(YearDay()),
        "apply_until": OrNone(YearDay()),
    },
    defaults={
        "cap_m2": None,
        "mechanism": "SPLIT_BILL",
        "payer": "finance",
        "price": None,
        "proof": None,
        "apply_from": None,
        "apply_until": None,
    },
    build=ReliefScheme,
)
CLOSED_PERIODS = Rows(
    columns={"from": YearDay(), "to": YearDay(), "channels": Words(tuple(c for c in CHANNELS if c != "bank"))},
    defaults={"channels": ("ALL",)},
    build=ClosedPeriod,
)
"""Money of a bank was taken by it already and is never turned away: its channel is not closed."""
