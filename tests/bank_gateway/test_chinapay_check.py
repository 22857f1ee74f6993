"""`check_files`: several results against one batch, told as a program expects it."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.bank_gateway.domain import check as check_module
from services.bank_gateway.domain.bank_file import FileRefusal, SentBatch
from services.bank_gateway.domain.check import check_files
from services.bank_gateway.domain.result_file import Accepted, judge_result
from services.bank_gateway.formats.chinapay import FORMAT
from shared.kernel.errors import InvalidInput
from tests.bank_gateway.chinapay_case import (
    GOLDEN,
    MERCHANT,
    RESULT,
    RESULT_NAME,
    SEND,
    SEND_NAME,
    golden,
    judge,
    resummed,
    with_field,
)

SHARED = Path(os.environ.get("NUAN_SHARED", Path(__file__).parents[3] / "shared")) / "data/bank_files/chinapay"
EXPECTED: dict[str, Any] = (
    json.loads((SHARED / "expected.json").read_text(encoding="utf-8"))
    if SHARED.is_dir()
    else {"cases": [], "files": []}
)


CASES: list[dict[str, Any]] = EXPECTED["cases"]


def check(*results: Path, send: Path = GOLDEN / SEND_NAME, **parameters: str) -> list[dict[str, Any]]:
    told = check_files(bank_format=FORMAT, parameters=parameters, send_path=send, result_paths=results)
    assert list(told) == ["results"]
    return list(told["results"])


def put(folder: Path, content: bytes, name: str = RESULT_NAME) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_sound_result_is_accepted_with_its_totals() -> None:
    path = GOLDEN / RESULT_NAME
    assert check(path, merchant=MERCHANT) == [
        {"file": str(path), "outcome": "accepted", "totals": golden(RESULT_NAME)["totals"]}
    ]


def test_without_parameters_the_send_file_tells_who_we_are(tmp_path: Path) -> None:
    other = put(tmp_path, RESULT, RESULT_NAME.replace(MERCHANT, "900000000009999"))
    assert check(GOLDEN / RESULT_NAME)[0]["outcome"] == "accepted"
    assert check(other)[0]["refusal"]["reason"] == "wrong_party"


def test_a_refusal_tells_its_place(tmp_path: Path) -> None:
    (told,) = check(put(tmp_path, resummed(with_field(4, 8, "114"))))
    assert told["outcome"] == "refused"
    assert told["refusal"] == {
        "level": "row",
        "line": 4,
        "field": "amount",
        "reason": "item_amount_differs",
        "value": "1.14",
        "expected": "1.13",
    }


def test_what_a_refusal_does_not_know_is_null(tmp_path: Path) -> None:
    (told,) = check(put(tmp_path, b""))
    assert told["refusal"] == {"level": "file", "line": None, "field": None, "reason": "empty_file"}


def test_the_same_bytes_are_a_duplicate_under_any_name(tmp_path: Path) -> None:
    renamed = put(tmp_path, RESULT, RESULT_NAME.replace("000007", "000008"))
    told = check(GOLDEN / RESULT_NAME, GOLDEN / RESULT_NAME, renamed)
    assert [one.get("refusal", {}).get("reason") for one in told] == [
        None,
        "duplicate_file",
        "duplicate_file",
    ]


def test_other_bytes_for_a_finished_batch_come_too_late(tmp_path: Path) -> None:
    told = check(GOLDEN / RESULT_NAME, put(tmp_path, RESULT.replace(b"\n", b"\r\n")))
    assert told[1]["refusal"]["reason"] == "batch_closed"


def test_a_refused_file_leaves_the_batch_open_and_may_come_again(tmp_path: Path) -> None:
    damaged = put(tmp_path, with_field(13, 1, "11"))
    told = check(damaged, damaged, GOLDEN / RESULT_NAME)
    assert [one["outcome"] for one in told] == ["refused", "refused", "accepted"]
    assert told[1]["refusal"]["reason"] == "count_differs"


def test_what_stayed_open_may_be_told_by_a_later_file_and_what_was_decided_may_not_change(
    tmp_path: Path,
) -> None:
    doubtful = resummed(with_field(1, 4, "1002"))
    first = put(tmp_path / "1", doubtful)
    changed = put(tmp_path / "2", resummed(with_field(2, 4, "1002", with_field(2, 5, "51"))))
    told = check(first, changed, GOLDEN / RESULT_NAME, put(tmp_path / "3", RESULT.replace(b"\n", b"\r")))
    assert told[0]["totals"]["pending_count"] == 1
    assert told[1]["refusal"]["reason"] == "item_contradicts"
    assert told[2]["outcome"] == "accepted"
    assert told[3]["refusal"]["reason"] == "batch_closed"


def test_a_result_of_another_batch_is_of_an_unknown_one(tmp_path: Path) -> None:
    told = check(put(tmp_path, RESULT, RESULT_NAME.replace("000007", "000008")))
    assert told[0]["refusal"]["reason"] == "batch_unknown"


def test_a_send_file_that_is_refused_stands_alone(tmp_path: Path) -> None:
    send = put(tmp_path, with_field(1, 3, "13", SEND), SEND_NAME)
    (told,) = check(GOLDEN / RESULT_NAME, send=send)
    assert (told["file"], told["refusal"]["reason"]) == (str(send), "count_differs")


def test_a_send_file_of_another_merchant_than_told_is_refused() -> None:
    (told,) = check(GOLDEN / RESULT_NAME, merchant="900000000009999")
    assert told["refusal"]["reason"] == "wrong_party"


@pytest.mark.parametrize("kind", ["nothing", "folder", "pipe"])
def test_what_is_no_file_is_refused_before_anything_is_read(tmp_path: Path, kind: str) -> None:
    path = tmp_path / RESULT_NAME
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    with pytest.raises(InvalidInput):
        check(path)


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path, RESULT)

    def judged_while_written(**told: Any) -> Accepted:
        accepted = judge_result(**told)
        with path.open("ab") as transfer:
            transfer.write(b"0102|")
        return accepted

    monkeypatch.setattr(check_module, "judge_result", judged_while_written)
    told = check(path)
    assert told[0]["refusal"]["reason"] == "length_differs"


@pytest.mark.skipif(not CASES, reason="the public cases are not beside this repository")
class TestPublicCases:
    def test_every_sound_file_has_the_told_totals(self) -> None:
        files = {one["is"]: one for one in EXPECTED["files"]}
        send = SHARED / files["send"]["file"]
        (told,) = check(SHARED / files["result"]["file"], send=send, **EXPECTED["parameters"])
        assert told["totals"] == files["result"]["totals"]

    @pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
    def test_every_case_ends_as_told(self, case: dict[str, Any]) -> None:
        send = next(SHARED / one["file"] for one in EXPECTED["files"] if one["is"] == "send")
        paths = [SHARED / step["file"] for step in case["steps"]]
        if case.get("given"):
            assert case["given"] == {"batches": {"B1": "unknown"}}
            with pytest.raises(FileRefusal) as caught:
                judge(paths[0].read_bytes(), name=paths[0].name, batch=_another_batch())
            told: list[dict[str, Any]] = [{"outcome": "refused", "refusal": vars(caught.value)}]
        else:
            told = check(*paths, send=send, **EXPECTED["parameters"])
        for step, one in zip(case["steps"], told, strict=True):
            assert one["outcome"] == step["outcome"]
            assert one.get("totals") == step.get("totals")
            assert {key: one["refusal"][key] for key in step.get("refusal", {})} == step.get("refusal", {})


def _another_batch() -> SentBatch:
    parameters = EXPECTED["parameters"]
    return SentBatch(parameters, date(2025, 12, 4), "000119", 1, 1)
