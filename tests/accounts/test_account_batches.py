"""A verb for many accounts (`start_batch`, `work_off_batch`, `tell_batch_outcomes`): fixed, done around those that are
refused, each with its outcome, once, whoever is killed in between.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from services.accounts import batching
from services.accounts.api.approval_kinds import kinds
from services.accounts.api.batch_verbs import BATCH_VERBS, carry_out_by, is_already
from services.accounts.batching import Batching, work_off
from services.accounts.domain.account_batch import PAGE_ACCOUNTS, Batch
from services.accounts.domain.approval_effect import Effect, EffectLine
from services.accounts.formats.account_list import AccountListRefused, read_account_list
from services.accounts.gateways.payments import Payments, PaymentsUnavailable
from services.accounts.use_cases.tell_batch_outcomes import tell_batch_outcomes
from services.accounts.use_cases.work_off_batch import WorkOffBatch, work_off_batch
from shared.chassis.unit_of_work import Caller, Work
from shared.kernel.errors import Refusal
from tests.accounts.approval_desk import rules
from tests.accounts.lifecycle_desk import Desk

RESUME = {"reason": "they come back"}


def start(desk: Desk, verb: str, request: dict[str, Any], *, mode: str = "do", **chosen: Any) -> int:
    status, answer = desk.post("/account-batches", {"verb": verb, "mode": mode, "request": request, **chosen})
    assert status == 201, answer
    assert (answer["state"], answer["mode"]) == ("running", mode)
    return int(answer["batch_id"])


def worked_off(desk: Desk, batch_id: int) -> dict[str, Any]:
    work_off(desk.runtime.commands, carry_out_by(Payments(desk.payments).overdue), is_already, batch_id)
    return told(desk, batch_id)


def told(desk: Desk, batch_id: int) -> dict[str, Any]:
    status, answer = desk.get(f"/account-batches/{batch_id}")
    assert status == 200, answer
    return dict(answer)


def outcomes(desk: Desk, batch_id: int) -> dict[str, tuple[str, str | None]]:
    answer = desk.get(f"/account-batches/{batch_id}/outcomes?limit=1000")[1]
    return {each["account_no"]: (each["outcome"], each["code"]) for each in answer["outcomes"]}


def test_a_whole_building_is_suspended_and_nobody_else(desk: Desk) -> None:
    desk.set_day(date(2025, 9, 20))
    here = [desk.billed_home(building="B7", unit=unit) for unit in ("1", "1", "2")]
    other = desk.billed_home(building="B8")
    where = {"compound": "幸福小区", "building": "B7"}
    batch_id = start(desk, "suspend", {"season": "2025-2026", "reason": "empty house"}, where=where)
    report = worked_off(desk, batch_id)
    assert (report["state"], report["done"], report["refused"], report["waiting"]) == ("done", 3, 0, 0)
    assert report["amount"] == f"{-3 * (233038 - 69911) / 100:.2f}"
    assert report["chosen"] == {"where": where}
    assert [desk.state(home) for home in (*here, other)] == ["suspended"] * 3 + ["active"]
    unit = start(desk, "resume", RESUME, where={**where, "unit": "2"})
    assert worked_off(desk, unit)["done"] == 1
    assert [desk.state(home) for home in here] == ["suspended", "suspended", "active"]


def test_the_refused_are_told_and_the_others_are_done(desk: Desk) -> None:
    homes = [desk.billed_home() for _ in range(7)]
    for home in (homes[1], homes[2], homes[5]):
        desk.payments.owing(home, "10.00")
    report = worked_off(desk, start(desk, "disconnect", {"reason": "demolished"}, accounts=homes))
    assert (report["done"], report["refused"], report["already"]) == (4, 3, 0)
    assert report["reasons"] == [{"outcome": "refused", "code": "debt_outstanding", "accounts": 3}]
    for number, home in enumerate(homes):
        refused = number in (1, 2, 5)
        assert desk.state(home) == ("active" if refused else "disconnected")
        desk.payments.paid(home)


def test_who_is_so_already_is_no_failure(desk: Desk) -> None:
    homes = [desk.billed_home() for _ in range(3)]
    desk.do("disconnections", accounts=[homes[1]])
    batch_id = start(desk, "disconnect", {"reason": "demolished"}, accounts=homes)
    assert worked_off(desk, batch_id)["already"] == 1
    assert outcomes(desk, batch_id)[homes[1]] == ("already", "transition_refused")


def test_where_all_are_refused_all_are_told(desk: Desk) -> None:
    homes = [desk.home() for _ in range(5)]
    report = worked_off(desk, start(desk, "cut", {"reason": "arrears"}, accounts=homes))
    assert (report["done"], report["refused"]) == (0, 5)
    assert report["reasons"][0]["code"] == "nothing_overdue"


def test_a_preview_adds_up_the_money_and_changes_nothing(desk: Desk) -> None:
    homes = [desk.billed_home() for _ in range(3)]
    desk.payments.owing(homes[2], "10.00")
    batch_id = start(desk, "disconnect", {"reason": "demolished"}, mode="preview", accounts=homes)
    before = desk.rows("SELECT count(*) FROM account_moves")
    report = worked_off(desk, batch_id)
    assert (report["done"], report["refused"], report["amount"]) == (2, 1, "-4660.76")
    assert desk.rows("SELECT count(*) FROM account_moves") == before
    assert [desk.state(home) for home in homes] == ["active"] * 3
    desk.payments.paid(homes[2])
    assert worked_off(desk, start(desk, "disconnect", {"reason": "x"}, accounts=homes[:2]))["amount"] == "-4660.76"


def test_pages_are_worked_off_one_after_another(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.accounts.use_cases.start_batch.PAGE_ACCOUNTS", 2)
    homes = [desk.home() for _ in range(5)]
    batch_id = start(desk, "lock", {"kind": "ownership", "reason": "court"}, accounts=homes)
    assert len(desk.rows("SELECT 1 FROM account_batch_pages WHERE batch_id = %s", (batch_id,))) == 3
    assert worked_off(desk, batch_id)["done"] == 5
    assert (
        worked_off(desk, start(desk, "lock", {"kind": "ownership", "reason": "court"}, accounts=homes))["already"] == 5
    )
    assert worked_off(desk, start(desk, "unlock", {"kind": "ownership", "reason": "over"}, accounts=homes))["done"] == 5


def test_a_step_that_dies_is_done_once_by_the_next(desk: Desk) -> None:
    homes = [desk.billed_home() for _ in range(3)]
    batch_id = start(desk, "disconnect", {"reason": "demolished"}, accounts=homes)
    carry_out = carry_out_by(Payments(desk.payments).overdue)

    def dying(*words: Any) -> Any:
        carry_out(*words)
        raise RuntimeError("killed")

    with pytest.raises(RuntimeError):
        work_off(desk.runtime.commands, dying, is_already, batch_id)
    assert told(desk, batch_id)["waiting"] == 3
    assert worked_off(desk, batch_id)["done"] == 3
    assert [len(desk.corrections(home)) for home in homes] == [1, 1, 1]
    assert worked_off(desk, batch_id)["done"] == 3


def test_two_workers_do_each_account_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.accounts.use_cases.start_batch.PAGE_ACCOUNTS", 2)
    homes = [desk.billed_home() for _ in range(8)]
    batch_id = start(desk, "disconnect", {"reason": "demolished"}, accounts=homes)
    threads = [threading.Thread(target=worked_off, args=(desk, batch_id)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    worked_off(desk, batch_id)
    assert [len(desk.corrections(home)) for home in homes] == [1] * 8
    assert told(desk, batch_id)["done"] == 8


def test_while_payments_is_away_nothing_is_told_and_everything_waits(desk: Desk) -> None:
    homes = [desk.billed_home() for _ in range(2)]
    batch_id = start(desk, "disconnect", {"reason": "demolished"}, accounts=homes)
    desk.payments.away = True
    with pytest.raises(PaymentsUnavailable):
        worked_off(desk, batch_id)
    assert told(desk, batch_id)["waiting"] == 2
    desk.payments.away = False
    assert worked_off(desk, batch_id)["done"] == 2


def test_a_refusal_that_names_nobody_is_found_by_halves(desk: Desk) -> None:
    homes = [desk.home() for _ in range(5)]
    carry_out = carry_out_by(Payments(desk.payments).overdue)

    def silent(batch: Any, account_nos: Any, work: Any) -> Any:
        if homes[3] in account_nos:
            raise Refusal("something is wrong with one of them")
        return carry_out(batch, account_nos, work)

    batch_id = start(desk, "lock", {"kind": "ownership", "reason": "court"}, accounts=homes)
    work_off(desk.runtime.commands, silent, is_already, batch_id)
    assert outcomes(desk, batch_id)[homes[3]] == ("refused", "refused")
    assert told(desk, batch_id)["done"] == 4


def test_what_needs_a_second_person_is_not_divided_away_by_pages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.accounts.use_cases.start_batch.PAGE_ACCOUNTS", 1)
    homes = sorted(desk.billed_home() for _ in range(3))
    gone = {"verb": "disconnect", "mode": "do", "request": {"reason": "x"}, "accounts": homes}
    try:
        rules(desk, disconnect_account={"from_homes": 3})
        assert desk.post("/account-batches", gone)[1]["code"] == "needs_approval"
        assert desk.post("/account-batches", {**gone, "mode": "preview"})[0] == 201
        rules(desk, disconnect_account={"from_amount": "4660.76"})
        batch_id = start(desk, "disconnect", {"reason": "x"}, accounts=homes)
        report = worked_off(desk, batch_id)
    finally:
        rules(desk, disconnect_account={})
    assert (report["done"], report["refused"], report["amount"]) == (1, 2, "-2330.38")
    assert report["reasons"] == [{"outcome": "refused", "code": "needs_approval", "accounts": 2}]


def test_two_steps_at_once_pass_no_more_than_one_after_the_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.accounts.use_cases.start_batch.PAGE_ACCOUNTS", 1)
    homes = sorted(desk.billed_home() for _ in range(2))
    carry_out, both, done = carry_out_by(Payments(desk.payments).overdue), threading.Barrier(2), []

    def slowly(batch: Batch, account_nos: Sequence[str], work: Work) -> Sequence[int]:
        amounts = carry_out(batch, account_nos, work)
        with suppress(threading.BrokenBarrierError):
            both.wait(timeout=1)  # whoever is alone here goes on: the other one waits for the end of this step
        return amounts

    def step(page: int) -> None:
        with suppress(Refusal):
            command = WorkOffBatch(batch_id, page, 1, slowly)
            done.append(desk.runtime.commands.run(work_off_batch, command, caller=Caller("staff:zhang")))

    rules(desk, disconnect_account={"from_amount": "4660.76"})  # what both come to
    try:
        batch_id = start(desk, "disconnect", {"reason": "x"}, accounts=homes)
        steps = [threading.Thread(target=step, args=(page,)) for page in (1, 2)]
        for thread in steps:
            thread.start()
        for thread in steps:
            thread.join()
    finally:
        rules(desk, disconnect_account={})
    assert len(done) == 1


def test_two_directions_of_one_home_are_not_set_off_between_steps(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home that an employer pays for becomes cheaper for one payer and dearer for another: together that is not nothing."""
    monkeypatch.setattr("services.accounts.use_cases.start_batch.PAGE_ACCOUNTS", 1)
    homes = sorted(desk.billed_home() for _ in range(2))
    kind = kinds()["disconnect_account"]

    def both_ways(answer: Any) -> Effect:
        lines = [EffectLine(each["account_no"], None, None, 0) for each in answer["accounts"]]
        return Effect(len(lines), 1000 * len(lines), 1000 * len(lines), tuple(lines))

    monkeypatch.setitem(kinds(), "disconnect_account", replace(kind, effect=both_ways))
    monkeypatch.setattr("services.accounts.api.batch_verbs._changed_fen", lambda _told: 0)
    rules(desk, disconnect_account={"from_amount": "40.00"})
    try:
        report = worked_off(desk, start(desk, "disconnect", {"reason": "x"}, accounts=homes))
    finally:
        rules(desk, disconnect_account={})
    assert (report["done"], report["refused"]) == (1, 1)


