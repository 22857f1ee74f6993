"""A government list: each row is the home of its ID number, or of its name and address, or it is told why not."""

from __future__ import annotations

import csv
import io
import itertools
import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner

from deploy.cli import nuan
from services.accounts.domain.ledger_file import LedgerRecord
from services.accounts.domain.relief_list import (
    ALREADY_GRANTED,
    AMBIGUOUS,
    DIFFERENT_NAME,
    HELD,
    MATCHED,
    NOT_FOUND,
    PROOF_EXPIRED,
    RELIEF_LIST,
    UNREADABLE,
    Candidate,
    ListRow,
    Outcome,
    matched,
    read_row,
)
from tests.accounts.approval_desk import rules
from tests.accounts.billing_steps import bill
from tests.accounts.ledger_files import OTHER_PERSON_NO, PERSON_NO
from tests.accounts.lifecycle_desk import Desk

DAY = date(2025, 10, 20)
HOME = ("幸福小区", "3", "2", "101")
NEXT_DOOR = ("幸福小区", "3", "2", "102")
ROOMS = itertools.count(1)


def row(name: str = "王秀英", id_no: str = PERSON_NO, address: Any = HOME, until: date | None = None) -> ListRow:
    return ListRow(2, 2, name, id_no, address, until)


def home(account_no: str = "0110000001", name: str = "王秀英", id_no: str | None = PERSON_NO, address: Any = HOME,
         granted: bool = False) -> Candidate:  # fmt: skip
    return Candidate(account_no, name, id_no, address, granted)


def found(asked: ListRow, *homes: Candidate, owner_matched: bool = True) -> str:
    by_id: dict[str, list[Candidate]] = {}
    for each in homes:
        by_id.setdefault(each.id_no or "", []).append(each)
    by_id.pop("", None)
    told = matched(asked, by_id, {each.address: each for each in homes}, day=DAY, owner_matched=owner_matched)
    assert bool(told.reason) == (told.outcome != MATCHED)
    return told.outcome


def test_the_id_number_names_the_home_wherever_it_lies() -> None:
    assert found(row(address=("", "", "", "")), home()) == MATCHED
    assert found(row(name="王 秀英"), home()) == MATCHED


def test_of_several_homes_of_one_id_number_the_address_decides() -> None:
    two = home(), home("0110000002", address=NEXT_DOOR)
    assert found(row(address=NEXT_DOOR), *two) == MATCHED
    assert found(row(address=("别处", "1", "", "1")), *two) == AMBIGUOUS


def test_without_the_id_number_name_and_address_do() -> None:
    assert found(row(id_no=""), home(id_no=None)) == MATCHED
    assert found(row(id_no="", name="李四"), home(id_no=None)) == DIFFERENT_NAME
    assert found(row(id_no="", address=NEXT_DOOR), home()) == NOT_FOUND


def test_another_name_or_another_id_number_is_told_and_not_granted() -> None:
    assert found(row(name="李四"), home()) == DIFFERENT_NAME
    assert found(row(id_no=OTHER_PERSON_NO), home()) == DIFFERENT_NAME


def test_where_the_policy_wants_no_owner_the_address_of_a_relative_will_do() -> None:
    assert found(row(name="李四", id_no=OTHER_PERSON_NO), home(), owner_matched=False) == MATCHED
    assert found(row(name="李四"), home(), owner_matched=False) == DIFFERENT_NAME, "the ID number is the owner's own"


def test_what_is_granted_already_and_a_proof_that_ended_are_told() -> None:
    assert found(row(), home(granted=True)) == ALREADY_GRANTED
    assert found(row(until=date(2025, 10, 19)), home()) == PROOF_EXPIRED
    assert found(row(until=DAY), home()) == MATCHED


CELLS = ("王秀英", PERSON_NO.lower(), "幸福小区", "3", "2", "101", "2026-03-31")


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({}, None), ({1: ""}, None), ({6: ""}, None), ({6: "2026/03/31"}, None), ({0: "  "}, UNREADABLE),
        ({1: "110101193106069973"}, UNREADABLE), ({6: "31.3.2026"}, UNREADABLE), ({6: "2026-02-30"}, UNREADABLE),
    ],
)  # fmt: skip
def test_a_row_is_read_or_it_is_told_what_is_wrong(change: dict[int, str], outcome: str | None) -> None:
    cells = tuple(change.get(place, cell) for place, cell in enumerate(CELLS))
    told = read_row(LedgerRecord(2, 2, cells), cells)
    assert (told.outcome if isinstance(told, Outcome) else None) == outcome


