"""Plans of collection: by list or from a file read strictly, and how far behind them everybody is.

The verb: plan_collection.
"""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain.collection_plan import PlanFalls, PlannedMonth, assert_plan, variance
from services.accounts.domain.plan_rows import HEADINGS, ROWS_MAX, PlanFileRefused, PlanRow, read_plan_rows
from tests.accounts.conftest import AccountsService, a_home
from tests.accounts.lifecycle_desk import Desk
from tests.accounts.test_season_report import collected
from tests.accounts.test_take_month_end import assigned, taken

SEASON = "2025-2026"


def planned(name: str = "幸福小区", month: str = "2025-10", rate: str = "40.00", **more: Any) -> dict[str, Any]:
    return {"season": SEASON, "scope": "compound", "name": name, "month": month, "planned_rate": rate, **more}


def plan(service: AccountsService, *rows: dict[str, Any], **more: Any) -> tuple[int, Any]:
    return service.post("/plans", {"plans": list(rows), **more})


def compared(service: AccountsService, month: str = "2025-10") -> Any:
    status, answer = service.get(f"/plans/variance?season={SEASON}&month={month}")
    assert status == 200, answer
    return answer


@pytest.fixture
def city(service: AccountsService) -> AccountsService:
    """Two compounds, billed on 2025-10-20; of one home 1,000.00 was paid; both belong to branches of their own."""
    homes = [a_home(1), a_home(2), a_home(3, compound="平安里")]
    assert service.post("/accounts", {"accounts": homes})[0] == 201
    assert service.post("/billing-runs", {"season": SEASON})[1]["billed"] == 3
    collected(service, "9000000001", ("2025-10-20", 100000))
    assert assigned(service, ("幸福小区", "西区所", None), ("平安里", "东区所", None))[0] == 201
    return service


def test_plan_and_collection_stand_beside_each_other(city: AccountsService) -> None:
    assert (
        plan(city, planned(rate="20"), planned("平安里", rate="0.00"), planned("西区所", scope="branch", rate="25.5"))[
            0
        ]
        == 201
    )
    answer = compared(city)
    assert (answer["on"], answer["source"]) == ("2025-10-20", "now")
    told = [
        (each["scope"], each["name"], each["planned_rate"], each["collection_rate"], each["variance"])
        for each in answer["targets"]
    ]
    # 1,000.00 of 4,660.76
    assert told == [
        ("branch", "西区所", "25.50", "21.46", "-4.04"), ("compound", "平安里", "0.00", "0.00", "0.00"),
        ("compound", "幸福小区", "20.00", "21.46", "1.46"),
    ]  # fmt: skip


def test_a_month_without_a_plan_is_compared_with_the_last_one_before_it(city: AccountsService) -> None:
    plan(city, planned(month="2025-09", rate="10"), planned(month="2025-11", rate="60"))
    (only,) = compared(city)["targets"]
    assert (only["planned_for"], only["planned_rate"]) == ("2025-09", "10.00")
    assert compared(city, "2025-08")["targets"] == []


def test_a_month_that_was_frozen_is_compared_as_it_was_frozen(city: AccountsService) -> None:
    plan(city, planned(rate="20"))
    city.set_day(date(2025, 11, 1))
    taken(city)
    collected(city, "9000000002", ("2025-10-31", 233038))
    answer = compared(city)
    assert (answer["source"], answer["targets"][0]["received"]) == ("month_end", "1000.00")
    assert compared(city, "2025-11")["targets"][0]["received"] == "3330.38"


def test_nothing_to_receive_is_no_rate(city: AccountsService) -> None:
    assert city.post("/accounts", {"accounts": [a_home(4, compound="新小区")]})[0] == 201
    plan(city, planned("新小区", rate="20"))
    (only,) = compared(city)["targets"]
    assert (only["collection_rate"], only["variance"], only["billed"]) == (None, None, "0.00")


def test_a_later_plan_replaces_a_month_and_the_same_again_changes_nothing(city: AccountsService) -> None:
    assert plan(city, planned(rate="20"))[1] == {"plans": 1, "new": 1, "unchanged": 0}
    before = city.rows("SELECT count(*) FROM collection_plans")
    assert plan(city, planned(rate="20.00"))[1] == {"plans": 1, "new": 0, "unchanged": 1}
    assert city.rows("SELECT count(*) FROM collection_plans") == before
    assert plan(city, planned(rate="30"))[1]["new"] == 1
    listed = city.get(f"/plans?season={SEASON}")[1]
    assert listed["plans"] == [{"scope": "compound", "name": "幸福小区", "month": "2025-10", "planned_rate": "30.00"}]


def test_plans_are_listed_by_pages(city: AccountsService) -> None:
    plan(city, planned(month="2025-10"), planned(month="2025-11"), planned(month="2025-12"))
    first = city.get(f"/plans?season={SEASON}&limit=2")[1]
    second = city.get(f"/plans?season={SEASON}&limit=2&after={first['next']}")[1]
    assert [each["month"] for each in first["plans"] + second["plans"]] == ["2025-10", "2025-11", "2025-12"]
    assert second["next"] is None