def test_what_a_person_does_in_batches_on_a_day_counts_together_where_the_rule_says_so(desk: Desk) -> None:
    desk.set_day(date(2033, 5, 1))
    first, second = desk.home(), desk.home()
    try:
        rules(desk, disconnect_account={"from_homes": 2, "whole_day": True})
        assert worked_off(desk, start(desk, "disconnect", {"reason": "x"}, accounts=[first]))["done"] == 1
        assert worked_off(desk, start(desk, "disconnect", {"reason": "x"}, accounts=[second]))["refused"] == 1
        assert (
            desk.post("/accounts/disconnections", {"accounts": [second], "reason": "x"})[1]["code"] == "needs_approval"
        )
    finally:
        rules(desk, disconnect_account={})
        desk.set_day(date(2025, 10, 20))


def test_the_history_names_who_asked_and_not_the_worker(desk: Desk) -> None:
    home = desk.billed_home()
    worked_off(desk, start(desk, "disconnect", {"reason": "demolished"}, accounts=[home]))
    (move,) = [each for each in desk.get(f"/accounts/{home}/state")[1]["moves"] if each["verb"] == "disconnect"]
    assert (move["by"], move["reason"]) == ("staff:zhang", "demolished")


def test_the_worker_takes_batches_by_itself(desk: Desk) -> None:
    home = desk.billed_home()
    batch_id = start(desk, "disconnect", {"reason": "demolished"}, accounts=[home])
    stop = threading.Event()
    carry_out = carry_out_by(Payments(desk.payments).overdue)
    thread = Batching(desk.runtime.commands, carry_out, is_already, stop=stop, poll_seconds=0.02)
    thread.start()
    for _ in range(500):
        if told(desk, batch_id)["state"] == "done":
            break
        stop.wait(0.02)
    stop.set()
    thread.join(10)
    assert desk.state(home) == "disconnected"


