"""``nuan approvals`` and ``nuan audit``: asked, read, decided and looked up from the command line, over the real routes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from deploy.cli import nuan
from deploy.commands.asking import OPERATOR_ROLES, Office
from shared.chassis.service_client import PassedOn
from tests.accounts.approval_desk import asked, larger
from tests.accounts.lifecycle_desk import Desk

Typed = Callable[..., tuple[int, Any]]


@pytest.fixture
def typed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Typed:
    """``typed("approvals", "list")`` → exit code and the document, as the operator of this machine."""

    def passed(answer: tuple[int, Any]) -> Any:
        if answer[0] >= 400:
            raise PassedOn(answer[1], answer[0])
        return answer[1]

    def get(_: Any, service: str, path: str, **query: Any) -> Any:
        asked_for = "&".join(f"{name}={value}" for name, value in query.items())
        return passed(desk.get(f"{path}?{asked_for}", roles=OPERATOR_ROLES))

    monkeypatch.setattr(Office, "__init__", lambda self: None)
    monkeypatch.setattr(Office, "get", get)
    monkeypatch.setattr(
        Office,
        "post",
        lambda self, service, path, body: passed(desk.post(path, body, roles=OPERATOR_ROLES, login="cli-op")),
    )

    def run(*words: Any) -> tuple[int, Any]:
        result = CliRunner().invoke(nuan, [*map(str, words), "--json"])
        assert result.stdout, result.stderr
        return result.exit_code, json.loads(result.stdout)

    return run


def test_a_request_is_read_and_agreed_to(desk: Desk, typed: Typed) -> None:
    request = asked(desk, "correct_area", larger(desk)[1], login="qian")
    number = request["approval_id"]
    code, found = typed("approvals", "list", "--kind", "correct_area", "--mine", "--limit", 1000)
    assert code == 0 and number in [one["approval_id"] for one in found["approvals"]]
    code, effect = typed("approvals", "effect", number)
    assert (code, effect["amount"], len(effect["lines"])) == (0, "260.00", 1)
    code, told = typed("approvals", "approve", number, "--seen", effect["effect_hash"][:8], "--remark", "同意")
    assert (code, told["state"]) == (0, "approved")
    code, told = typed("approvals", "approve", number, "--seen", effect["effect_hash"])
    assert (code, told["refusal"]["code"]) == (1, "transition_refused")
    assert typed("approvals", "show", number)[1]["remark"] == "同意"
    code, found = typed("audit", "list", "--approval", number)
    assert [entry["verb"] for entry in found["entries"]] == ["decide_approval", "request_approval"]
    code, whole = typed("audit", "show", found["entries"][0]["command_id"])
    assert (code, whole["request"]["remark"], whole["changes"][0]["table"]) == (0, "同意", "premises")


@pytest.mark.parametrize(("seen", "place"), [("0" * 8, "--seen"), ("abc", "--seen"), ("", "--seen")])
def test_nobody_agrees_without_having_read(desk: Desk, typed: Typed, seen: str, place: str) -> None:
    number = asked(desk, "correct_area", larger(desk)[1])["approval_id"]
    code, told = typed("approvals", "approve", number, "--seen", seen)
    assert (code, told["refusal"]["code"], told["refusal"]["facts"]["place"]) == (1, "invalid_input", place)
    assert typed("approvals", "reject", number)[1]["state"] == "rejected"


def test_what_is_asked_for_in_a_file_is_taken_back(desk: Desk, typed: Typed, tmp_path: Path) -> None:
    file = tmp_path / "areas.json"
    file.write_text(json.dumps(larger(desk)[1]), encoding="utf-8")
    code, request = typed("approvals", "ask", "correct_area", file, "--reason", "复测")
    assert (code, request["amount"]) == (0, "260.00")
    assert (
        typed("approvals", "approve", request["approval_id"], "--seen", request["effect_hash"])[1]["refusal"]["code"]
        == "own_request"
    )
    assert typed("approvals", "withdraw", request["approval_id"])[1]["state"] == "withdrawn"


def test_a_file_that_is_no_json_is_refused(typed: Typed, tmp_path: Path) -> None:
    file = tmp_path / "areas.json"
    file.write_bytes(b"\xff{")
    assert typed("approvals", "ask", "correct_area", file, "--reason", "x")[1]["refusal"]["code"] == "invalid_input"


def test_the_rules_and_the_audit_are_told(desk: Desk, typed: Typed) -> None:
    code, told = typed("approvals", "rules")
    assert code == 0 and {"correct_area", "activate_policy"} <= {one["kind"] for one in told["kinds"]}
    home = desk.home()
    code, found = typed("audit", "list", "--account", home, "--from", "2025-10-20", "--until", "2025-10-21")
    assert (code, [entry["verb"] for entry in found["entries"]]) == (0, ["open_accounts"])
    assert typed("audit", "show", 411111111111111111)[1]["refusal"]["code"] == "unknown_command"
