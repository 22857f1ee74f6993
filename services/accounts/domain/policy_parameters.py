"""The parameters of a tariff policy: their names, their types, and what is possible.

A field of `PolicyInForce` is a parameter; the number is its row in the list of parameters that all packs follow.
A new parameter is one field here and one entry in each pack.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, NamedTuple, get_type_hints

from services.accounts.domain.month_day import MonthDay
from services.accounts.domain.policy_values import (
    CHANNELS,
    ByPriceClass,
    Flag,
    Kind,
    Number,
    OrNone,
    Rows,
    Whole,
    Word,
    Words,
    YearDay,
)
from services.accounts.domain.price_class import PRICE_CLASSES

_CLASSES = ("ALL", *PRICE_CLASSES)
_PERCENT = Number(most="100", decimals=4)
_SOME_PERCENT = Number(above="0", most="100", decimals=4)
_PRICE = Number(above="0", most="10000", decimals=4)
_METRES = Number(above="0", most="100", decimals=3)
_COIN = Number(above="0", most="100", decimals=2)


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


_DISCOUNT_ROWS = Rows(
    columns={
        "from": YearDay(),
        "to": YearDay(),
        "pct": _SOME_PERCENT,
        "channels": Words(CHANNELS),
        "classes": Words(_CLASSES),
    },
    defaults={"channels": ("ALL",), "classes": ("ALL",)},
    build=DiscountRow,
)
_INSTALMENT_ROWS = Rows(columns={"pct": _SOME_PERCENT, "due": YearDay()}, defaults={}, build=InstalmentRow)


@dataclass(frozen=True)
class Parameter:
    """``number`` is the row of the parameter list; 0 marks a parameter that the list does not number."""

    number: int
    kind: Kind[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyInForce:
    """The value of every parameter on one day.

    Prices are yuan per m² (for a season, month or day: `price_basis`), heights metres, percentages of 100,
    the daily late-fee rate per thousand, cash precision yuan.
    """

    # Season
    season_start: Annotated[MonthDay, Parameter(1, YearDay())]
    season_end: Annotated[MonthDay, Parameter(2, YearDay())]
    season_day_count: Annotated[int | None, Parameter(3, OrNone(Whole(1, 366)))]
    season_boundary_mode: Annotated[str, Parameter(4, Word(("INCLUSIVE_BOTH", "END_EXCLUSIVE")))]
    # Price and area
    price_basis: Annotated[str, Parameter(7, Word(("PER_SEASON", "PER_MONTH", "PER_DAY")))]
    area_basis: Annotated[str, Parameter(8, Word(("BUILDING", "INNER", "USABLE", "CERTIFIED")))]
    price_residential: Annotated[Decimal, Parameter(9, _PRICE)]
    price_nonresidential: Annotated[Decimal, Parameter(10, _PRICE)]
    price_garage_factor: Annotated[Decimal, Parameter(11, Number(most="1000", decimals=4))]
    price_classes: Annotated[dict[str, str], Parameter(0, ByPriceClass(("RESIDENTIAL", "NONRESIDENTIAL", "GARAGE")))]
    missing_area_fallback_factor: Annotated[Decimal, Parameter(13, Number(above="0", most="200", decimals=4))]
    height_threshold: Annotated[Decimal, Parameter(14, _METRES)]
    height_step: Annotated[Decimal, Parameter(15, _METRES)]
    height_pct_per_step: Annotated[Decimal, Parameter(16, _PERCENT)]
    height_partial_step: Annotated[str, Parameter(17, Word(("CEIL", "FLOOR")))]
    height_cap_pct: Annotated[Decimal | None, Parameter(18, OrNone(Number(most="1000", decimals=4)))]
    height_rule_kind: Annotated[str, Parameter(19, Word(("STEP", "RATIO", "MULTIPLIER")))]
    height_multiplier: Annotated[Decimal, Parameter(0, Number(least="1", most="10", decimals=4))]
    # Due date, instalments
    billing_open_date: Annotated[MonthDay, Parameter(27, YearDay())]
    due_date: Annotated[MonthDay, Parameter(28, YearDay())]
    instalment_plan: Annotated[tuple[InstalmentRow, ...], Parameter(29, _INSTALMENT_ROWS)]
    midseason_connect_rule: Annotated[str, Parameter(30, Word(("FULL", "DAILY")))]
    # Early discount
    discount_windows: Annotated[tuple[DiscountRow, ...], Parameter(33, _DISCOUNT_ROWS)]
    discount_requires_no_arrears: Annotated[bool, Parameter(34, Flag())]
    discount_requires_full_payment: Annotated[bool, Parameter(35, Flag())]
    discount_excludes_suspended: Annotated[bool, Parameter(36, Flag())]
    discount_classes: Annotated[tuple[str, ...], Parameter(37, Words(_CLASSES))]
    discount_channels: Annotated[tuple[str, ...], Parameter(38, Words(CHANNELS))]
    discount_on: Annotated[str, Parameter(39, Word(("USER_SHARE",)))]
    # Late fee
    late_fee_kind: Annotated[str, Parameter(40, Word(("DAILY", "ONE_OFF", "NONE")))]
    late_fee_one_off_pct: Annotated[Decimal, Parameter(0, _PERCENT)]
    late_fee_daily_rate: Annotated[Decimal, Parameter(41, Number(most="100", decimals=4))]
    late_fee_base: Annotated[str, Parameter(42, Word(("UNPAID", "WHOLE_FEE")))]
    late_fee_grace_days: Annotated[int, Parameter(43, Whole(0, 366))]
    late_fee_first_day: Annotated[str, Parameter(44, Word(("DAY_AFTER_DUE",)))]
    late_fee_count_pay_day: Annotated[bool, Parameter(45, Flag())]
    late_fee_cap_pct_of_principal: Annotated[Decimal | None, Parameter(46, OrNone(Number(most="1000", decimals=4)))]
    late_fee_rounding: Annotated[str, Parameter(48, Word(("HALF_UP", "TRUNC")))]
    # Suspension
    suspend_fee_pct: Annotated[Decimal, Parameter(54, _PERCENT)]
    # Payment
    allocation_order: Annotated[str, Parameter(80, Word(("OLDEST_SEASON_FIRST",)))]
    allocation_within_season: Annotated[str, Parameter(81, Word(("PRINCIPAL_FIRST", "LATE_FEE_FIRST")))]
    partial_payment_allowed: Annotated[bool, Parameter(82, Flag())]
    cash_precision: Annotated[Decimal, Parameter(83, _COIN)]
    noncash_precision: Annotated[Decimal, Parameter(83, _COIN)]
    surplus_rule: Annotated[str, Parameter(84, Word(("PREPAYMENT",)))]


PARAMETERS: dict[str, Parameter] = {
    name: hint.__metadata__[0] for name, hint in get_type_hints(PolicyInForce, include_extras=True).items()
}
"""Every parameter that is obeyed, by name."""

_NOT_YET = """
    extension_pricing short_season_credit_threshold_days differential_subsidy_per_m2 area_component_coefficients
    area_precision basic_share_pct metered_price metered_settlement_mode metered_prepay
    flat_correction_factor_enabled midseason_resume_rule provisional_price_flag late_fee_stop_on_cut
    late_fee_waiver_modes waiver_expiry_days dunning_notice_days_before_cut dunning_min_notices suspend_deadline
    suspend_unit suspend_renewal suspend_requires_no_debt suspend_forbidden_when suspend_answer_days
    suspend_pay_within_days late_suspend_rule cut_for_arrears_loss_pct room_standard refund_bands refund_base
    refund_scope refund_day_rule refund_official_multiplier outage_threshold_hours outage_day_rounding
    outage_multiplier refund_due_days_after_season refund_after_season_started refund_route
    refund_approval_limits relief_schemes relief_requires_owner_match relief_and_discount_order
    employer_share_pct employer_cap_m2 cashier_reverse_window drawer_variance_alert payment_closed_period
    in_transit_blocks_other_channels in_transit_freeze_late_fee batch_timeout_days bank_only_autopost
    book_only_action channel_fee_bearer surcharge_to_payer connection_fee_enabled survey_days notice_days
    contract_pay_days occupancy_gate_pct repair_arrival_minutes_emergency measure_within_hours
    measure_forbidden_hours complaint_close_hours
"""
NOT_YET_OBEYED = frozenset(_NOT_YET.split())
"""Parameters that the list knows and nothing follows so far: a policy that sets one would promise too much."""
