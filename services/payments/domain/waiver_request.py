"""A waiver that is asked for: what it may be, and what it would leave of the late fees that it is for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from services.payments.domain.debt import Debt, Waiver
from services.payments.domain.late_fee import late_fee_open_fen
from services.payments.domain.late_fee_waiver import MODES
from shared.kernel.errors import InvalidInput, NotFound, Refusal
from shared.kernel.lifecycle import Lifecycle, Move
from shared.messages.accounts import SELF, is_household

REQUESTED, APPROVED, REJECTED, WITHDRAWN = "requested", "approved", "rejected", "withdrawn"
WAIVER_REQUEST = Lifecycle(
    "waiver request",
    initial=REQUESTED,
    moves=[
        Move("approve", (REQUESTED,), APPROVED),
        Move("reject", (REQUESTED,), REJECTED),
        Move("withdraw", (REQUESTED,), WITHDRAWN),
    ],
)

LASTS_AT_MOST = timedelta(days=366)
_VALUES = {"pct": "pct", "amount_fen": "amount", "start_on": "start_on"}


class UnknownWaiverRequest(NotFound):
    code = "unknown_waiver_request"
    remedy = "Check the number of the request."


class UnknownWaiver(NotFound):
    code = "unknown_waiver"
    remedy = "Check the number of the waiver."


class NothingToWaive(Refusal):
    code = "nothing_to_waive"
    status = 409
    remedy = "Look at what the household owes: of a debt that is settled no late fee can be waived."


class WaiverModeNotAllowed(Refusal):
    code = "waiver_mode_not_allowed"
    status = 409
    remedy = "Waive in one of the ways that the terms of the bill allow."


class WaiverInForce(Refusal):
    code = "waiver_in_force"
    status = 409
    remedy = "Wait until the waiver that holds has ended, or revoke it."


class WaiverTooLate(Refusal):
    code = "waiver_too_late"
    status = 409
    remedy = "Reject the request; whoever still wants it asks again with a later last day."


class WaiverNotInForce(Refusal):
    code = "waiver_not_in_force"
    status = 409
    remedy = "Nothing is to be revoked: this waiver has ended, or was never approved."


@dataclass(frozen=True, slots=True)
class AskedWaiver:
    """``season`` None: every open debt of the payer. ``until_on`` None: as long as the terms of the bills say."""

    account_no: str
    mode: str
    pct: Decimal | None = None
    amount_fen: int | None = None
    start_on: date | None = None
    until_on: date | None = None
    season: int | None = None
    payer: str = SELF


@dataclass(frozen=True, slots=True)
class Effect:
    """What a waiver would do on a day: the debts with it, and what is open of their late fees without and with it."""

    debts: tuple[Debt, ...]
    until_on: date
    before_fen: int
    after_fen: int

    @property
    def waived_fen(self) -> int:
        return self.before_fen - self.after_fen


def assert_sound(asked: AskedWaiver, today: date) -> None:
    """Refuses a mode without its value or with another's, another payer than a household, days that cannot be."""
    needs = MODES[asked.mode].needs
    for field, place in _VALUES.items():
        value = getattr(asked, field)
        if (value is None) == (field == needs):
            raise InvalidInput(f"{asked.mode} takes {_VALUES[needs]} and nothing else", place=place, value=None)
    if asked.mode == "DELTA" and not asked.amount_fen:
        raise InvalidInput("a waiver of nothing is none", place="amount", value="0.00")
    if asked.until_on is not None and not today <= asked.until_on <= today + LASTS_AT_MOST:
        raise InvalidInput("a waiver ends within a year from today", place="until", value=asked.until_on.isoformat())


def effect_of(asked: AskedWaiver, debts: Sequence[Debt], *, payer: str, today: date) -> Effect:
    """What the waiver would do if it were approved today. ``debts`` are all that is open of the account.

    Refuses `nothing_to_waive`, `waiver_mode_not_allowed`, `waiver_in_force`, `waiver_too_late`.
    """
    mine = [debt for debt in debts if debt.payer == payer and asked.season in (None, debt.season)]
    if not mine or not is_household(payer):
        raise NothingToWaive("nothing of this is open")
    for debt in mine:
        _assert_allowed(asked, debt, today)
    until_on = asked.until_on or today + timedelta(days=min(debt.terms.waiver_expiry_days for debt in mine))
    if until_on < today:
        raise WaiverTooLate(f"its last day was {until_on}", until=until_on.isoformat())
    with_it = tuple(replace(debt, waivers=(*debt.waivers, _waiver(asked, debt, today, until_on))) for debt in mine)
    before_fen = sum(late_fee_open_fen(debt, today) for debt in mine)
    return Effect(with_it, until_on, before_fen, sum(late_fee_open_fen(debt, today) for debt in with_it))


def _assert_allowed(asked: AskedWaiver, debt: Debt, today: date) -> None:
    if asked.mode not in debt.terms.late_fee_waiver_modes:
        raise WaiverModeNotAllowed(
            "the terms of the bill do not allow this", mode=asked.mode, bill_no=debt.bill_no,
            allowed=list(debt.terms.late_fee_waiver_modes),
        )  # fmt: skip
    for waiver in debt.waivers:
        if waiver.until_on >= today:
            raise WaiverInForce(
                f"a waiver holds until {waiver.until_on}", until=waiver.until_on.isoformat(), bill_no=debt.bill_no
            )


def _waiver(asked: AskedWaiver, debt: Debt, today: date, until_on: date) -> Waiver:
    paid_before = sorted({s.payment_id for s in debt.settlements if s.late_fee_fen})
    return Waiver(asked.mode, today, until_on, asked.pct, asked.amount_fen, asked.start_on, tuple(paid_before))
