"""Importing an old system's ledger: once, resumable, told row by row."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.accounts import importing
from services.accounts.importing import import_ledger
from services.accounts.use_cases import import_premises as import_premises_module
from shared.chassis.unit_of_work import Caller
from shared.messages.accounts import (
    SELF,
    AccountsOpened,
    BillsIssued,
    CarriedOverPrepayment,
    MandatesTakenOver,
    PrepaymentsCarriedOver,
    TakenOverMandate,
)
from tests.accounts.conftest import AccountsService, a_home
from tests.accounts.ledger_rows import a_row, ledger_bytes

TODAY = date(2025, 10, 20)
CLERK = Caller("staff:zhang")


@pytest.fixture
def take(service: AccountsService, tmp_path: Path) -> Any:
    """``take(a_row(), …)`` imports a ledger of these rows and answers the report."""

    def take(*rows: dict[str, str], dry_run: bool = False) -> dict[str, Any]:
        path = tmp_path / "ledger.csv"
        path.write_bytes(ledger_bytes(*rows))
        return import_ledger(path, service.runtime.commands, caller=CLERK, dry_run=dry_run).told()

    return take


def reasons(report: dict[str, Any]) -> list[tuple[int, str]]:
    return [(refused["row"], refused["reason"]) for refused in report["refused"]]


def test_a_row_becomes_an_account_with_its_premises(service: AccountsService, take: Any) -> None:
    report = take(
        a_row(换热站="3号站", 套内面积="80.00", 使用面积="75.50", 层高="2.85", 低保标志="是", 单位代缴="某厂")
    )
    assert (report["rows"], report["imported"], report["refused"]) == (1, 1, [])
    assert report["totals"] == {"building_area": "89.63", "arrears": "0.00", "prepayment": "0.00"}
    _, card = service.get("/accounts/0110000001")
    assert (card["name"], card["compound"], card["unit"], card["floor"]) == ("王秀英", "幸福小区", "2", 1)
    assert (card["building_area"], card["inner_area"], card["usable_area"]) == ("89.63", "80.00", "75.50")
    assert (card["low_income"], card["employer"], card["connected_on"]) == (True, "某厂", "2010-11-01")
    _, state = service.get("/accounts/0110000001/state")
    assert [(move["verb"], move["to"], move["by"]) for move in state["moves"]] == [("import", "active", "staff:zhang")]


@pytest.mark.parametrize(
    ("word", "season", "state", "from_season"),
    [
        ("正常", "", "active", None),
        ("报停", "2023-2024", "suspended", "2023-2024"),
        ("未入网", "", "not_connected", None),
        ("已拆除", "", "disconnected", None),
        ("断供", "", "cut", None),
    ],
)
def test_every_state_comes_in(
    service: AccountsService, take: Any, word: str, season: str, state: str, from_season: str | None
) -> None:
    take(a_row(用热状态=word, 报停起始季=season))
    _, answer = service.get("/accounts/0110000001/state")
    assert (answer["state"], answer["suspended_from"]) == (state, from_season)


def test_arrears_become_a_bill_for_each_season_on_terms_without_late_fee(service: AccountsService, take: Any) -> None:
    report = take(a_row(上季欠费="2460.50", 欠费所属季="2021-2022:640.00;2022-2023:1820.50"))
    assert report["totals"]["arrears"] == "2460.50"
    opened, issued = service.events()
    assert isinstance(opened, AccountsOpened)
    assert isinstance(issued, BillsIssued)
    assert [(item.season, item.payer, item.kind, item.posted_on, item.parts) for item in issued.items] == [
        (2021, SELF, "opening", TODAY, ((64000, TODAY),)),
        (2022, SELF, "opening", TODAY, ((182050, TODAY),)),
    ]
    (terms,) = issued.terms.values()
    assert (terms.late_fee_kind, terms.discount_windows) == ("NONE", ())
    _, answer = service.get("/accounts/0110000001/bills")
    assert [(bill["season"], bill["amount"], bill["derivation"]) for bill in answer["bills"]] == [
        ("2021-2022", "640.00", None),
        ("2022-2023", "1820.50", None),
    ]
    assert "640.00" in answer["bills"][0]["explanation"]


def test_a_season_that_owes_nothing_has_no_bill(service: AccountsService, take: Any) -> None:
    take(a_row(上季欠费="640.00", 欠费所属季="2021-2022:640.00;2022-2023:0.00"))
    assert service.rows("SELECT season FROM bills") == [(2021,)]


def test_a_season_of_arrears_is_not_billed_again(service: AccountsService, take: Any) -> None:
    take(a_row(上季欠费="640.00", 欠费所属季="2024-2025"))
    _, answer = service.post("/billing-runs", {"season": "2024-2025"})
    assert (answer["billed"], answer["already"]) == (0, 1)


def test_a_prepayment_is_carried_over_after_the_arrears(service: AccountsService, take: Any) -> None:
    report = take(a_row(上季欠费="640.00", 欠费所属季="2024-2025", 预存余额="100.00"))
    assert report["totals"]["prepayment"] == "100.00"
    *_, issued, carried = service.events()
    assert isinstance(issued, BillsIssued)
    assert carried == PrepaymentsCarriedOver((CarriedOverPrepayment("0110000001", 10000, TODAY),))


def test_a_mandate_is_passed_on_and_kept_nowhere(service: AccountsService, take: Any) -> None:
    of_self = {"代扣银行": "北江银行", "银行账号": "123456789012", "开户名": "王秀英"}
    of_son = {"代扣银行": "北江银行", "银行账号": "210987654321", "开户名": "张强"}
    take(a_row(1, **of_self), a_row(2, **of_son))
    assert service.events()[-1] == MandatesTakenOver((
        TakenOverMandate("0110000001", "北江银行", "123456789012", "王秀英", "id_card", "110101193106069972"),
        TakenOverMandate("0110000002", "北江银行", "210987654321", "张强", "", ""),
    ))  # fmt: skip
    tables = service.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'outbox'")
    for (table,) in tables:
        assert service.rows(f"SELECT 1 FROM {table} t WHERE t::text LIKE '%%123456789012%%'", ()) == []


def test_the_same_file_again_changes_nothing(service: AccountsService, take: Any) -> None:
    rows = [a_row(1, 上季欠费="640.00", 欠费所属季="2024-2025", 预存余额="1.00"), a_row(2)]
    take(*rows)
    told, accounts = len(service.events()), service.rows("SELECT * FROM heat_accounts ORDER BY 1")
    report = take(*rows)
    assert (report["rows"], report["imported"], report["unchanged"], report["refused"]) == (2, 0, 2, [])
    assert report["totals"] == {"building_area": "0.00", "arrears": "0.00", "prepayment": "0.00"}
    assert len(service.events()) == told
    assert service.rows("SELECT * FROM heat_accounts ORDER BY 1") == accounts


def test_the_same_row_in_another_writing_is_the_same_row(take: Any) -> None:
    take(a_row())
    assert take(a_row(建筑面积="８９.63 ㎡", 姓名=" 王秀英 "))["unchanged"] == 1


@pytest.mark.parametrize(
    "given",
    [
        {"建筑面积": "90.00"},
        {"姓名": "王秀兰"},
        {"上季欠费": "1.00", "欠费所属季": "2024-2025"},
        {"备注": "x"},
    ],
)
def test_a_known_account_with_other_content_is_refused(
    service: AccountsService, take: Any, given: dict[str, str]
) -> None:
    take(a_row(1))
    before = service.rows("SELECT * FROM bills"), service.get("/accounts/0110000001")
    report = take(a_row(1, **given), a_row(2))
    assert (report["imported"], reasons(report)) == (1, [(2, "already_imported_differs")])
    (refused,) = report["refused"]
    assert (refused["line"], refused["column"], refused["value"]) == (2, "户号", "0110000001")
    assert refused["remedy"]["en"]
    assert (service.rows("SELECT * FROM bills"), service.get("/accounts/0110000001")) == before


def test_an_account_that_was_opened_here_is_not_imported(service: AccountsService, take: Any) -> None:
    service.post("/accounts", {"accounts": [a_home(1, account_no="0110000001")]})
    assert reasons(take(a_row(1))) == [(2, "already_imported_differs")]


def test_a_flat_that_has_an_account_is_refused(service: AccountsService, take: Any) -> None:
    service.post("/accounts", {"accounts": [a_home(1, account_no="0999999999")]})
    report = take(a_row(1), a_row(2))
    assert (report["imported"], reasons(report)) == (1, [(2, "flat_has_account")])
    assert (report["refused"][0]["column"], report["refused"][0]["here"]) == ("房号", "0999999999")


def test_bad_rows_are_told_and_good_rows_come_in(service: AccountsService, take: Any) -> None:
    report = take(a_row(1, 建筑面积="0"), a_row(2, 建筑面积="1,089.63"), a_row(3), a_row(3, 房号="999"))
    assert (report["rows"], report["imported"], report["normalised"]) == (4, 1, 1)
    assert reasons(report) == [(2, "area_zero"), (4, "duplicate_account_no"), (5, "duplicate_account_no")]
    assert service.rows("SELECT account_no FROM heat_accounts") == [("0110000002",)]


def test_a_dry_run_writes_nothing_and_tells_the_same(service: AccountsService, take: Any) -> None:
    rows = [
        a_row(1, 上季欠费="640.00", 欠费所属季="2024-2025"),
        a_row(2, 建筑面积="0"),
        a_row(3, 预存余额="5.00"),
    ]
    before = service.content()
    dry = take(*rows, dry_run=True)
    assert service.content() == before
    assert take(*rows) == dry
    before = service.content()
    assert take(*rows, dry_run=True)["unchanged"] == 2
    assert service.content() == before


def test_an_interrupted_import_goes_on_where_it_stopped(
    service: AccountsService, take: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "CHUNK_ROWS", 2)
    rows = [a_row(number, 上季欠费="1.00", 欠费所属季="2024-2025") for number in range(1, 8)]
    chunks = 0

    def dies_in_the_third(work: Any, decided: Any) -> None:
        nonlocal chunks
        chunks += 1
        if chunks == 3:
            raise KeyboardInterrupt
        add_accounts(work, decided)

    add_accounts = import_premises_module._add_accounts
    monkeypatch.setattr(import_premises_module, "_add_accounts", dies_in_the_third)
    with pytest.raises(KeyboardInterrupt):
        take(*rows)
    assert service.rows("SELECT count(*) FROM heat_accounts") == [(4,)]
    monkeypatch.setattr(import_premises_module, "_add_accounts", add_accounts)
    report = take(*rows)
    assert (report["imported"], report["unchanged"], report["totals"]["arrears"]) == (3, 4, "3.00")
    assert service.rows("SELECT count(*), sum(amount_fen) FROM bills") == [(7, 700)]


def test_rows_of_many_chunks_keep_their_order_in_the_report(take: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "CHUNK_ROWS", 2)
    take(a_row(1), a_row(3), a_row(5))
    rows = [
        a_row(1, 备注="x"),
        a_row(2, 建筑面积=""),
        a_row(3, 备注="x"),
        a_row(4, 建筑面积=""),
        a_row(5, 备注="x"),
    ]
    assert [row for row, _ in reasons(take(*rows))] == [2, 3, 4, 5, 6]


def test_the_rows_read_are_told_while_it_runs(service: AccountsService, tmp_path: Path) -> None:
    path, told = tmp_path / "ledger.csv", []
    path.write_bytes(ledger_bytes(a_row(1), a_row(2)))
    import_ledger(path, service.runtime.commands, caller=CLERK, progress=lambda rows, share: told.append((rows, share)))
    assert told[-1] == (2, 1.0)


@pytest.mark.parametrize("name", ["ledger.csv", "ledger.xlsx"])
def test_the_example_ledger_is_imported_as_expected(service: AccountsService, shared_folder: Path, name: str) -> None:
    folder = shared_folder / "data" / "legacy_ledger"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    wanted = expected["must_be_imported"]
    report = import_ledger(folder / name, service.runtime.commands, caller=CLERK).told()
    assert (report["rows"], report["imported"], len(report["refused"])) == (
        expected["data_rows"], wanted["rows"], expected["refused_rows"]
    )  # fmt: skip
    assert report["normalised"] == expected["accepted_after_normalisation"]
    assert report["totals"] == {
        "building_area": wanted["building_area_all"],
        "arrears": wanted["arrears"],
        "prepayment": wanted["prepayment"],
    }
    arrears = service.rows("SELECT season, sum(amount_fen)::bigint FROM bills GROUP BY season")
    assert {f"{season}-{season + 1}": f"{fen // 100}.{fen % 100:02d}" for season, fen in arrears} == wanted[
        "arrears_by_season"
    ]
    assert import_ledger(folder / name, service.runtime.commands, caller=CLERK).told()["unchanged"] == wanted["rows"]