def test_outcomes_are_paged_and_filtered(desk: Desk) -> None:
    homes = sorted(desk.billed_home() for _ in range(3))
    desk.payments.owing(homes[1], "10.00")
    batch_id = start(desk, "disconnect", {"reason": "x"}, accounts=homes)
    worked_off(desk, batch_id)
    page = desk.get(f"/account-batches/{batch_id}/outcomes?outcome=done&limit=1")[1]
    assert ([each["account_no"] for each in page["outcomes"]], page["next"]) == ([homes[0]], homes[0])
    rest = desk.get(f"/account-batches/{batch_id}/outcomes?outcome=done&after={page['next']}")[1]
    assert ([each["account_no"] for each in rest["outcomes"]], rest["next"]) == ([homes[2]], None)
    desk.payments.paid(homes[1])


def test_batches_are_listed_the_newest_first(desk: Desk) -> None:
    first, second = (
        start(desk, "lock", {"kind": "ownership", "reason": "x"}, accounts=[desk.home()]) for _ in range(2)
    )
    page = desk.get("/account-batches?limit=1")[1]
    assert ([each["batch_id"] for each in page["batches"]], page["next"]) == ([second], second)
    rest = desk.get(f"/account-batches?limit=1&before={page['next']}")[1]
    assert [each["batch_id"] for each in rest["batches"]] == [first]
    assert desk.get(f"/account-batches?before={10**17}")[1]["code"] == "unknown_batch"
    assert desk.get("/account-batches?limit=0")[0] == 422


