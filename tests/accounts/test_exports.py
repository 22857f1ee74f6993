"""Exports: asked for (request_export), written in the background, whole or not at all, and fetched by those who may."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import psycopg
import pytest

from services.accounts import exporting
from services.accounts.domain.export import KEPT, OPEN_MOST, TRIES_MAX
from services.accounts.exporting import Exporting, export_file, sweep_exports, write_exports
from services.accounts.queries.listings import listings
from services.accounts.use_cases.begin_export import BeginExport, begin_export
from services.accounts.use_cases.expire_exports import ExpireExports, NothingExpired, expire_exports
from services.accounts.use_cases.fail_export import FailExport, fail_export
from services.accounts.use_cases.finish_export import FinishExport, finish_export
from shared.chassis.unit_of_work import Caller
from shared.kernel.lifecycle import TransitionRefused
from tests.accounts.billing_steps import bill, open_homes
from tests.accounts.conftest import AccountsService, a_home
from tests.accounts.test_billing_runs import variables

WORKER = Caller("worker:exports")


@pytest.fixture
def five(service: AccountsService) -> AccountsService:
    """Five homes, billed."""
    open_homes(service, *(a_home(n, account_no=f"011000000{n}", phone="13912345678") for n in range(1, 6)))
    bill(service)
    return service


def ask(service: AccountsService, resource: str = "accounts", *, format: str = "csv", login: str = "zhang",  # noqa: A002
        roles: tuple[str, ...] = ("clerk",), **words: Any) -> int:  # fmt: skip
    body = {"resource": resource, "format": format, **words}
    status, answer = service.post("/exports", body, roles=roles, login=login)
    assert (status, answer["state"]) == (201, "queued"), answer
    return int(answer["export_id"])


def work_folder(service: AccountsService) -> Path:
    folder = service.runtime.settings.work_folder
    assert folder is not None
    return folder


def write(service: AccountsService) -> int:
    return write_exports(service.runtime.commands, work_folder(service))


def told(service: AccountsService, export_id: int, **how: Any) -> dict[str, Any]:
    status, answer = service.get(f"/exports/{export_id}", **{"roles": ["finance"], **how})
    assert status == 200, answer
    return dict(answer)


def fetched(
    service: AccountsService, export_id: int, *, roles: tuple[str, ...] = ("clerk",), login: str = "zhang"
) -> Any:
    headers = {"Authorization": f"Bearer {service.token(*roles, login=login)}"}
    return service.client.get(f"/exports/{export_id}/file", headers=headers)


def lines(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf"), "a spreadsheet reads UTF-8 by its mark"
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_list_is_asked_for_written_and_fetched(five: AccountsService) -> None:
    export_id = ask(
        five, columns=["account_no", "name", "phone", "building_area", "opened_on"], filters={"compound": "幸福小区"}
    )
    assert told(five, export_id)["state"] == "queued"
    assert fetched(five, export_id).status_code == 409
    assert write(five) == 1
    answer = fetched(five, export_id)
    assert lines(answer.data)[0] == ["户号", "户名", "电话", "建筑面积", "开户日期"]
    assert lines(answer.data)[1] == ["0110000001", "王秀英", "139****5678", "89.63", "2025-10-20"]
    assert len(lines(answer.data)) == 6
    done = told(five, export_id)
    assert (done["state"], done["rows"], done["bytes"]) == ("done", 5, len(answer.data))
    assert done["sha256"] == answer.headers["X-File-SHA256"] == hashlib.sha256(answer.data).hexdigest()
    assert answer.headers["Content-Disposition"] == f"attachment; filename=accounts-{export_id}.csv"


def test_an_export_shows_what_the_list_shows(five: AccountsService) -> None:
    for name, listing in listings().items():
        export_id = ask(five, name, roles=("supervisor",))
        write(five)
        table = lines(fetched(five, export_id).data)
        items = five.get(f"/{name.replace('_', '-')}?limit=1000")[1]["items"]
        assert len(table) - 1 == len(items), name
        texts = [n for n, column in enumerate(listing.columns) if column.kind not in ("instant", "flag")]
        for row, item in zip(table[1:], items, strict=True):
            shown = [
                str(item[listing.columns[n].name] if item[listing.columns[n].name] is not None else "") for n in texts
            ]
            assert [row[n] for n in texts] == shown


def test_a_workbook_holds_text_as_text_numbers_as_numbers_and_days_as_days(five: AccountsService) -> None:
    export_id = ask(five, "bills", format="xlsx")
    write(five)
    sheet = openpyxl.load_workbook(io.BytesIO(fetched(five, export_id).data)).active
    assert sheet is not None
    assert sheet.title == "热费账单"
    head, first = list(sheet.iter_rows(min_row=1, max_row=2))
    row = {title.value: cell for title, cell in zip(head, first, strict=True)}
    assert (row["户号"].value, row["户号"].data_type) == ("0110000001", "s")
    assert (str(row["应收金额"].value), row["应收金额"].number_format) == ("2330.38", "#,##0.00")
    assert (row["出账日期"].value.date(), row["采暖季"].value) == (date(2025, 10, 20), "2025-2026")


HOSTILE = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1", "＠x", '=HYPERLINK("http://x","点")', "=cmd|' /C calc'!A0"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_would_be_calculated_is_text_in_every_format(service: AccountsService, name: str) -> None:
    """6.1-70: the ledger keeps such a name to the letter; what opens in a spreadsheet must not run it."""
    open_homes(service, a_home(1, name=name))
    for format_ in ("csv", "xlsx"):
        export_id = ask(service, format=format_, columns=["name", "building_area"])
        write(service)
        content = fetched(service, export_id).data
        if format_ == "csv":
            assert lines(content)[1] == ["'" + name, "89.63"]
        else:
            sheet = openpyxl.load_workbook(io.BytesIO(content)).active
            assert sheet is not None
            assert (sheet["A2"].value, sheet["A2"].data_type) == (name, "s")


def test_a_reduction_stays_a_number(five: AccountsService) -> None:
    five.post("/accounts/areas", {"areas": [{"account_no": "0110000001", "building_area": "80.00"}], "reason": "复测"})
    export_id = ask(five, "bill_corrections", columns=["amount", "reason"])
    write(five)
    amount, reason = lines(fetched(five, export_id).data)[1]
    assert (amount[0], reason) == ("-", "复测")


@pytest.mark.parametrize(("roles", "login", "status"), [
    (("clerk",), "zhang", 200), (("clerk",), "li", 404), (("supervisor",), "li", 404), (("auditor",), "li", 404),
    (("finance",), "li", 200), (("system_admin",), "li", 200), (("cashier",), "zhang", 403),
])  # fmt: skip
def test_a_file_is_open_to_its_maker_and_to_finance_and_system_admin(
    five: AccountsService, roles: tuple[str, ...], login: str, status: int
) -> None:
    export_id = ask(five)
    write(five)
    assert fetched(five, export_id, roles=roles, login=login).status_code == status


def test_everybody_sees_the_own_exports_and_finance_all(five: AccountsService) -> None:
    mine = [ask(five, login="zhang") for _ in range(3)]
    other = ask(five, login="li")
    assert [each["export_id"] for each in five.get("/exports", roles=["clerk"])[1]["items"]] == mine[::-1]
    _, page = five.get("/exports?limit=2", roles=["finance"])
    assert [each["export_id"] for each in page["items"]] == [other, mine[2]]
    _, rest = five.get(f"/exports?after={page['next']}", roles=["finance"])
    assert [each["export_id"] for each in rest["items"]] == [mine[1], mine[0]]
    status, answer = five.get(f"/exports?after={page['next']}", roles=["clerk"])
    assert (status, answer["code"]) == (400, "invalid_input")


REFUSED: dict[str, dict[str, Any]] = {
    "unknown-resource": {"resource": "staff"}, "no-resource": {"resource": ...}, "unknown-format": {"format": "pdf"},
    "unknown-filter": {"filters": {"is_admin": "1"}}, "filter-of-another-list": {"filters": {"season": "2025-2026"}},
    "filter-is-no-text": {"filters": {"compound": 1}}, "filter-null": {"filters": {"compound": None}},
    "filters-are-a-list": {"filters": []}, "no-season": {"resource": "bills", "filters": {"season": "2025"}},
    "unknown-column": {"columns": ["account_no", "password"]}, "column-twice": {"columns": ["name", "name"]},
    "no-column": {"columns": []}, "101-columns": {"columns": ["name"] * 101},
    "column-of-sql": {"columns": ["1; DROP TABLE exports"]}, "path": {"path": "/etc/passwd"},
}  # fmt: skip


@pytest.mark.parametrize("changed", REFUSED.values(), ids=list(REFUSED))
def test_an_export_that_cannot_be_is_refused_at_once(service: AccountsService, changed: dict[str, Any]) -> None:
    body = {"resource": "accounts", "format": "csv", **changed}
    before = service.content()
    status, answer = service.post("/exports", {name: value for name, value in body.items() if value is not ...})
    assert (status in (400, 422), answer["code"]) == (True, "invalid_input"), answer
    assert service.content() == before


def test_filters_that_do_not_go_together_are_refused_before_anything_waits(service: AccountsService) -> None:
    body = {"resource": "accounts", "format": "csv", "filters": {"building": "3"}}
    assert service.post("/exports", body)[1]["code"] == "filter_needs_another"


def test_what_a_role_may_not_look_for_it_may_not_export(service: AccountsService) -> None:
    body = {"resource": "accounts", "format": "csv", "filters": {"id_no": "110101193106069972"}}
    assert service.post("/exports", body, roles=["finance"])[1]["code"] == "forbidden"
    assert service.post("/exports", body, roles=["cashier"])[1]["code"] == "forbidden"
    assert service.post("/exports", body, roles=["clerk"])[0] == 201


def test_the_same_key_asks_once(service: AccountsService) -> None:
    body = {"resource": "accounts", "format": "csv"}
    first, again = (service.post("/exports", body, key="once") for _ in range(2))
    assert first == again
    assert service.rows("SELECT count(*) FROM exports") == [(1,)]


def test_nobody_makes_the_worker_his_own(service: AccountsService) -> None:
    for _ in range(OPEN_MOST):
        ask(service)
    status, answer = service.post("/exports", {"resource": "accounts", "format": "csv"}, roles=["clerk"])
    assert (status, answer["code"]) == (409, "too_many_exports")
    assert ask(service, login="li")
    write(service)
    assert ask(service)


@pytest.mark.parametrize("export_id", ["4711", "x", "0x1", "-1", "9" * 30, "1%2F..%2F..", "..%2Fexports"])
@pytest.mark.parametrize("path", ["", "/file"])
def test_an_export_that_does_not_exist_is_not_found(service: AccountsService, export_id: str, path: str) -> None:
    status, answer = service.get(f"/exports/{export_id}{path}", roles=["finance"])
    assert status == 404, answer


def test_a_file_is_readable_by_its_owner_alone(five: AccountsService) -> None:
    export_id = ask(five)
    write(five)
    path = export_file(work_folder(five), export_id, "csv")
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o077) == (0o600, 0)


# Time and trouble


def test_a_file_is_gone_after_its_week(five: AccountsService) -> None:
    export_id = ask(five)
    write(five)
    sweep_exports(five.runtime.commands, work_folder(five))
    assert fetched(five, export_id).status_code == 200
    five.set_day(date(2025, 10, 20) + KEPT)
    sweep_exports(five.runtime.commands, work_folder(five))
    assert (told(five, export_id)["state"], fetched(five, export_id).status_code) == ("expired", 409)
    assert not export_file(work_folder(five), export_id, "csv").exists()
    with pytest.raises(NothingExpired):
        five.runtime.commands.run(expire_exports, ExpireExports(five.runtime.clock.now()), caller=WORKER)
    moves = five.rows("SELECT verb FROM export_moves WHERE export_id = %s ORDER BY command_id", (export_id,))
    assert [verb for (verb,) in moves] == ["ask", "begin", "finish", "expire"]


def test_what_nobody_asked_for_is_swept_and_strangers_files_are_left(five: AccountsService) -> None:
    export_id = ask(five)
    write(five)
    folder = export_file(work_folder(five), export_id, "csv").parent
    for name in ("99.csv", "99.csv.part", f"{export_id}.csv.part", "readme.txt"):
        (folder / name).write_text("x")
    five.as_owner("UPDATE exports SET state = 'expired' WHERE export_id = %s", (export_id,))
    sweep_exports(five.runtime.commands, work_folder(five))
    assert [path.name for path in folder.iterdir()] == ["readme.txt"]


def killed_while_writing(service: AccountsService, export_id: int) -> None:
    """A process of its own is killed in the middle of the file."""
    script = ("import sys, time\nfrom pathlib import Path\nfrom services.accounts import exporting\n"
              "from shared.chassis.runtime import start\nfrom shared.chassis.settings import read_settings\n"
              "exporting.tell_progress = lambda *_: (print('writing', flush=True), time.sleep(60))\n"
              "settings = read_settings('accounts')\n"
              "exporting.write_exports(start(settings).commands, Path(sys.argv[1]))\n")  # fmt: skip
    process = subprocess.Popen([sys.executable, "-c", script, str(work_folder(service))], env=variables(service),
                               stdout=subprocess.PIPE)  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == b"writing\n"
    assert told(service, export_id)["state"] == "running"
    assert write(service) == 0, "while it lives, nobody else writes the same file"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()


def test_a_writer_that_is_killed_is_followed_by_another(five: AccountsService) -> None:
    export_id = ask(five)
    killed_while_writing(five, export_id)
    part = export_file(work_folder(five), export_id, "csv").with_name(f"{export_id}.csv.part")
    assert part.exists()
    assert fetched(five, export_id).status_code == 409
    for _ in range(100):  # until the server has noticed that its client is dead
        if write(five):
            break
        time.sleep(0.05)
    assert told(five, export_id)["state"] == "done"
    assert len(lines(fetched(five, export_id).data)) == 6
    assert not part.exists()


def test_an_export_that_kills_its_writers_is_given_up(five: AccountsService) -> None:
    export_id = ask(five)
    for _ in range(TRIES_MAX):
        five.runtime.commands.run(begin_export, BeginExport(export_id), caller=WORKER)
    assert write(five) == 1
    done = told(five, export_id)
    assert (done["state"], done["reason"]) == ("failed", "interrupted")


def test_a_full_disk_fails_the_export_and_leaves_nothing(
    five: AccountsService, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    export_id = ask(five)
    monkeypatch.setattr(exporting, "tell_progress", full)
    write(five)
    done = told(five, export_id)
    assert (done["state"], done["reason"]) == ("failed", "no_space")
    assert list(export_file(work_folder(five), export_id, "csv").parent.iterdir()) == []


def test_a_worker_that_is_told_to_stop_leaves_the_export_to_the_next(five: AccountsService) -> None:
    export_id = ask(five)
    stops = iter([False, True])
    with pytest.raises(exporting.Stopped):
        write_exports(five.runtime.commands, work_folder(five), stop=lambda: next(stops))
    assert told(five, export_id)["state"] == "running"
    assert write(five) == 1
    assert told(five, export_id)["state"] == "done"


def test_several_workers_write_each_export_once(five: AccountsService) -> None:
    ids = [ask(five, login=f"clerk{n}") for n in range(8)]
    counts: list[int] = []
    workers = [threading.Thread(target=lambda: counts.append(write(five))) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert {told(five, export_id)["state"] for export_id in ids} == {"done"}
    finished = five.rows("SELECT export_id, count(*) FROM export_moves WHERE verb = 'finish' GROUP BY 1")
    assert sorted(finished) == [(export_id, 1) for export_id in ids]


def test_the_worker_writes_what_waits(five: AccountsService) -> None:
    export_id, stop = ask(five), threading.Event()
    exporting_thread = Exporting(five.runtime.commands, work_folder(five), stop=stop, poll_seconds=0.01)
    exporting_thread.start()
    for _ in range(500):
        if told(five, export_id)["state"] == "done":
            break
        time.sleep(0.01)
    stop.set()
    exporting_thread.join()
    assert told(five, export_id)["state"] == "done"


def test_an_export_shows_one_moment(five: AccountsService, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is opened while the file is written is in the next one."""
    monkeypatch.setattr(exporting, "FETCHED_ROWS", 2)
    tell, homes = exporting.tell_progress, iter(range(50, 60))
    monkeypatch.setattr(exporting, "tell_progress",
                        lambda *told: (tell(*told), open_homes(five, a_home(next(homes)))))  # fmt: skip
    export_id = ask(five)
    write(five)
    assert len(lines(fetched(five, export_id).data)) == 6
    assert told(five, export_id)["rows"] == 5


