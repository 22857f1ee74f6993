"""What `accounts` tells the others. Amounts are whole fen, days are ISO dates, lists hold 1…1,000 items.

Only additions are made to a message; another meaning is another name (docs/decisions/0006).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

SELF = "self"
"""The payer that is the household itself; any other payer goes by its own name."""

_LATER_OWNER = f"{SELF}:"
"""The households of an account's later owners are ``self:2``, ``self:3`` …: its owners, each a payer of his own."""


def is_household(payer: str) -> bool:
    """Whether this is one of the owners that the account has had, and not somebody who bears a share."""
    return payer == SELF or payer.startswith(_LATER_OWNER)


def next_household(household: str) -> str:
    """The payer that the next owner is: after ``self`` comes ``self:2``."""
    return f"{_LATER_OWNER}{int(household.removeprefix(_LATER_OWNER)) + 1 if household != SELF else 2}"


@dataclass(frozen=True, slots=True)
class DiscountWindow:
    """An early-payment discount: both days inclusive."""

    from_on: date
    until_on: date
    pct: Decimal
    channels: tuple[str, ...] = ("ALL",)
    classes: tuple[str, ...] = ("ALL",)


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """The terms a bill travels with: what is owed of it on a day follows from these and from nothing else.

    Percentages are of 100, the daily rate is per thousand (‰). ``policy`` names the pack, its version and
    its legal document, for the explanation.
    """

    policy: str
    late_fee_kind: str = "DAILY"  # DAILY | ONE_OFF | NONE
    late_fee_daily_rate: Decimal = Decimal("1.0")
    late_fee_base: str = "UNPAID"  # UNPAID | WHOLE_FEE
    late_fee_grace_days: int = 0
    late_fee_count_pay_day: bool = True
    late_fee_cap_pct_of_principal: Decimal | None = Decimal(100)
    late_fee_rounding: str = "HALF_UP"  # HALF_UP | TRUNC
    late_fee_one_off_pct: Decimal = Decimal(5)
    late_fee_stop_on_cut: bool = True
    discount_windows: tuple[DiscountWindow, ...] = ()
    discount_requires_no_arrears: bool = True
    discount_requires_full_payment: bool = True
    discount_excludes_suspended: bool = True
    discount_classes: tuple[str, ...] = ("ALL",)
    discount_channels: tuple[str, ...] = ("ALL",)
    allocation_within_season: str = "PRINCIPAL_FIRST"  # PRINCIPAL_FIRST | LATE_FEE_FIRST
    partial_payment_allowed: bool = True
    cash_precision_fen: int = 10
    noncash_precision_fen: int = 1
    late_fee_waiver_modes: tuple[str, ...] = ("FIXED", "PERCENT", "DELTA", "NEW_START")
    waiver_expiry_days: int = 15


@dataclass(frozen=True, slots=True)
class OpenedAccount:
    account_no: str
    opened_on: date
    price_class: str


@dataclass(frozen=True, slots=True)
class AccountsOpened:
    """Heat accounts that exist from now on and may be paid for."""

    NAME: ClassVar[str] = "AccountsOpened"
    SCHEMA: ClassVar[int] = 1
    items: tuple[OpenedAccount, ...]


@dataclass(frozen=True, slots=True)
class IssuedBill:
    """One payer's share of one bill.

    ``parts`` are what falls due when, in order of their due day: ``(amount_fen, due_on)``; they add up to
    the share. ``kind`` is ``season`` or ``opening`` (arrears taken over from an old system).
    """

    account_no: str
    bill_no: int
    season: int
    payer: str
    kind: str
    price_class: str
    suspended: bool
    terms: str
    posted_on: date
    parts: tuple[tuple[int, date], ...]


@dataclass(frozen=True, slots=True)
class BillsIssued:
    """Bills that are owed from now on; ``terms`` holds each set of terms once, by the name the items use."""

    NAME: ClassVar[str] = "BillsIssued"
    SCHEMA: ClassVar[int] = 1
    terms: dict[str, PaymentTerms]
    items: tuple[IssuedBill, ...]


@dataclass(frozen=True, slots=True)
class CorrectedBill:
    """One payer's share of one bill is more, or less, than was billed so far; the bill itself stays as it was issued.

    ``amount_fen`` is above zero for an extra line, which falls due on ``due_on``, and below zero for a reduction, which
    works from ``posted_on`` on; zero changes nothing but ``suspended``: whether the home is, after the correction.
    ``kind`` is ``correction`` or ``credit_note`` (a refund entitlement: discounts stay as they are). A share that was
    not billed so far begins with this.

    ``reimbursement``: the household keeps its bill, and what this bills another payer becomes credit of ``credited``,
    one of the account's owners; below zero the credit is taken back.
    """

    account_no: str
    bill_no: int
    correction_id: int
    season: int
    payer: str
    kind: str
    price_class: str
    suspended: bool
    terms: str
    posted_on: date
    due_on: date
    amount_fen: int
    credited: str | None = None


