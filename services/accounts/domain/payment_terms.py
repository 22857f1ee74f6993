"""The terms that a bill travels with, and what of it falls due when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from services.accounts.domain.policy import Policy
from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.policy_rows import DiscountRow
from services.accounts.domain.policy_scope import EVERYONE, Scope
from services.accounts.domain.policy_values import plain_number
from services.accounts.domain.season_dates import HeatingSeason, placed
from shared.kernel.rates import PERCENT, half_up
from shared.messages.accounts import SELF, DiscountWindow, PaymentTerms

_FEN = 100


@lru_cache(maxsize=1024)
def payment_terms(policy: Policy, season: HeatingSeason, scope: Scope = EVERYONE) -> PaymentTerms:
    """The terms of a season's bills of that scope; the days of its discount windows are those of that season."""
    values = policy.for_season(season.season, scope)
    return PaymentTerms(
        policy=policy.reference,
        late_fee_kind=values.late_fee_kind,
        late_fee_daily_rate=_plain(values.late_fee_daily_rate),
        late_fee_base=values.late_fee_base,
        late_fee_grace_days=values.late_fee_grace_days,
        late_fee_count_pay_day=values.late_fee_count_pay_day,
        late_fee_cap_pct_of_principal=None
        if (cap_pct := values.late_fee_cap_pct_of_principal) is None
        else _plain(cap_pct),
        late_fee_rounding=values.late_fee_rounding,
        late_fee_one_off_pct=_plain(values.late_fee_one_off_pct),
        late_fee_stop_on_cut=values.late_fee_stop_on_cut,
        discount_windows=tuple(_window(row, values, season) for row in values.discount_windows),
        discount_requires_no_arrears=values.discount_requires_no_arrears,
        discount_requires_full_payment=values.discount_requires_full_payment,
        discount_excludes_suspended=values.discount_excludes_suspended,
        discount_classes=values.discount_classes,
        discount_channels=values.discount_channels,
        allocation_within_season=values.allocation_within_season,
        partial_payment_allowed=values.partial_payment_allowed,
        cash_precision_fen=_fen(values.cash_precision),
        noncash_precision_fen=_fen(values.noncash_precision),
        late_fee_waiver_modes=values.late_fee_waiver_modes,
        waiver_expiry_days=values.waiver_expiry_days,
    )


def due_parts(
    policy: Policy,
    season: HeatingSeason,
    *,
    amount_fen: int,
    posted_on: date,
    payer: str = SELF,
    scope: Scope = EVERYONE,
) -> tuple[tuple[int, date], ...]:
    """``(amount_fen, due_on)`` in the order of the due days; the amounts add up to the whole.

    Each instalment is rounded and the last is the rest; only the household's share is split. What is posted after
    its due day falls due on the day of posting; parts that fall due on one day are one part, and a part of
    nothing is left out, unless there is nothing at all.
    """
    plan = _plan(policy, season, scope) if payer == SELF else ()
    if not plan:
        return ((amount_fen, max(_due_date(policy, season, scope), posted_on)),)
    parts: dict[date, int] = {}
    for part_fen, due_on in _instalments(amount_fen, plan):
        day = max(due_on, posted_on)
        parts[day] = parts.get(day, 0) + part_fen
    return tuple((part_fen, day) for day, part_fen in parts.items() if part_fen) or ((amount_fen, max(parts)),)


def _instalments(amount_fen: int, plan: tuple[tuple[Fraction, date], ...]) -> Iterator[tuple[int, date]]:
    """Each part rounded, the last the rest; of a few fen the earlier parts may already be the whole."""
    rest_fen = amount_fen
    for share, due_on in plan[:-1]:
        part_fen = min(half_up(amount_fen * share), rest_fen)
        rest_fen -= part_fen
        yield part_fen, due_on
    yield rest_fen, plan[-1][1]


@lru_cache(maxsize=1024)
def _plan(policy: Policy, season: HeatingSeason, scope: Scope) -> tuple[tuple[Fraction, date], ...]:
    """What part of a household's bill falls due when; empty without a plan."""
    values = policy.for_season(season.season, scope)
    opens = values.billing_open_date
    return tuple((Fraction(row.pct) * PERCENT, placed(row.due, season, opens=opens)) for row in values.instalment_plan)


@lru_cache(maxsize=1024)
def _due_date(policy: Policy, season: HeatingSeason, scope: Scope) -> date:
    values = policy.for_season(season.season, scope)
    return placed(values.due_date, season, opens=values.billing_open_date)


def _window(row: DiscountRow, values: PolicyInForce, season: HeatingSeason) -> DiscountWindow:
    return DiscountWindow(
        from_on=placed(row.first_day, season, opens=values.billing_open_date),
        until_on=placed(row.last_day, season, opens=values.billing_open_date),
        pct=_plain(row.pct),
        channels=row.channels,
        classes=row.classes,
    )


def _plain(number: Decimal) -> Decimal:
    """1.0 and 1 are one number and have one written form: terms are known by their content."""
    return Decimal(plain_number(number))


def _fen(yuan: Decimal) -> int:
    return int(yuan * _FEN)
