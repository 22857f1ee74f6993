"""A bank's result: taken whole or refused whole, once, whoever brings it how often.

Use cases: `return_debits`, `tell_results`, `record_refused_file`, `count_posted_debits`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.bank_gateway.use_cases import tell_results as telling
from tests.bank_gateway.desk import CHINAPAY, MERCHANT, Desk, Refused
from tests.bank_gateway.interruptions import every_interruption

A, B, C = "0110000001", "0110000002", "0110000003"
OWED = {A: 233038, B: 260000, C: 182000}


def given(answer: dict[str, object]) -> tuple[object, ...]:
    return answer["succeeded"], answer["failed"], answer["unknown"], answer["amount"]


def test_successes_and_failures_are_told_to_payments_with_what_was_collected(desk: Desk) -> None:
    batch_no = desk.collecting(OWED)["batch_no"]
    answer = desk.upload("/batches/results", *desk.reference_result(batch_no, {C: "insufficient"}))
    assert given(answer) == (2, 1, 0, "4930.38")
    told = [event for event in desk.told() if event["type"] == "DebitsReturned"]
    assert [(e["bank"], e["batch_no"], e["as_of"]) for e in told] == [("ICBC", batch_no, "2025-12-05")]
    assert told[0]["items"] == [
        {"account_no": A, "item_no": 1, "collected_fen": 233038, "reason": "ok"},
        {"account_no": B, "item_no": 2, "collected_fen": 260000, "reason": "ok"},
        {"account_no": C, "item_no": 3, "collected_fen": 0, "reason": "insufficient"},
    ]
    assert desk.get(f"/batches/{batch_no}")["state"] == "closed"


def test_a_bank_that_took_another_amount_than_asked_has_collected_that(desk: Desk) -> None:
    batch_no = desk.collecting(OWED)["batch_no"]
    result = desk.reference_result(batch_no, collected={A: "1000.00", B: "3000.00"})
    assert given(desk.upload("/batches/results", *result)) == (3, 0, 0, "5820.00")
    assert [item["collected_fen"] for item in desk.results_told()] == [100000, 300000, 182000]


@pytest.mark.parametrize(("outcome", "amount"), [("ok", "0.00"), ("insufficient", "12.00")])
def test_a_success_without_money_and_a_failure_with_money_are_refused(desk: Desk, outcome: str, amount: str) -> None:
    batch_no = desk.collecting(OWED)["batch_no"]
    with pytest.raises(Refused) as refused:
        desk.upload("/batches/results", *desk.reference_result(batch_no, {B: outcome}, {B: amount}))
    assert (refused.value.code, refused.value.facts["line"], refused.value.facts["field"]) == (
        "result_contradicts",
        2,
        "collected",
    )
    assert_nothing_taken(desk, batch_no)


def assert_nothing_taken(desk: Desk, batch_no: int, *, state: str = "handed_over") -> None:
    batch = desk.get(f"/batches/{batch_no}")
    assert (batch["state"], batch["succeeded"], batch["failed"], batch["unknown"]) == (state, 0, 0, 0)
    assert desk.told() == []
    assert desk.rows("SELECT count(*) FROM results") == [(0,)]


def test_the_same_bytes_are_refused_under_any_name(desk: Desk) -> None:
    batch_no = desk.collecting(OWED)["batch_no"]
    name, content = desk.reference_result(batch_no)
    desk.upload("/batches/results", name, content)
    told = desk.told()
    for again in (name, name.replace("000001", "000002"), "x.txt"):
        with pytest.raises(Refused) as refused:
            desk.upload("/batches/results", again, content)
        assert refused.value.code == "duplicate_file"
    assert desk.told() == told


def test_another_file_for_a_finished_batch_is_refused(desk: Desk) -> None:
    batch_no = desk.collecting(OWED)["batch_no"]
    name, content = desk.reference_result(batch_no)
    desk.upload("/batches/results", name, content)
    with pytest.raises(Refused) as refused:
        desk.upload("/batches/results", name, content.replace(b"\n", b"\r\n"))
    assert refused.value.code == "batch_closed"


def test_the_same_request_with_the_same_key_is_answered_again(desk: Desk) -> None:
    batch_no = desk.collecting(OWED)["batch_no"]
    result = desk.reference_result(batch_no)
    first = desk.upload("/batches/results", *result, key="r")
    assert desk.upload("/batches/results", *result, key="r") == first
    assert len(desk.results_told()) == 3


def test_a_result_for_a_withdrawn_batch_is_refused(desk: Desk) -> None:
    batch_no = desk.collecting(OWED, hand_over=False)["batch_no"]
    result = desk.reference_result(batch_no)
    desk.post(f"/batches/{batch_no}/withdrawals", {})
    with pytest.raises(Refused) as refused:
        desk.upload("/batches/results", *result)
    assert refused.value.code == "batch_cancelled"


def test_a_result_for_a_batch_that_is_not_known_to_have_left_shows_that_the_bank_has_it(desk: Desk) -> None:
    batch_no = desk.collecting(OWED, hand_over=False)["batch_no"]
    assert given(desk.upload("/batches/results", *desk.reference_result(batch_no))) == (3, 0, 0, "6750.38")
    assert [m["verb"] for m in desk.get(f"/batches/{batch_no}")["history"]] == [
        "open",
        "build",
        "hand_over",
        "take_result",
        "close",
    ]


def test_a_result_with_an_item_that_was_withdrawn_is_refused(desk: Desk) -> None:
    batch_no = desk.collecting(OWED, hand_over=False)["batch_no"]
    result = desk.reference_result(batch_no)
    desk.post(f"/batches/{batch_no}/withdrawals", {"account_nos": [B]})
    with pytest.raises(Refused) as refused:
        desk.upload("/batches/results", *result)
    assert (refused.value.code, refused.value.facts["line"]) == ("item_unknown", 2)
    assert_nothing_taken(desk, batch_no, state="built")


def test_a_result_of_another_bank_of_the_same_house_is_unknown_there(desk: Desk) -> None:
    desk.declare("CCB", name="建设银行", **{**CHINAPAY, "bank_code": "0105"})
    batch_no = desk.collecting({A: 100}, **CHINAPAY)["batch_no"]
    name, content = chinapay_result(desk, batch_no)
    with pytest.raises(Refused) as refused:
        desk.upload("/batches/results", name, content, bank="CCB")
    assert refused.value.code == "batch_unknown"
    assert given(desk.upload("/batches/results", name, content)) == (1, 0, 0, "1.00")


def chinapay_result(desk: Desk, batch_no: int, *, codes: dict[str, str] | None = None) -> tuple[str, bytes]:
    name, sent = desk.file(batch_no)
    lines, total, good_count, good = [], 0, 0, 0
    for line in sent.decode("gbk").splitlines()[1:]:
        day, key, bank_code, flag, card, _, _, _, fen, purpose, private = line.split("|")
        status, code = (codes or {}).get(private, "1001/00").split("/")
        lines.append("|".join([bank_code, day, key, status, code, flag, card, fen, purpose, private]))
        total += int(fen)
        if (status, code) == ("1001", "00"):
            good, good_count = good + int(fen), good_count + 1
    lines.append(f"{len(lines)}|{total}|{good_count}|{good}")
    return name.replace("_Q.txt", "_P.txt"), ("\n".join(lines) + "\n").encode("gbk")


def test_items_that_cannot_be_read_for_certain_stay_open_until_another_file_tells(desk: Desk) -> None:
    batch_no = desk.collecting(OWED, **CHINAPAY)["batch_no"]
    first = desk.upload("/batches/results", *chinapay_result(desk, batch_no, codes={B: "1002/00", C: "1001/51"}))
    assert given(first) == (1, 1, 1, "2330.38")
    assert [item["account_no"] for item in desk.results_told()] == [A, C]
    assert desk.get(f"/batches/{batch_no}")["state"] == "returned"
    assert [i["state"] for i in desk.get(f"/batches/{batch_no}/items")["items"]] == ["succeeded", "unknown", "failed"]

    second = desk.upload("/batches/results", *chinapay_result(desk, batch_no, codes={C: "1001/51"}))
    assert given(second) == (1, 0, 0, "2600.00")
    assert [item["account_no"] for item in desk.results_told()] == [A, C, B]
    batch = desk.get(f"/batches/{batch_no}")
    assert (batch["state"], batch["succeeded"], batch["failed"], batch["unknown"], batch["collected"]) == (
        "closed",
        2,
        1,
        0,
        "4930.38",
    )


def test_a_later_file_that_contradicts_what_is_certain_is_refused(desk: Desk) -> None:
    batch_no = desk.collecting(OWED, **CHINAPAY)["batch_no"]
    desk.upload("/batches/results", *chinapay_result(desk, batch_no, codes={B: "1002/00", C: "1001/51"}))
    before = desk.told()
    with pytest.raises(Refused) as refused:
        desk.upload("/batches/results", *chinapay_result(desk, batch_no))
    assert (refused.value.code, refused.value.facts["line"]) == ("item_contradicts", 3)
    assert desk.told() == before
    assert desk.get(f"/batches/{batch_no}")["unknown"] == 1


def edited(content: bytes, line: int, change: Callable[[list[str]], list[str]]) -> bytes:
    lines = content.decode("gbk").splitlines()
    lines[line - 1] = "|".join(change(lines[line - 1].split("|")))
    return ("\n".join(lines) + "\n").encode("gbk")


def put(place: int, text: str) -> Callable[[list[str]], list[str]]:
    return lambda fields: [*fields[:place], text, *fields[place + 1 :]]


SOUND = {A: 1000, B: 2000, C: 3000}


@pytest.mark.parametrize(
    ("line", "change", "reason", "field"),
    [
        (2, put(2, "2025120500009999"), "item_unknown", "order_no"),
        (3, put(2, "2025120500000001"), "item_repeated", "order_no"),
        (2, put(6, "6299170110000002124"), "item_account_differs", "card_no"),
        (2, put(5, "1"), "item_field_differs", "card_flag"),
        (2, put(0, "0103"), "item_field_differs", "bank_code"),
        (2, put(8, "水费"), "item_field_differs", "purpose"),
        (2, put(9, A), "item_field_differs", "private"),
        (2, put(4, "Q7"), "result_code_unknown", "response_code"),
        (2, put(4, ""), "result_code_unknown", "response_code"),
        (2, put(7, "20.00"), "field_format", "amount"),
        (2, put(7, "002000"), "field_format", "amount"),
        (2, put(7, "２０００"), "field_format", "amount"),
        (2, put(1, "20251206"), "date_differs", "trade_date"),
        (4, put(0, "4"), "count_differs", "count"),
        (4, put(1, "6001"), "amount_differs", "amount"),
        (4, put(2, "2"), "success_count_differs", "success_count"),
        (4, put(3, "5999"), "success_amount_differs", "success_amount"),
    ],
)
def test_the_first_fault_of_a_result_is_named_and_nothing_is_taken(
    desk: Desk, line: int, change: Callable[[list[str]], list[str]], reason: str, field: str
) -> None:
    batch_no = desk.collecting(SOUND, **CHINAPAY)["batch_no"]
    name, content = chinapay_result(desk, batch_no)
    with pytest.raises(Refused) as refused:
        desk.upload("/batches/results", name, edited(content, line, change))
    facts = refused.value.facts
    assert (refused.value.code, facts["line"], facts["field"], refused.value.status) == (reason, line, field, 422)
    assert_nothing_taken(desk, batch_no)
    assert given(desk.upload("/batches/results", name, content)) == (3, 0, 0, "60.00")


def test_two_amounts_that_make_up_for_each_other_are_found(desk: Desk) -> None:
    batch_no = desk.collecting(SOUND, **CHINAPAY)["batch_no"]
    name, content = chinapay_result(desk, batch_no)
    content = edited(edited(content, 1, put(7, "1500")), 2, put(7, "1500"))
    with pytest.raises(Refused) as refused:
        desk.upload("/batches/results", name, content)
    facts = refused.value.facts
    assert (refused.value.code, facts["line"], facts["value"], facts["expected"]) == (
        "item_amount_differs",
        1,
        "15.00",
        "10.00",
    )


def test_an_item_that_is_not_listed_is_missing(desk: Desk) -> None:
    batch_no = desk.collecting(SOUND, **CHINAPAY)["batch_no"]
    name, content = chinapay_result(desk, batch_no)
    lines = content.decode("gbk").splitlines()
    shorter = "\n".join([*lines[:2], "2|3000|2|3000"]).encode("gbk")
    with pytest.raises(Refused) as refused:
        desk.upload("/batches/results", name, shorter)
    assert (refused.value.code, refused.value.facts["expected"]) == ("item_missing", "2025120500000003")


def test_an_unknown_item_that_stands_twice_does_not_hide_a_missing_one(desk: Desk) -> None:
    batch_no = desk.collecting(SOUND, **CHINAPAY)["batch_no"]
    name, content = chinapay_result(desk, batch_no, codes={A: "1002/00"})
    lines = content.decode("gbk").splitlines()
    twice = "\n".join([lines[0], lines[0], lines[1], "3|4000|1|2000"]).encode("gbk")
    with pytest.raises(Refused) as refused:
        desk.upload("/batches/results", name, twice)
    assert (refused.value.code, refused.value.facts["line"]) == ("item_repeated", 2)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        (f"{MERCHANT}_20251205_000002_P.txt", "batch_unknown"),
        (f"{MERCHANT}_20241205_000001_P.txt", "batch_unknown"),
        ("808080201309999_20251205_000001_P.txt", "wrong_party"),
        (f"{MERCHANT}_20251305_000001_P.txt", "name_pattern"),
        (f"..\\{MERCHANT}_20251205_000001_P.txt", "name_pattern"),
        ("对账单_20251205.txt", "name_pattern"),
        ("x" * 300, "name_pattern"),
    ],
)
def test_a_file_that_is_not_named_as_agreed_is_refused(desk: Desk, name: str, reason: str) -> None:
    batch_no = desk.collecting(SOUND, **CHINAPAY)["batch_no"]
    content = chinapay_result(desk, batch_no)[1]
    with pytest.raises(Refused) as refused:
        desk.upload("/batches/results", name, content)
    assert refused.value.code == reason
    assert_nothing_taken(desk, batch_no)


def test_a_refused_file_is_written_down_without_personal_data(desk: Desk) -> None:
    batch_no = desk.collecting(SOUND, **CHINAPAY)["batch_no"]
    name, content = chinapay_result(desk, batch_no)
    with pytest.raises(Refused) as refused:
        desk.upload("/batches/results", name, edited(content, 2, put(6, "6299170110000009123")))
    assert refused.value.facts["value"] == "6299…9123"
    file = desk.get("/files", outcome="refused")["files"][0]
    assert (file["name"], file["refusal"]["reason"], file["refusal"]["line"]) == (name, "item_account_differs", 2)
    assert "6299170110000009123" not in str(file) and "6299170110000009123" not in str(refused.value)
    assert [p for p in desk.folder.rglob("*") if p.is_file() and p.parent.name in ("spool", "kept")] == []


def test_an_accepted_file_is_kept(desk: Desk) -> None:
    batch_no = desk.collecting(SOUND)["batch_no"]
    name, content = desk.reference_result(batch_no)
    desk.upload("/batches/results", name, content)
    kept = list((desk.folder / "kept").iterdir())
    assert [p.read_bytes() for p in kept] == [content]
    assert list((desk.folder / "spool").iterdir()) == []


def test_a_file_in_the_inbox_is_taken_by_its_name(desk: Desk) -> None:
    batch_no = desk.collecting(SOUND)["batch_no"]
    name, content = desk.reference_result(batch_no)
    (desk.folder / "in" / name).write_bytes(content)
    assert given(desk.post("/batches/results", {"path": name, "bank": "ICBC"})) == (3, 0, 0, "60.00")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"path": "absent_P.txt"}, "invalid_input"),
        ({"path": "../out/x"}, "invalid_input"),
        ({"path": "/etc/passwd"}, "invalid_input"),
        ({"path": ".hidden"}, "invalid_input"),
        ({"path": ""}, "invalid_input"),
        ({}, "invalid_input"),
        ({"path": "a", "posted": True}, "invalid_input"),
        ({"path": "a", "bank": "icbc"}, "invalid_input"),
    ],
)
def test_what_is_not_the_name_of_a_file_in_the_inbox_is_refused(desk: Desk, body: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as refused:
        desk.post("/batches/results", body)
    assert (refused.value.code, refused.value.status < 500) == (code, True)


def test_a_form_without_exactly_one_file_is_refused(desk: Desk) -> None:
    answer = desk.http.post("/batches/results", data={"bank": "ICBC"}, headers=desk.headers(),
                            content_type="multipart/form-data")  # fmt: skip
    assert answer.status_code == 400 and answer.json is not None and answer.json["facts"]["place"] == "file"
    with pytest.raises(Refused) as refused:
        desk.upload("/batches/results", "x_P.txt", b"1", path="y")
    assert refused.value.code == "invalid_input"


def test_of_the_same_file_in_two_workers_one_wins(desk: Desk) -> None:
    batch_no = desk.collecting({f"01100{n:05d}": 100 + n for n in range(300)})["batch_no"]
    result = desk.reference_result(batch_no)
    start = threading.Barrier(4)

    def bring(_: int) -> str:
        start.wait()
        try:
            return str(desk.upload("/batches/results", *result)["succeeded"])
        except Refused as refused:
            return str(refused.code)

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(bring, range(4)))
    assert answers == ["300", "duplicate_file", "duplicate_file", "duplicate_file"]
    assert len(desk.results_told()) == 300


def test_results_are_told_in_chunks_of_their_own_transactions(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "EVENT_ITEMS_MAX", 100)
    batch_no = desk.collecting({f"01100{n:05d}": 100 + n for n in range(250)})["batch_no"]
    desk.upload("/batches/results", *desk.reference_result(batch_no))
    events = [event for event in desk.told() if event["type"] == "DebitsReturned"]
    assert [len(event["items"]) for event in events] == [100, 100, 50]
    assert [item["item_no"] for event in events for item in event["items"]] == list(range(1, 251))


def test_telling_killed_at_any_point_tells_every_result_once(
    make_desk: Callable[[], Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "EVENT_ITEMS_MAX", 2)
    owes = {f"01100{n:05d}": 100 + n for n in range(5)}

    def prepared() -> Desk:
        desk = make_desk()
        desk.collecting(owes)
        return desk

    def work(desk: Desk) -> None:
        desk.upload("/batches/results", *desk.reference_result(1), key="r")

    points = 0
    for point, desk in every_interruption(work, prepared):
        points = point
        while desk.errands.once():
            pass
        try:
            work(desk)
        except Refused as refused:
            assert refused.code == "duplicate_file"  # noqa: PT017 - the first of them is taken
        assert [item["item_no"] for item in desk.results_told()] == [1, 2, 3, 4, 5], point
        assert desk.get("/batches/1")["state"] == "closed", point
    assert points >= 9


def test_posted_successes_are_counted_as_payments_tells_them(desk: Desk, posted_debits: Callable[..., None]) -> None:
    batch_no = desk.collecting(OWED)["batch_no"]
    desk.upload("/batches/results", *desk.reference_result(batch_no, {C: "closed"}))
    batch = desk.get(f"/batches/{batch_no}")
    assert batch["posting"] == {"told": 3, "of": 3, "posted": 0, "to_post": 2}
    posted_debits(desk, [(batch_no, A, 1, 233038, 0)])
    assert desk.get(f"/batches/{batch_no}")["posting"]["posted"] == 1
    posted_debits(desk, [(batch_no, A, 1, 233038, 0), (batch_no, B, 2, 200000, 60000)])
    batch = desk.get(f"/batches/{batch_no}")
    assert (batch["posting"], batch["posted"], batch["settled"], batch["credit"]) == (None, 2, "4330.38", "600.00")
