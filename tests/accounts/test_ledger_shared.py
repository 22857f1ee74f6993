"""The example ledger beside the checkout: both files say what its own page of expectations says."""

from __future__ import annotations

import csv
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.accounts.domain.ledger_columns import HEADINGS
from services.accounts.domain.ledger_report import Fault
from services.accounts.domain.ledger_row import LedgerRow
from services.accounts.domain.ledger_written import fingerprint, written
from services.accounts.formats.ledger import read_ledger
from shared.kernel.money import format_yuan


@pytest.fixture(scope="module")
def folder(shared_folder: Path) -> Path:
    return shared_folder / "data" / "legacy_ledger"


@pytest.fixture(scope="module")
def expected(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    return told


@pytest.fixture(scope="module", params=["ledger.csv", "ledger.xlsx"])
def outcomes(request: pytest.FixtureRequest, folder: Path) -> list[LedgerRow | Fault]:
    return list(read_ledger(folder / request.param))


@pytest.fixture(scope="module")
def rows(outcomes: list[LedgerRow | Fault]) -> list[LedgerRow]:
    return [outcome for outcome in outcomes if isinstance(outcome, LedgerRow)]


def test_rows_come_in_the_order_of_the_file(outcomes: list[LedgerRow | Fault], expected: dict[str, Any]) -> None:
    assert [outcome.row for outcome in outcomes] == list(range(2, expected["data_rows"] + 2))


def test_every_accepted_row_is_the_expected_one_field_by_field(rows: list[LedgerRow], folder: Path) -> None:
    with (folder / "accepted.csv").open(encoding="utf-8", newline="") as file:
        accepted = [(int(row["row"]), tuple(row[heading] for heading in HEADINGS)) for row in csv.DictReader(file)]
    assert [(row.row, written(row)) for row in rows] == accepted


def test_every_refused_row_is_refused_for_the_expected_reason(
    outcomes: list[LedgerRow | Fault], expected: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    def told(fault: dict[str, Any]) -> tuple[Any, ...]:
        """A zero in a number cell does not say with how many decimals it was written."""
        keys = ("row", "line", "account_no", "column", "reason", "with_rows", "other_column")
        zero = fault["reason"] == "area_zero"
        return (*(fault.get(key) for key in keys), Decimal(fault["value"]) if zero else fault["value"])

    refused = [told({**fault, "reason": fault["kind"]}) for fault in expected["faults"] if fault["outcome"] == "refuse"]
    faults = [outcome for outcome in outcomes if isinstance(outcome, Fault)]
    assert [told(fault.told()) for fault in faults] == refused
    assert all(fault.also == () for fault in faults)


def test_every_row_that_was_put_right_was_put_right_as_expected(
    rows: list[LedgerRow], expected: dict[str, Any]
) -> None:
    put_right = [
        (row.row, change.column, change.written, change.became, change.rules)
        for row in rows
        for change in row.normalised
    ]
    assert put_right == [
        (fault["row"], fault["column"], fault["value"], fault["normalised"], (fault["kind"],))
        for fault in expected["faults"]
        if fault["outcome"] == "accept"
    ]


def test_the_totals_are_the_expected_ones(rows: list[LedgerRow], expected: dict[str, Any]) -> None:
    must = expected["must_be_imported"]
    chargeable = [row for row in rows if row.state in ("active", "suspended", "cut")]
    by_season: dict[str, int] = {}
    for row in rows:
        for season, amount_fen in row.arrears_seasons:
            label = f"{season}-{season + 1}"
            by_season[label] = by_season.get(label, 0) + amount_fen
    assert {
        "rows": len(rows),
        "chargeable_rows": len(chargeable),
        "chargeable_building_area": str(sum(row.building_area for row in chargeable)),
        "building_area_all": str(sum(row.building_area for row in rows)),
        "arrears": format_yuan(sum(row.arrears_fen for row in rows)),
        "arrears_rows": sum(row.arrears_fen > 0 for row in rows),
        "prepayment": format_yuan(sum(row.prepayment_fen for row in rows)),
        "prepayment_rows": sum(row.prepayment_fen > 0 for row in rows),
        "arrears_by_season": {season: format_yuan(fen) for season, fen in sorted(by_season.items())},
        "mandates": sum(row.bank is not None for row in rows),
        "low_income_rows": sum(row.low_income is True for row in rows),
        "employer_paid_rows": sum(row.employer is not None for row in rows),
        "different_id_numbers": len({row.id_no for row in rows}),
    } == {key: must[key] for key in must if key not in ("by_status", "by_use", "id_numbers_with_several_premises")}


def test_both_files_say_the_same(folder: Path) -> None:
    text, book = (
        [fingerprint(row) for row in read_ledger(folder / name) if isinstance(row, LedgerRow)]
        for name in ("ledger.csv", "ledger.xlsx")
    )
    assert text == book