def test_what_is_done_is_not_failed_or_finished_again(five: AccountsService) -> None:
    export_id = ask(five)
    write(five)
    for use_case, command in ((fail_export, FailExport(export_id, "x")), (begin_export, BeginExport(export_id)),
                              (finish_export, FinishExport(export_id, 1, bytes(32), five.runtime.clock.now()))):  # fmt: skip
        with pytest.raises(TransitionRefused):
            five.runtime.commands.run(use_case, command, caller=WORKER)  # type: ignore[arg-type]


def test_the_service_cannot_rewrite_what_became_of_an_export(five: AccountsService) -> None:
    export_id = ask(five)
    for sql in ("UPDATE export_moves SET verb = 'x'", "DELETE FROM exports", "UPDATE exports SET maker = 'staff:li'",
                f"UPDATE exports SET filters = '{{}}' WHERE export_id = {export_id}"):  # fmt: skip
        with pytest.raises(psycopg.Error):
            five.rows(sql)


def test_without_a_work_folder_nothing_is_taken_on(five: AccountsService) -> None:
    five.client.application.extensions["work_folder"] = None
    status, answer = five.post("/exports", {"resource": "accounts", "format": "csv"})
    assert (status, answer["code"]) == (503, "no_work_folder")


def test_kept_is_a_week() -> None:
    assert timedelta(days=7) == KEPT


def test_an_answer_is_json_that_names_no_path(five: AccountsService) -> None:
    export_id = ask(five)
    write(five)
    assert str(work_folder(five)) not in json.dumps(told(five, export_id))
