"""Every acceptance scenario runs against the real services; what is not supported yet says so and is never ok."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.scenario.run import DIFFERS, INVALID, NOT_SUPPORTED, OK, run_file

OWN = sorted((Path(__file__).parents[1] / "scenarios").glob("*.scenario"))
SUPPORTED = (
    "a10_a11_metered_heat_both_ways", "a12_metered_heat_never_above_the_area_fee", "a1_a13_area_price_and_second_run",
    "a2_height_surcharge_each_step_begun", "a3_height_surcharge_full_steps_capped", "a3_height_surcharge_steps_begun",
    "a4_height_ratio_and_monthly_price", "a5_monthly_price", "a6_daily_price_on_inner_area",
    "a7_a9_connected_late_and_area_corrected", "a8_price_changes_within_the_season", "b1_b4_early_payment_discount",
    "b5_prepaid_before_billing", "c1_c2_c5_late_fee_days_and_cap", "c3_g1_late_fee_before_principal",
    "c4_g2_g3_principal_before_late_fee", "c6_one_off_late_fee", "c7_waiver_and_its_last_day", "c8_cut_for_arrears", "c9_instalments",
    "d1_d9_d10_d12_who_may_suspend", "d2_d8_city_that_keeps_20_percent", "d4_suspended_for_two_seasons",
    "d5_d11_full_fee_after_all", "d6_resumption_by_days_blend", "d7_resumption_base_plus_days",
    "e1_e6_e7_b6_low_income_relief", "e2_relief_paid_back", "e3_relief_on_a_capped_base", "e4_e5_employer_share",
    "f1_f2_f9_cold_rooms",
    "f3_only_the_cold_rooms_count", "f4_refund_without_the_basic_fee", "f5_f6_f8_outage", "f5_outage_by_hours",
    "f5_outage_double", "f7_f10_late_start_and_refund_run", "g4_employer_pays_for_many", "g5_g6_home_sold",
    "i11_refund_to_the_bank", "i5_i6_i8_debit_batch", "i7_paid_at_the_counter_and_by_the_bank", "j1_j2_disconnection",
    "j3_j4_j5_control_and_the_next_season",
)  # fmt: skip
"""The public scenarios whose verbs exist; the others must be told apart as not supported."""


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_our_own_scenario_holds(path: Path, admin_url: str) -> None:
    outcome = run_file(path, admin_url=admin_url)
    assert outcome.outcome == OK, outcome


@pytest.mark.parametrize("name", SUPPORTED)
def test_a_public_scenario_holds(name: str, admin_url: str, shared_folder: Path) -> None:
    outcome = run_file(shared_folder / "scenarios" / f"{name}.scenario", admin_url=admin_url)
    assert outcome.outcome == OK, outcome


def test_a_public_scenario_with_other_verbs_is_not_supported(admin_url: str, shared_folder: Path) -> None:
    others = [p for p in sorted((shared_folder / "scenarios").glob("*.scenario")) if p.stem not in SUPPORTED]
    assert others
    assert {run_file(path, admin_url=admin_url).outcome for path in others} == {NOT_SUPPORTED}


def write(folder: Path, text: str) -> Path:
    path = folder / "story.scenario"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_first_line_that_differs_is_told_with_both_values(tmp_path: Path, admin_url: str) -> None:
    path = write(tmp_path, "2025-07-01 open H area=100.00\n2025-07-02 bill S25\n2025-07-02 owes H 2600.01\n")
    outcome = run_file(path, admin_url=admin_url)
    assert (outcome.outcome, outcome.line) == (DIFFERS, 3)
    assert (outcome.expected, outcome.actual) == ("total=2600.01", "total=2600.00")


def test_a_refusal_that_does_not_come_differs(tmp_path: Path, admin_url: str) -> None:
    path = write(tmp_path, "2025-07-01 open H area=100.00\n2025-07-02 pay H 1.00 pos !! unknown_account\n")
    outcome = run_file(path, admin_url=admin_url)
    assert (outcome.outcome, outcome.line) == (DIFFERS, 2)


def test_an_unknown_verb_or_parameter_is_not_supported_before_anything_is_done(tmp_path: Path, admin_url: str) -> None:
    assert run_file(write(tmp_path, "2025-07-01 teleport H\n"), admin_url=admin_url).outcome == NOT_SUPPORTED
    path = write(tmp_path, "set complaint_close_hours 24\n2025-07-01 open H area=1.00\n")
    assert run_file(path, admin_url=admin_url).outcome == NOT_SUPPORTED


def test_what_cannot_be_read_is_invalid_with_its_line(tmp_path: Path, admin_url: str) -> None:
    path = write(tmp_path, "2025-07-02 open H area=1.00\n2025-07-01 bill S25\n")
    outcome = run_file(path, admin_url=admin_url)
    assert (outcome.outcome, outcome.line) == (INVALID, 2)
    assert run_file(tmp_path / "missing.scenario", admin_url=admin_url).outcome == INVALID


def test_the_command_prints_one_document_and_its_exit_code_tells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                                 capsys: pytest.CaptureFixture[str], admin_url: str) -> None:  # fmt: skip
    from deploy.cli import main

    monkeypatch.setenv("NUAN_SCRATCH_POSTGRES_URL", admin_url)
    path = write(tmp_path, "2025-07-01 open H area=100.00\n2025-07-02 bill S25 => billed=1\n")
    with pytest.raises(SystemExit) as ended:
        main(["scenario", str(path), "--json"])
    assert ended.value.code == 0
    document = json.loads(capsys.readouterr().out)
    assert document == {"files": [{"file": str(path), "outcome": "ok", "line": None, "expected": None, "actual": None}]}