def test_formulas_and_rows_of_another_width_are_not_guessed() -> None:
    for record, arranged in ((LedgerRecord(2, 2, CELLS, (1,)), CELLS), (LedgerRecord(2, 2, CELLS), None)):
        told = read_row(record, arranged)
        assert isinstance(told, Outcome)
        assert told.outcome == UNREADABLE


def known(desk: Desk, name: str, **given: Any) -> tuple[str, str]:
    """A home of 100 m² on a floor of its own: its number and its room."""
    room = f"L{next(ROOMS)}"
    number = desk.home(
        building_area="100.00", name=name, compound="名单小区", building="1", unit="1", room=room, **given
    )
    return number, room


def listed(*rows: tuple[str, ...]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([RELIEF_LIST.headings, *rows])
    return text.getvalue().encode("gb18030")


def upload(desk: Desk, content: bytes, *, roles: Any = ("supervisor",), **form: str) -> tuple[int, Any]:
    answer = desk.client.post(
        "/relief-lists", headers={"Authorization": f"Bearer {desk.token(*roles)}"},
        data={"file": (io.BytesIO(content), "名单.csv"), "kind": "low_income", "reason": "letter 17", **form},
    )  # fmt: skip
    return answer.status_code, json.loads(answer.data)


def outcomes(report: dict[str, Any]) -> list[tuple[int, str, str | None]]:
    return [(each["row"], each["outcome"], each["account_no"]) for each in report["rows"]]


def granted(desk: Desk, number: str) -> list[Any]:
    return desk.rows("SELECT kind, payer, holder, proof_until FROM relief_cases WHERE account_no = %s", (number,))


def test_who_is_found_gets_relief_the_others_are_told_and_the_list_again_changes_nothing(desk: Desk) -> None:
    (one, first), (other, second) = known(desk, "赵一"), known(desk, "钱二")
    content = listed(
        ("赵一", "", "名单小区", "1", "1", first, "2026-03-31"), ("孙三", "", "名单小区", "1", "1", second, ""),
        ("周五", "", "名单小区", "9", "9", "9", ""), ("赵一", "", "名单小区", "1", "1", first, ""),
        ("钱二", "", "名单小区", "1", "1", second, "2025-01-01"), ("", "", "", "", "", "", ""),
    )  # fmt: skip
    status, report = upload(desk, content)
    assert status == 200, report
    assert outcomes(report) == [
        (2, MATCHED, one), (3, DIFFERENT_NAME, other), (4, NOT_FOUND, None), (5, ALREADY_GRANTED, one),
        (6, PROOF_EXPIRED, None),
    ]  # fmt: skip
    assert (report["total"], report["matched"], report["not_found"]) == (5, 1, 1)
    assert granted(desk, one) == [("low_income", "finance", "赵一", date(2026, 3, 31))]
    before = desk.content()
    again = upload(desk, content)[1]
    assert (again["matched"], again["already_granted"]) == (0, 2)
    assert {table: hash_ for table, hash_ in desk.content().items() if table.startswith(("relief", "bill"))} == {
        table: hash_ for table, hash_ in before.items() if table.startswith(("relief", "bill"))
    }


def test_a_preview_matches_and_grants_nothing(desk: Desk) -> None:
    number, room = known(desk, "吴六")
    before = desk.content()
    report = upload(desk, listed(("吴六", "", "名单小区", "1", "1", room, "")), preview="true")[1]
    assert outcomes(report) == [(2, MATCHED, number)]
    assert desk.content() == before


def test_a_workbook_with_real_dates_is_read(desk: Desk, tmp_path: Path) -> None:
    number, room = known(desk, "郑七")
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = RELIEF_LIST.sheet
    sheet.append(list(RELIEF_LIST.headings))
    sheet.append(["郑七", "", "名单小区", "1", "1", room, date(2026, 3, 31)])
    book.save(tmp_path / "list.xlsx")
    report = upload(desk, (tmp_path / "list.xlsx").read_bytes())[1]
    assert outcomes(report) == [(2, MATCHED, number)]
    assert granted(desk, number)[0][3] == date(2026, 3, 31)


@pytest.mark.parametrize(
    ("content", "form", "code"),
    [
        (b"", {}, "empty_file"), (b"%PDF-1.7", {}, "not_a_ledger"), ("姓名,证件号码\n".encode(), {}, "heading_missing"),
        (listed(), {"kind": "lottery"}, None), (listed(), {"kind": "No Kind"}, "invalid_input"),
        (listed(), {"reason": ""}, "invalid_input"), (listed(), {"preview": "maybe"}, "invalid_input"),
        (listed(("王", "", "", "", "", "", "")), {"kind": "lottery"}, "relief_unknown"),
    ],
)  # fmt: skip
def test_what_is_no_list_is_refused_whole(desk: Desk, content: bytes, form: dict[str, str], code: str | None) -> None:
    before = desk.content()
    assert upload(desk, content, **form)[1].get("code") == code
    assert desk.content() == before


def test_lists_are_a_supervisors(desk: Desk) -> None:
    assert upload(desk, listed(), roles=("clerk",))[0] == 403


@pytest.fixture
def long_list() -> bytes:
    return listed(*[(f"人{number}", "", "名单小区", "8", "1", str(number), "") for number in range(2500)])


def test_a_long_list_is_matched_in_chunks(desk: Desk, long_list: bytes) -> None:
    report = upload(desk, long_list)[1]
    assert (report["total"], report["not_found"]) == (2500, 2500)
    assert [each["row"] for each in report["rows"]] == list(range(2, 2502))


def test_the_command_says_how_it_is_called() -> None:
    answer = CliRunner().invoke(nuan, ["relief", "import", "--help"])
    assert answer.exit_code == 0
    assert "--preview" in answer.output


@pytest.mark.parametrize("rule", [{"from_homes": 3}, {"from_amount": "0.01"}, {"from_homes": 4, "whole_day": True}])
def test_a_list_does_not_pass_by_the_rule_for_relief(
    desk: Desk, rule: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole list counts before any of its chunks is done, and with what the person did before where the day counts."""
    monkeypatch.setattr("services.accounts.relief_importing.CHUNK_ROWS", 2)
    rows = []
    if rule.get("whole_day"):
        upload(desk, listed(("郝一", "", "名单小区", "1", "1", known(desk, "郝一")[1], "")))
    for name in ("郝二", "郝三", "郝四"):
        number, room = known(desk, name)
        bill(desk, number)
        rows.append((name, "", "名单小区", "1", "1", room, ""))
    rules(desk, grant_relief=rule)
    before = desk.content()
    try:
        status, answer = upload(desk, listed(*rows))
        assert (status, answer["code"], answer["facts"]["kind"]) == (403, "needs_approval", "grant_relief")
        assert desk.content() == before
        assert upload(desk, listed(*rows), preview="true")[1]["matched"] == 3
    finally:
        rules(desk, grant_relief={})
    assert upload(desk, listed(*rows))[1]["matched"] == 3


def test_the_audit_says_why_a_list_was_granted(desk: Desk) -> None:
    upload(desk, listed(("韩一", "", "名单小区", "1", "1", known(desk, "韩一")[1], "")), reason="letter 18")
    ((request,),) = desk.rows("SELECT request FROM audit_log WHERE verb = 'import_reliefs' AND reason = 'letter 18'")
    assert request == {"kind": "low_income", "payer": None, "rows": 1, "reason": "letter 18"}


def test_a_home_that_is_locked_is_told_and_the_others_get_their_relief(desk: Desk) -> None:
    """Refused as a whole, a list could never be granted beyond the first home with a lock."""
    (held, first), (free, second) = known(desk, "唐一"), known(desk, "唐二")
    desk.do("locks", accounts=[held], kind="data_correction")
    rows = [("唐一", "", "名单小区", "1", "1", first, ""), ("唐二", "", "名单小区", "1", "1", second, "")]
    status, report = upload(desk, listed(*rows))
    assert status == 200, report
    assert outcomes(report) == [(2, HELD, held), (3, MATCHED, free)]
    assert (granted(desk, held), len(granted(desk, free)), report["held"]) == ([], 1, 1)
