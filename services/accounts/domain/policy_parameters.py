"""The parameters of a tariff policy: their names, their types, and what is possible.

A field of `PolicyInForce` is a parameter; the number is its row in the list of parameters that all packs follow.
A new parameter is one field here and one entry in each pack.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, get_type_hints

from services.accounts.domain.area import COMPONENTS
from services.accounts.domain.month_day import MonthDay
from services.accounts.domain.policy_rows import (
    APPROVAL_LIMITS,
    CLASSES,
    CLOSED_PERIODS,
    DISCOUNT_ROWS,
    INSTALMENT_ROWS,
    REFUND_BANDS,
    RELIEF_SCHEMES,
    ApprovalLimit,
    ClosedPeriod,
    DiscountRow,
    InstalmentRow,
    RefundBand,
    ReliefScheme,
)
from services.accounts.domain.policy_values import (
    CHANNELS,
    ByPriceClass,
    DayCount,
    DaysOf,
    Flag,
    HourRange,
    Hours,
    Kind,
    Number,
    NumberByName,
    OrNone,
    OrWord,
    PricePerUnit,
    UnitPrice,
    Whole,
    Word,
    Words,
    YearDay,
)

_PERCENT = Number(most="100", decimals=4)
_PRICE = Number(above="0", most="10000", decimals=4)
_METRES = Number(above="0", most="100", decimals=3)
_COIN = Number(above="0", most="100", decimals=2)
_TIMES = Number(least="1", most="10", decimals=4)
_DAYS = Whole(0, 366)

SEASON_DAY_COUNT = "season_day_count"
"""Of parameter 6: the threshold is the season's own number of days, every missing day is credited."""


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
    extension_pricing: Annotated[str, Parameter(5, Word(("FREE", "DAILY_CHARGE")))]
    short_season_credit_threshold_days: Annotated[
        int | str | None, Parameter(6, OrNone(OrWord(SEASON_DAY_COUNT, Whole(1, 366))))
    ]
    # Price and area
    price_basis: Annotated[str, Parameter(7, Word(("PER_SEASON", "PER_MONTH", "PER_DAY")))]
    area_basis: Annotated[str, Parameter(8, Word(("BUILDING", "INNER", "USABLE", "CERTIFIED")))]
    price_residential: Annotated[Decimal, Parameter(9, _PRICE)]
    price_nonresidential: Annotated[Decimal, Parameter(10, _PRICE)]
    price_garage_factor: Annotated[Decimal, Parameter(11, Number(most="1000", decimals=4))]
    price_classes: Annotated[dict[str, str], Parameter(0, ByPriceClass(("RESIDENTIAL", "NONRESIDENTIAL", "GARAGE")))]
    differential_subsidy_per_m2: Annotated[Decimal, Parameter(12, Number(most="1000", decimals=4))]
    missing_area_fallback_factor: Annotated[Decimal, Parameter(13, Number(above="0", most="200", decimals=4))]
    height_threshold: Annotated[Decimal, Parameter(14, _METRES)]
    height_step: Annotated[Decimal, Parameter(15, _METRES)]
    height_pct_per_step: Annotated[Decimal, Parameter(16, _PERCENT)]
    height_partial_step: Annotated[str, Parameter(17, Word(("CEIL", "FLOOR")))]
    height_cap_pct: Annotated[Decimal | None, Parameter(18, OrNone(Number(most="1000", decimals=4)))]
    height_rule_kind: Annotated[str, Parameter(19, Word(("STEP", "RATIO", "MULTIPLIER")))]
    height_multiplier: Annotated[Decimal, Parameter(0, _TIMES)]
    height_negotiated_above: Annotated[Decimal | None, Parameter(0, OrNone(_METRES))]
    area_component_coefficients: Annotated[
        dict[str, Decimal], Parameter(20, NumberByName(COMPONENTS, Number(most="2", decimals=4)))
    ]
    area_precision: Annotated[int, Parameter(21, Whole(0, 2))]
    # Two-part tariff
    basic_share_pct: Annotated[Decimal, Parameter(22, _PERCENT)]
    metered_price: Annotated[UnitPrice, Parameter(23, PricePerUnit())]
    metered_settlement_mode: Annotated[str, Parameter(24, Word(("NONE", "BOTH", "REFUND_ONLY", "COLLECT_ONLY")))]
    metered_prepay: Annotated[str, Parameter(25, Word(("FULL_AREA_FEE", "BASIC_ONLY")))]
    flat_correction_factor_enabled: Annotated[bool, Parameter(26, Flag())]
    # Due date, instalments
    billing_open_date: Annotated[MonthDay, Parameter(27, YearDay())]
    due_date: Annotated[MonthDay, Parameter(28, YearDay())]
    instalment_plan: Annotated[tuple[InstalmentRow, ...], Parameter(29, INSTALMENT_ROWS)]
    midseason_connect_rule: Annotated[str, Parameter(30, Word(("FULL", "DAILY")))]
    midseason_resume_rule: Annotated[str, Parameter(31, Word(("FULL", "DAYS_BLEND", "BASE_PLUS_DAYS", "NOT_ALLOWED")))]
    midseason_class_rule: Annotated[str, Parameter(0, Word(("DAYS", "WHOLE_SEASON", "NEXT_SEASON")))]
    illegal_use_rule: Annotated[str, Parameter(0, Word(("FULL_SEASON", "DAYS")))]
    illegal_use_pct: Annotated[Decimal, Parameter(0, Number(least="100", most="500", decimals=4))]
    provisional_price_flag: Annotated[bool, Parameter(32, Flag())]
    # Early discount
    discount_windows: Annotated[tuple[DiscountRow, ...], Parameter(33, DISCOUNT_ROWS)]
    discount_requires_no_arrears: Annotated[bool, Parameter(34, Flag())]
    discount_requires_full_payment: Annotated[bool, Parameter(35, Flag())]
    discount_excludes_suspended: Annotated[bool, Parameter(36, Flag())]
    discount_classes: Annotated[tuple[str, ...], Parameter(37, Words(CLASSES))]
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
    late_fee_stop_on_cut: Annotated[bool, Parameter(47, Flag())]
    late_fee_rounding: Annotated[str, Parameter(48, Word(("HALF_UP", "TRUNC")))]
    late_fee_waiver_modes: Annotated[
        tuple[str, ...], Parameter(49, Words(("FIXED", "PERCENT", "DELTA", "NEW_START"), may_be_empty=True))
    ]
    waiver_expiry_days: Annotated[int, Parameter(50, _DAYS)]
    dunning_notice_days_before_cut: Annotated[int, Parameter(51, _DAYS)]
    dunning_min_notices: Annotated[int, Parameter(52, Whole(0, 20))]
    # Suspension
    suspend_deadline: Annotated[MonthDay, Parameter(53, YearDay())]
    suspend_fee_pct: Annotated[Decimal, Parameter(54, _PERCENT)]
    suspend_unit: Annotated[str, Parameter(55, Word(("ONE_SEASON",)))]
    suspend_renewal: Annotated[str, Parameter(56, Word(("YEARLY", "UNTIL_CANCELLED")))]
    suspend_requires_no_debt: Annotated[bool, Parameter(57, Flag())]
    suspend_forbidden_when: Annotated[
        tuple[str, ...],
        Parameter(58, Words(("WARRANTY", "SHARED_CONTROL", "RISK", "FIRST_SEASON"), may_be_empty=True)),
    ]
    suspend_answer_days: Annotated[DayCount, Parameter(59, DaysOf(366))]
    suspend_pay_within_days: Annotated[DayCount, Parameter(60, DaysOf(366))]
    late_suspend_rule: Annotated[str, Parameter(61, Word(("REJECT", "ACCEPT_WITH_PENALTY")))]
    late_suspend_penalty_pct: Annotated[Decimal, Parameter(0, _PERCENT)]
    cut_for_arrears_loss_pct: Annotated[Decimal, Parameter(62, _PERCENT)]
    # Refund
    room_standard: Annotated[Decimal, Parameter(63, Number(least="5", most="30", decimals=1))]
    refund_bands: Annotated[tuple[RefundBand, ...], Parameter(64, REFUND_BANDS)]
    refund_base: Annotated[str, Parameter(65, Word(("FULL", "FEE_MINUS_BASIC"), (("FULL_FEE", "FULL"),)))]
    refund_scope: Annotated[str, Parameter(66, Word(("WHOLE_HOME", "AFFECTED_ROOMS")))]
    refund_day_rule: Annotated[
        str,
        Parameter(
            67,
            Word(
                ("EACH_MEASURED_DAY", "FROM_REQUEST_TO_FIX", "MONTH_AVERAGE_OF_3", "MIN_CONTINUOUS_48H"),
                (
                    ("FROM_REQUEST", "FROM_REQUEST_TO_FIX"),
                    ("MONTH_AVG_3", "MONTH_AVERAGE_OF_3"),
                    ("MIN_48H", "MIN_CONTINUOUS_48H"),
                ),
            ),
        ),
    ]
    refund_official_multiplier: Annotated[Decimal, Parameter(68, _TIMES)]
    outage_threshold_hours: Annotated[int, Parameter(69, Whole(0, 8784))]
    outage_day_rounding: Annotated[str, Parameter(70, Word(("CEIL_DAYS", "HOURS")))]
    outage_multiplier: Annotated[Decimal, Parameter(71, _TIMES)]
    refund_due_days_after_season: Annotated[int, Parameter(72, _DAYS)]
    refund_after_season_started: Annotated[bool, Parameter(73, Flag())]
    refund_route: Annotated[str, Parameter(74, Word(("ORIGINAL_CHANNEL", "CREDIT", "CASH")))]
    refund_approval_limits: Annotated[tuple[ApprovalLimit, ...], Parameter(75, APPROVAL_LIMITS)]
    # Relief
    relief_schemes: Annotated[tuple[ReliefScheme, ...], Parameter(76, RELIEF_SCHEMES)]
    relief_requires_owner_match: Annotated[bool, Parameter(77, Flag())]
    relief_and_discount_order: Annotated[str, Parameter(78, Word(("RELIEF_FIRST",)))]
    employer_share_pct: Annotated[Decimal, Parameter(79, _PERCENT)]
    employer_cap_m2: Annotated[Decimal | None, Parameter(79, OrNone(Number(above="0", most="10000", decimals=2)))]
    # Payment
    allocation_order: Annotated[str, Parameter(80, Word(("OLDEST_SEASON_FIRST",)))]
    allocation_within_season: Annotated[str, Parameter(81, Word(("PRINCIPAL_FIRST", "LATE_FEE_FIRST")))]
    partial_payment_allowed: Annotated[bool, Parameter(82, Flag())]
    cash_precision: Annotated[Decimal, Parameter(83, _COIN)]
    noncash_precision: Annotated[Decimal, Parameter(83, _COIN)]
    surplus_rule: Annotated[str, Parameter(84, Word(("PREPAYMENT",)))]
    cashier_reverse_window: Annotated[str, Parameter(85, Word(("SAME_SHIFT", "SAME_DAY")))]
    drawer_variance_alert: Annotated[Decimal, Parameter(86, Number(most="100000", decimals=2))]
    payment_closed_period: Annotated[tuple[ClosedPeriod, ...], Parameter(87, CLOSED_PERIODS)]
    # Bank
    in_transit_blocks_other_channels: Annotated[bool, Parameter(88, Flag())]
    in_transit_freeze_late_fee: Annotated[bool, Parameter(89, Flag())]
    batch_timeout_days: Annotated[int, Parameter(90, Whole(1, 366))]
    bank_only_autopost: Annotated[str, Parameter(91, Word(("AUTO", "MANUAL")))]
    book_only_action: Annotated[str, Parameter(92, Word(("MANUAL",)))]
    channel_fee_bearer: Annotated[str, Parameter(93, Word(("COMPANY",)))]
    surcharge_to_payer: Annotated[str, Parameter(94, Word(("FORBIDDEN",)))]
    # Connection
    connection_fee_enabled: Annotated[bool, Parameter(95, Flag())]
    survey_days: Annotated[int, Parameter(96, _DAYS)]
    notice_days: Annotated[int, Parameter(96, _DAYS)]
    contract_pay_days: Annotated[int, Parameter(97, _DAYS)]
    occupancy_gate_pct: Annotated[Decimal, Parameter(98, _PERCENT)]
    # Service
    repair_arrival_minutes_emergency: Annotated[int, Parameter(99, Whole(1, 1440))]
    measure_within_hours: Annotated[int, Parameter(100, Whole(1, 720))]
    measure_forbidden_hours: Annotated[Hours | None, Parameter(101, OrNone(HourRange()))]
    complaint_close_hours: Annotated[int, Parameter(102, Whole(1, 8784))]


PARAMETERS: dict[str, Parameter] = {
    name: hint.__metadata__[0] for name, hint in get_type_hints(PolicyInForce, include_extras=True).items()
}
"""Every parameter, by name."""

_NOT_YET = """
    drawer_variance_alert
    repair_arrival_minutes_emergency
    complaint_close_hours
"""
NOT_YET_OBEYED = frozenset(_NOT_YET.split())
"""Parameters that can be read and that no rule follows so far. A trial that changes one is refused; a pack may
state what is known of its city, and `nuan policy check` says what of it is not followed."""

COMPANY_WIDE = frozenset(
    name
    for name, parameter in PARAMETERS.items()
    if parameter.number in (1, 2, 3, 4, 27, *range(72, 76), 80, *range(82, 95), *range(98, 103))
    or name == "price_classes"
)
"""Parameters that are one for all homes: the calendar of the season, and what no single home is asked about."""
