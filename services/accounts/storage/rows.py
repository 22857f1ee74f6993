"""Rows of schema_v1.sql that commands insert; fields of jsonb are given as JSON text. Later tables have theirs beside what writes them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from shared.chassis.writes import Change, row_of


@row_of("customers")
class CustomerRow(NamedTuple):
    customer_id: int
    command_id: int
    name: str
    id_type: str | None
    id_no: str | None
    phone: str | None


@row_of("premises")
class PremisesRow(NamedTuple):
    premises_id: int
    command_id: int
    compound: str
    building: str
    unit: str
    room: str
    floor: int | None
    heat_station: str | None
    building_area: Decimal
    inner_area: Decimal | None
    usable_area: Decimal | None
    certified_area: Decimal | None
    storey_height: Decimal | None


@row_of("heat_accounts")
class HeatAccountRow(NamedTuple):
    account_no: str
    command_id: int
    customer_id: int
    premises_id: int
    price_class: str
    state: str
    opened_on: date
    connected_on: date | None
    warranty_until: date | None
    suspended_from: int | None = None
    low_income: bool | None = None
    employer: str | None = None
    remark: str | None = None
    ledger_row: bytes | None = None
    varies_from: int | None = None


@row_of("account_moves")
class MoveRow(NamedTuple):
    move_id: int
    command_id: int
    account_no: str
    verb: str
    from_state: str | None
    to_state: str
    effective_on: date
    reason: str


@row_of("inactive_periods")
class PeriodRow(NamedTuple):
    period_id: int
    command_id: int
    account_no: str
    state: str
    from_on: date
    until_on: date | None
    from_season: int | None
    late_pct: Decimal | None


@row_of("notices")
class NoticeRow(NamedTuple):
    notice_id: int
    command_id: int
    account_no: str
    payer: str
    amount_fen: int
    served_on: date


@row_of("inspections")
class InspectionRow(NamedTuple):
    inspection_id: int
    command_id: int
    account_no: str
    season: int
    found_on: date
    reason: str


@row_of("premises_areas")
class AreaRow(NamedTuple):
    version_id: int
    command_id: int
    premises_id: int
    valid_from: date
    building_area: Decimal
    inner_area: Decimal | None
    usable_area: Decimal | None
    certified_area: Decimal | None
    reason: str


@row_of("bill_corrections")
class CorrectionRow(NamedTuple):
    correction_id: int
    command_id: int
    bill_no: int
    payer: str
    account_no: str
    season: int
    kind: str
    amount_fen: int
    suspended: bool
    posted_on: date
    due_on: date
    reason: str
    tariff_id: str
    derivation: str


@row_of("ownerships")
class OwnershipRow(NamedTuple):
    account_no: str
    payer: str
    command_id: int
    customer_id: int
    since: date | None
    assumed_by: str | None = None


@row_of("connection_applications")
class ApplicationRow(NamedTuple):
    application_id: int
    command_id: int
    state: str
    account: str
    account_no: str | None = None


@row_of("connection_moves")
class ApplicationMoveRow(NamedTuple):
    move_id: int
    command_id: int
    application_id: int
    verb: str
    from_state: str | None
    to_state: str
    moved_on: date
    note: str


@row_of("policies")
class PolicyRow(NamedTuple):
    policy_id: int
    command_id: int
    name: str
    version: str
    body: str


@row_of("seasons")
class SeasonRow(NamedTuple):
    season_id: int
    command_id: int
    season: int
    start_on: date
    end_on: date
    prices: dict[str, str]


@row_of("billing_runs")
class BillingRunRow(NamedTuple):
    run_id: int
    command_id: int
    season: int
    mode: str
    policy_id: int
    season_id: int | None
    accounts: int


@row_of("billing_chunks")
class BillingChunkRow(NamedTuple):
    run_id: int
    chunk: int
    first_account_no: str
    last_account_no: str
    account_nos: str | None
    accounts: int
    done_by: int | None = None
    billed: int = 0
    already: int = 0
    parked: int = 0
    sums: str = "{}"


@row_of("billing_parked")
class ParkedRow(NamedTuple):
    run_id: int
    account_no: str
    reason: str
    detail: str


@row_of("bills")
class BillRow(NamedTuple):
    bill_no: int
    payer: str
    command_id: int
    run_id: int | None
    account_no: str
    season: int
    kind: str
    price_class: str
    suspended: bool
    amount_fen: int
    posted_on: date
    parts: str
    terms_id: str
    tariff_id: str | None
    derivation: str | None


@row_of("staff")
class StaffRow(NamedTuple):
    login: str
    command_id: int
    person: str
    password_hash: str
    roles: str


CHUNK_DONE = Change(
    "UPDATE billing_chunks c SET done_by = v.done_by, billed = v.billed, already = v.already,"
    " parked = v.parked, sums = v.sums"
    " FROM {rows} AS v (run_id, chunk, done_by, billed, already, parked, sums)"
    " WHERE c.run_id = v.run_id AND c.chunk = v.chunk AND c.done_by IS NULL",
    ("bigint", "integer", "bigint", "integer", "integer", "integer", "jsonb"),
)
MOVE_IN = Change(
    "UPDATE heat_accounts a SET customer_id = v.customer_id, household = v.household"
    " FROM {rows} AS v (account_no, customer_id, household) WHERE a.account_no = v.account_no",
    ("text", "bigint", "text"),
)
MOVE_APPLICATION = Change(
    "UPDATE connection_applications c SET state = v.state, account_no = v.account_no"
    " FROM {rows} AS v (application_id, state, account_no) WHERE c.application_id = v.application_id",
    ("bigint", "text", "text"),
)
MOVE = Change(
    "UPDATE heat_accounts a SET state = v.state, suspended_from = v.suspended_from,"
    " varies_from = least(a.varies_from, v.varies_from)"
    " FROM {rows} AS v (account_no, state, suspended_from, varies_from) WHERE a.account_no = v.account_no",
    ("text", "text", "smallint", "smallint"),
)
CONNECT = Change(
    "UPDATE heat_accounts a SET state = v.state, connected_on = v.connected_on, warranty_until = v.warranty_until,"
    " price_class = v.price_class, customer_id = v.customer_id, household = v.household,"
    " varies_from = least(a.varies_from, v.varies_from)"
    " FROM {rows} AS v (account_no, state, connected_on, warranty_until, price_class, customer_id, household, varies_from)"
    " WHERE a.account_no = v.account_no",
    ("text", "text", "date", "date", "text", "bigint", "text", "smallint"),
)
END_PERIOD = Change(
    "UPDATE inactive_periods p SET until_on = v.until_on FROM {rows} AS v (period_id, until_on)"
    " WHERE p.period_id = v.period_id AND (p.until_on IS NULL OR p.until_on > v.until_on)",
    ("bigint", "date"),
)
NEW_AREAS = Change(
    "UPDATE premises p SET building_area = v.building_area, inner_area = v.inner_area, usable_area = v.usable_area,"
    " certified_area = v.certified_area"
    " FROM {rows} AS v (premises_id, building_area, inner_area, usable_area, certified_area)"
    " WHERE p.premises_id = v.premises_id",
    ("bigint", "numeric", "numeric", "numeric", "numeric"),
)
DEACTIVATE = Change(
    "UPDATE staff s SET active = false FROM {rows} AS v (login) WHERE s.login = v.login AND s.active",
    ("text",),
)