def test_a_preview_writes_nothing(city: AccountsService) -> None:
    before = city.content()
    assert plan(city, planned(), preview=True) == (200, {"plans": 1, "new": 1, "unchanged": 0})
    assert city.content() == before


@pytest.mark.parametrize(
    ("rows", "code", "place"),
    [
        ([planned(rate="40"), planned(month="2025-11", rate="39.99")], "plan_falls", "plans/1"),
        ([planned(month="2025-11", rate="20"), planned(rate="30")], "plan_falls", "plans/0"),
        ([planned(), planned(rate="50")], "plan_twice", "plans/1"),
        ([planned(), planned("没有的小区")], "unknown_compound", "plans/1"),
        ([planned("幸福小区", scope="branch")], "unknown_branch", "plans/0"),
        ([planned(month="2027-01")], "plan_month_outside", "plans/0"),
        ([planned(month="2024-12")], "plan_month_outside", "plans/0"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_with_the_whole_list(
    city: AccountsService, rows: list[dict[str, Any]], code: str, place: str
) -> None:
    before = city.content()
    status, answer = plan(city, *rows)
    assert (status // 100, answer["code"], answer["facts"]["place"]) == (4, code, place)
    assert city.content() == before


def test_a_plan_does_not_fall_below_what_is_planned_already(city: AccountsService) -> None:
    plan(city, planned(rate="40"))
    assert plan(city, planned(month="2025-12", rate="30"))[1]["code"] == "plan_falls"
    assert plan(city, planned(month="2025-09", rate="50"))[1]["code"] == "plan_falls"
    assert plan(city, planned(month="2025-09", rate="50"), planned(rate="55"))[0] == 201


def test_a_month_that_has_not_begun_is_not_compared(city: AccountsService) -> None:
    status, answer = city.get(f"/plans/variance?season={SEASON}&month=2025-11")
    assert (status, answer["code"]) == (409, "month_not_over")


# Files

GOOD = (SEASON, "小区", "幸福小区", "2025-10", "40")


def csv_bytes(*rows: Sequence[str], headings: Sequence[str] = HEADINGS, encoding: str = "utf-8") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([headings, *rows])
    return text.getvalue().encode(encoding)


def workbook(*rows: Sequence[Any]) -> bytes:
    book = openpyxl.Workbook()
    for row in [HEADINGS, *rows]:
        book.active.append(list(row))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def sent(service: AccountsService, content: bytes, *, role: str = "finance", **form: str) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {service.token(role)}", "Idempotency-Key": uuid.uuid4().hex}
    data = {"file": (io.BytesIO(content), "计划.csv"), **form}
    answer = service.client.post("/plans/imports", headers=headers, data=data)
    return answer.status_code, json.loads(answer.data)


@pytest.mark.parametrize(
    "content",
    [
        csv_bytes(GOOD, (SEASON, "branch", "西区所", "2025-11", "55.5%")),
        csv_bytes(GOOD, (SEASON, "分公司", "西区所", "2025-11", "55.5"), encoding="gb18030"),
        b"\xef\xbb\xbf" + csv_bytes(GOOD, (), (SEASON, "分公司", "西区所", "2025-11", " 55.50 ")),
        csv_bytes(("2025-10", "幸福小区", "40", SEASON, "小区"), ("2025-11", "西区所", "55.5", SEASON, "分公司"),
                  headings=[HEADINGS[place] for place in (3, 2, 4, 0, 1)]),
        workbook(GOOD, (SEASON, "分公司", "西区所", date(2025, 11, 1), 55.5)),
    ],
    ids=["utf-8", "gb18030", "marked, blanks", "other order", "workbook"],
)  # fmt: skip
def test_a_plan_is_taken_from_a_file(city: AccountsService, content: bytes) -> None:
    assert sent(city, content) == (201, {"plans": 2, "new": 2, "unchanged": 0})
    assert [(each["name"], each["planned_rate"]) for each in city.get(f"/plans?season={SEASON}")[1]["plans"]] == [
        ("西区所", "55.50"), ("幸福小区", "40.00"),
    ]  # fmt: skip
    assert sent(city, content)[1]["new"] == 0


def test_a_dry_run_writes_nothing(city: AccountsService) -> None:
    before = city.content()
    assert sent(city, csv_bytes(GOOD), dry_run="true") == (200, {"plans": 1, "new": 1, "unchanged": 0})
    assert city.content() == before


def test_every_cell_that_cannot_be_read_is_named_and_nothing_is_taken(city: AccountsService) -> None:
    before = city.content()
    status, answer = sent(city, csv_bytes(
        GOOD, ("2025", "楼栋", "", "2025年10月", "0.4"), (SEASON, "小区", "幸福小区", "2025-11", "101"),
        (SEASON, "小区", "幸福小区", "2025-12", "1"),
    ))  # fmt: skip
    assert (status, answer["code"]) == (400, "plan_file_refused")
    assert [(fault["row"], fault["column"], fault["value"]) for fault in answer["facts"]["faults"]] == [
        (3, "采暖季", "2025"), (3, "范围", "楼栋"), (3, "名称", ""), (3, "月份", "2025年10月"), (3, "计划收费率", "0.4"),
        (4, "计划收费率", "101"), (5, "计划收费率", "1"),
    ]  # fmt: skip
    assert all(fault["remedy"] for fault in answer["facts"]["faults"])
    assert city.content() == before


def test_a_plan_that_cannot_be_is_refused_with_its_row(city: AccountsService) -> None:
    rows = (GOOD, (), (SEASON, "小区", "幸福小区", "2025-11", "30"))
    for content, row in ((csv_bytes(*rows), 4), (workbook(*rows), 4)):
        status, answer = sent(city, content)
        assert (status, answer["code"], answer["facts"]["row"]) == (400, "plan_falls", row)


@pytest.mark.parametrize(
    "content",
    [
        b"", b"\x00\x01", b"%PDF-1.7", b"\xff\xfe1\x00", csv_bytes(), csv_bytes(GOOD, headings=HEADINGS[:4]),
        csv_bytes((*GOOD, "x"), headings=[*HEADINGS, "备注"]), csv_bytes((*GOOD, "x")),
        csv_bytes((*GOOD, "1"), headings=[*HEADINGS, "月份"]), csv_bytes(GOOD)[:-3] + b'"', b"PK\x03\x04broken",
        workbook((*GOOD[:4], "=20+20")),
        "采暖季,范围".encode("gb18030") + "名称".encode(),
    ],
)  # fmt: skip
def test_a_file_that_is_no_plan_is_refused_whole(city: AccountsService, content: bytes) -> None:
    before = city.content()
    status, answer = sent(city, content)
    assert (status // 100, answer["code"] != "invalid_input") == (4, True), answer
    assert answer["remedy"]
    assert city.content() == before


def test_a_file_with_too_many_rows_is_refused() -> None:
    rows = (PlanRow(number, GOOD) for number in range(2, ROWS_MAX + 4))
    with pytest.raises(PlanFileRefused) as refused:
        read_plan_rows(rows)
    assert refused.value.facts["faults"][-1]["row"] == ROWS_MAX + 2


def test_only_planners_send_files(city: AccountsService) -> None:
    for role in ("cashier", "clerk", "auditor"):
        assert sent(city, csv_bytes(GOOD), role=role)[0] == 403


# Laws

rates = st.integers(0, 10000).map(lambda hundredths: Decimal(hundredths) / 100)
MONTHS = [date(2025, month, 1) for month in range(1, 13)]


@given(pcts=st.lists(rates, min_size=1, max_size=12))
def test_a_plan_is_taken_exactly_where_it_never_falls(pcts: list[Decimal]) -> None:
    rows = [PlannedMonth(2025, "compound", "甲", month, pct) for month, pct in zip(MONTHS, pcts, strict=False)]
    if pcts == sorted(pcts):
        assert_plan(rows, {}, place="plans")
    else:
        with pytest.raises(PlanFalls):
            assert_plan(rows, {}, place="plans")


@given(actual=st.fractions(0, 1), pct=rates)
def test_who_is_exactly_at_the_plan_is_neither_ahead_nor_behind(actual: Fraction, pct: Decimal) -> None:
    assert variance(Fraction(pct) / 100, pct) == 0
    behind = variance(actual, pct)
    assert behind is not None
    assert (behind < 0) == (actual * 100 < Fraction(pct))


# Bad input


@pytest.mark.parametrize(
    "plans",
    [[], None, {}, [{}], [planned(rate="100.01")], [planned(rate="-1")], [planned(rate="4e1")], [planned(rate=".5")],
     [planned(rate="1.234")], [planned(planned_rate=40)], [planned(planned_rate=None)], [planned(month="2025-1")],
     [planned(month=None)], [planned(season="2025")], [planned(scope="city")], [planned(scope=None)], [planned("")],
     [planned("长" * 81)], [planned(colour="red")], [planned(f"{number}") for number in range(1001)],
     *([{key: value for key, value in planned().items() if key != missing}] for missing in planned())],
)  # fmt: skip
def test_plans_that_cannot_be_read_are_refused(desk: Desk, plans: Any) -> None:
    before = desk.content()
    status, answer = desk.post("/plans", {"plans": plans})
    assert (status // 100, answer["code"]) == (4, "invalid_input")
    assert desk.content() == before


@pytest.mark.parametrize(
    "query", ["", f"season={SEASON}", f"season={SEASON}&month=10", "month=2025-10", f"season={SEASON}&month=2025-10&by=x",
              f"season={SEASON}&month=2025-10&limit=0"],
)  # fmt: skip
def test_a_question_that_cannot_be_read_is_refused(desk: Desk, query: str) -> None:
    assert desk.get(f"/plans/variance?{query}")[1]["code"] == "invalid_input"


def test_other_roles_neither_plan_nor_read(desk: Desk) -> None:
    assert desk.post("/plans", {"plans": [planned()]}, roles=["clerk"])[0] == 403
    assert desk.get(f"/plans?season={SEASON}", roles=["cashier"])[0] == 403