@dataclass(frozen=True, slots=True)
class BillsCorrected:
    """Bills that are more or less from now on; ``terms`` as in `BillsIssued`."""

    NAME: ClassVar[str] = "BillsCorrected"
    SCHEMA: ClassVar[int] = 1
    terms: dict[str, PaymentTerms]
    items: tuple[CorrectedBill, ...]


@dataclass(frozen=True, slots=True)
class CutAccount:
    account_no: str
    cut_on: date


@dataclass(frozen=True, slots=True)
class AccountsCut:
    """Homes that are cut off for arrears: the day of the cut is the first without heat."""

    NAME: ClassVar[str] = "AccountsCut"
    SCHEMA: ClassVar[int] = 1
    items: tuple[CutAccount, ...]


@dataclass(frozen=True, slots=True)
class RestoredAccount:
    account_no: str
    restored_on: date


@dataclass(frozen=True, slots=True)
class AccountsRestored:
    """Homes that were cut off and have heat again: the day is the first with heat."""

    NAME: ClassVar[str] = "AccountsRestored"
    SCHEMA: ClassVar[int] = 1
    items: tuple[RestoredAccount, ...]


@dataclass(frozen=True, slots=True)
class MovedAccount:
    """``verb`` is the lifecycle's; ``effective_on`` the first day of the new state, which may lie ahead."""

    account_no: str
    verb: str
    from_state: str
    state: str
    effective_on: date


@dataclass(frozen=True, slots=True)
class AccountsMoved:
    """Accounts are, or from a day on will be, in another state; what that costs is told by `BillsCorrected`."""

    NAME: ClassVar[str] = "AccountsMoved"
    SCHEMA: ClassVar[int] = 1
    items: tuple[MovedAccount, ...]


@dataclass(frozen=True, slots=True)
class TransferredAccount:
    """``former`` and ``household`` are the owners as payers, with their names; ``assumed``: the debt goes along."""

    account_no: str
    former: str
    former_name: str
    household: str
    name: str
    transferred_on: date
    assumed: bool


@dataclass(frozen=True, slots=True)
class AccountsTransferred:
    """Homes have another owner: what the former one was billed, paid and holds as credit stays his."""

    NAME: ClassVar[str] = "AccountsTransferred"
    SCHEMA: ClassVar[int] = 1
    items: tuple[TransferredAccount, ...]


@dataclass(frozen=True, slots=True)
class CarriedOverPrepayment:
    account_no: str
    amount_fen: int
    received_on: date


@dataclass(frozen=True, slots=True)
class PrepaymentsCarriedOver:
    """Money that an old system held for these accounts; it becomes their credit, once."""

    NAME: ClassVar[str] = "PrepaymentsCarriedOver"
    SCHEMA: ClassVar[int] = 1
    items: tuple[CarriedOverPrepayment, ...]


@dataclass(frozen=True, slots=True)
class TakenOverMandate:
    """A debit agreement of the old system. ``bank_name`` is the name as the ledger writes it."""

    account_no: str
    bank_name: str
    bank_account: str
    holder: str
    id_type: str
    id_no: str


@dataclass(frozen=True, slots=True)
class MandatesTakenOver:
    NAME: ClassVar[str] = "MandatesTakenOver"
    SCHEMA: ClassVar[int] = 1
    items: tuple[TakenOverMandate, ...]


@dataclass(frozen=True, slots=True)
class ClosedPeriod:
    """Days of every year, ``MM-DD``, both included, on which no payment is taken through these channels.

    A period may reach into the next year (``12-20`` to ``01-05``); ``02-29`` is the last day of February.
    """

    first_day: str
    last_day: str
    channels: tuple[str, ...] = ("ALL",)


@dataclass(frozen=True, slots=True)
class CollectionRules:
    """How the company collects from ``valid_from`` on, whoever pays; the defaults hold where nothing was declared."""

    valid_from: date
    closed_periods: tuple[ClosedPeriod, ...] = ()
    cashier_reverse_window: str = "SAME_SHIFT"  # SAME_SHIFT | SAME_DAY
    in_transit_blocks_other_channels: bool = True
    in_transit_freeze_late_fee: bool = True
    batch_timeout_days: int = 3
    bank_only_autopost: str = "AUTO"  # AUTO | MANUAL


@dataclass(frozen=True, slots=True)
class CollectionRulesDeclared:
    """A policy was activated: these rules replace all that were declared before, for every day.

    ``items`` are in the order of their days, each until the next one begins.
    """

    NAME: ClassVar[str] = "CollectionRulesDeclared"
    SCHEMA: ClassVar[int] = 1
    policy: str
    items: tuple[CollectionRules, ...]

    def on(self, day: date) -> CollectionRules:
        """The rules of that day; a day before the first of them has the first."""
        begun = [rules for rules in self.items if rules.valid_from <= day]
        return begun[-1] if begun else self.items[0]


EVENTS = (
    AccountsOpened, BillsIssued, BillsCorrected, AccountsCut, AccountsRestored, AccountsTransferred,
    PrepaymentsCarriedOver, MandatesTakenOver, CollectionRulesDeclared, AccountsMoved,
)  # fmt: skip