def test_the_same_key_starts_one_batch(desk: Desk) -> None:
    body = {"verb": "lock", "mode": "do", "request": {"kind": "ownership", "reason": "x"}, "accounts": [desk.home()]}
    first, again = (desk.post("/account-batches", body, key="batch-1") for _ in range(2))
    assert first == again
    assert (
        desk.post("/account-batches", {**body, "mode": "preview"}, key="batch-1")[1]["code"] == "idempotency_key_reused"
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"verb": "open"}, "invalid_input"),
        ({"verb": None}, "invalid_input"),
        ({"mode": "try"}, "invalid_input"),
        ({"request": {}}, "invalid_input"),
        ({"request": {"reason": "x", "season": "2025"}}, "invalid_input"),
        ({"request": {"reason": "x", "season": "2025-2026", "preview": True}}, "invalid_input"),
        ({"request": {"reason": "x", "season": "2025-2026", "suspensions": []}}, "invalid_input"),
        ({"request": {"reason": "x", "season": "2025-2026", "colour": "red"}}, "invalid_input"),
        ({"request": {"reason": "x", "season": "2025-2026", "after_deadline": True}}, "invalid_input"),
        ({"request": []}, "invalid_input"),
        ({"accounts": []}, "invalid_input"),
        ({"accounts": ["0119999999"]}, "unknown_account"),
        ({"accounts": ["0119999999", "0119999999"]}, "invalid_input"),
        ({"accounts": None}, "invalid_input"),
        ({"accounts": [1]}, "invalid_input"),
        ({"where": {"compound": "nowhere"}}, "nobody_chosen"),
        ({"where": {}}, "invalid_input"),
        ({"where": {"street": "x"}}, "invalid_input"),
        ({"where": {"compound": ""}}, "invalid_input"),
        ({}, "invalid_input"),
        ({"where": {"compound": "x"}, "accounts": ["0119999999"]}, "invalid_input"),
    ],
)
def test_a_batch_that_cannot_be_is_refused_before_it_begins(desk: Desk, words: dict[str, Any], code: str) -> None:
    good = {"verb": "suspend", "mode": "do", "request": {"reason": "x", "season": "2025-2026"}}
    before = desk.content()
    status, answer = desk.post("/account-batches", {**good, **words})
    assert (status >= 400, answer["code"]) == (True, code)
    assert desk.content() == before


