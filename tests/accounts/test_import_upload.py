"""A ledger by upload."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from tests.accounts.conftest import AccountsService
from tests.accounts.ledger_rows import a_row, ledger_bytes


def test_a_file_that_is_no_ledger_is_refused_whole(service: AccountsService) -> None:
    before = service.content()
    for content in (
        b"",
        b"%PDF-1.7",
        ledger_bytes(),
        ledger_bytes(a_row()).replace("户号".encode(), b"id", 1),
    ):
        status, answer = upload(service, content)
        assert status == 422, answer
        assert answer["code"] != "invalid_input"
    assert service.content() == before


def upload(service: AccountsService, content: bytes, *, roles: Any = ("clerk",), **form: Any) -> tuple[int, Any]:
    answer = service.client.post(
        "/imports", headers={"Authorization": f"Bearer {service.token(*roles)}"},
        data={"file": (io.BytesIO(content), "台账.csv"), **form},
    )  # fmt: skip
    return answer.status_code, json.loads(answer.data)


def test_an_upload_answers_the_report(service: AccountsService) -> None:
    status, report = upload(service, ledger_bytes(a_row(1), a_row(2, 建筑面积="0"), encoding="gb18030"))
    assert (status, report["rows"], report["imported"]) == (200, 2, 1)
    (refused,) = report["refused"]
    assert {name: refused[name] for name in ("row", "line", "column", "value", "reason")} == {
        "row": 3, "line": 3, "column": "建筑面积", "value": "0", "reason": "area_zero"
    }  # fmt: skip


def test_an_upload_may_be_a_dry_run(service: AccountsService) -> None:
    before = service.content()
    assert upload(service, ledger_bytes(a_row()), dry_run="true")[1]["imported"] == 1
    assert service.content() == before


@pytest.mark.parametrize("form", [{"dry_run": "yes"}, {"approved_by": "li"}, {"file": "not a file"}])
def test_an_upload_that_cannot_be_read_is_refused(service: AccountsService, form: dict[str, str]) -> None:
    before = service.content()
    assert upload(service, ledger_bytes(a_row()), **form)[0] == 422
    assert service.content() == before


def test_an_upload_that_is_too_large_is_refused(service: AccountsService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.accounts.api.imports.UPLOAD_BYTES_MAX", 1000)
    status, answer = upload(service, b"x" * 2000)
    assert (status, answer["code"]) == (413, "request_entity_too_large")


def test_an_upload_needs_the_role_of_a_clerk(service: AccountsService) -> None:
    assert upload(service, ledger_bytes(a_row()), roles=("cashier", "auditor"))[0] == 403