def test_a_clerk_asks_for_what_a_clerk_may_do(desk: Desk) -> None:
    home = desk.home()
    body = {"mode": "do", "request": RESUME, "accounts": [home]}
    assert desk.post("/account-batches", {"verb": "disconnect", **body}, roles=["clerk"])[1]["code"] == "forbidden"
    assert desk.post("/account-batches", {"verb": "resume", **body}, roles=["clerk"])[0] == 201
    assert desk.post("/account-batches", {"verb": "resume", **body}, roles=["cashier"])[0] == 403


@pytest.mark.parametrize("number", ["0", "x", "9" * 19, "1.0"])
def test_a_batch_that_is_none_is_not_found(desk: Desk, number: str) -> None:
    assert desk.get(f"/account-batches/{number}")[1]["code"] == "unknown_batch"
    assert desk.get(f"/account-batches/{number}/outcomes")[1]["code"] == "unknown_batch"


# Lists from a file


def sent(desk: Desk, content: bytes, **form: str) -> tuple[int, Any]:
    fields = {"verb": "lock", "mode": "do", "request": '{"kind": "ownership", "reason": "x"}', **form}
    headers = {
        "Authorization": f"Bearer {desk.token('supervisor')}",
        "Idempotency-Key": f"file-{id(content)}-{len(content)}",
    }
    answer = desk.client.post("/account-batches/files", data={**fields, "file": (io.BytesIO(content), "../list.csv")},
                              headers=headers, content_type="multipart/form-data")  # fmt: skip
    return answer.status_code, answer.json


def test_a_list_from_a_file_is_a_batch_like_any_other(desk: Desk) -> None:
    homes = [desk.home() for _ in range(3)]
    status, answer = sent(desk, ("户号\r\n" + "\r\n".join(homes) + "\r\n").encode("gb18030"))
    assert (status, answer["accounts"]) == (201, 3)
    assert worked_off(desk, answer["batch_id"])["done"] == 3


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        ("户号\n".encode(), "no_rows"),
        ("户号\n110000001\n".encode(), "account_list_refused"),
        ("姓名,备注\nx,y\n".encode(), "heading_missing"),
        (b"%PDF-1.7", "not_a_ledger"),
        (b"PK\x03\x04broken", "workbook_broken"),
        ("户号\n0119999999\n".encode(), "unknown_account"),
    ],
)
def test_a_file_that_is_no_list_starts_nothing(desk: Desk, content: bytes, code: str) -> None:
    assert sent(desk, content)[1]["code"] == code


def test_what_is_asked_of_a_file_is_checked_as_well(desk: Desk) -> None:
    content = f"户号\n{desk.home()}\n".encode()
    for form in ({"request": "[]"}, {"request": "{"}, {"request": "{}"}, {"verb": "open"}, {"mode": "x"}):
        assert sent(desk, content, **form)[1]["code"] == "invalid_input"


def written(path: Path, *rows: tuple[Any, ...]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def test_a_workbook_is_read_by_its_first_sheet_whatever_else_stands_beside(tmp_path: Path) -> None:
    path = written(tmp_path / "list.xlsx", ("姓名", "户号"), ("王", "0110000001"), (None, None), ("李", 1100000012))
    assert read_account_list(path) == ("0110000001", "1100000012")


def test_cells_that_are_no_numbers_are_told_with_place_and_remedy(tmp_path: Path) -> None:
    path = written(tmp_path / "list.xlsx", ("户号",), ("0110000001",), (110000002,), ("x",))
    with pytest.raises(AccountListRefused) as refused:
        read_account_list(path)
    faults = refused.value.facts["faults"]
    assert [(fault["row"], fault["column"], fault["value"]) for fault in faults] == [(3, 1, "110000002"), (4, 1, "x")]
    assert "leading zeros" in faults[0]["remedy"]


def test_a_list_needs_no_heading_when_it_has_one_column(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("0110000001\n0110000002\n", encoding="utf-8")
    assert read_account_list(path) == ("0110000001", "0110000002")


def test_every_verb_of_the_table_is_tried_above_or_takes_the_same_for_all() -> None:
    assert PAGE_ACCOUNTS <= 1000
    for verb in BATCH_VERBS.values():
        assert {"accounts", verb.items} & set(verb.schema().fields)
    assert {batching.work_off_batch, batching.tell_batch_outcomes} == {work_off_batch, tell_batch_outcomes}
