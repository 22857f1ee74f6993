"""A debit batch is built: claims, file, hand-over; resumable wherever it was interrupted.

Use cases: `build_debits`, `claim_debits`, `write_debit_file`.
"""

from __future__ import annotations

import stat

import pytest

from tests.bank_gateway.desk import CHINAPAY, Desk, Refused

A, B, C = "0110000001", "0110000002", "0110000003"


def test_a_batch_asks_for_what_each_account_owes(desk: Desk) -> None:
    batch = desk.collecting({A: 233038, B: 260000, C: 182000})
    assert (batch["count"], batch["amount"], batch["state"]) == (3, "6750.38", "handed_over")
    assert desk.payments.held == {
        A: ("ICBC", batch["batch_no"], 1),
        B: ("ICBC", batch["batch_no"], 2),
        C: ("ICBC", batch["batch_no"], 3),
    }
    name, content = desk.file(batch["batch_no"])
    assert name == "ICBC_20251205_000001_S.txt"
    assert content.decode().splitlines() == [
        "ICBC|000001|3|6750.38",
        "2025120500000001|0110000001|6299170110000001123|王芳|2330.38|供暖费",
        "2025120500000002|0110000002|6299170110000002123|王芳|2600.00|供暖费",
        "2025120500000003|0110000003|6299170110000003123|王芳|1820.00|供暖费",
    ]


def test_the_file_lies_in_the_out_folder_for_its_owner_alone(desk: Desk) -> None:
    batch = desk.collecting({A: 233038})
    path = desk.folder / "out" / batch["file"]["name"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [p.name for p in (desk.folder / "built").iterdir()] == []


def test_a_chinapay_file_is_written_in_its_layout(desk: Desk) -> None:
    batch = desk.collecting({A: 233038}, **CHINAPAY)
    name, content = desk.file(batch["batch_no"])
    assert name == "808080201304412_20251205_000001_Q.txt"
    assert content.decode("gbk").splitlines() == [
        "808080201304412|000001|1|233038",
        "20251205|2025120500000001|0102|0|6299170110000001123|王芳|01|210103195004029975|233038|供暖费|0110000001",
    ]


def test_accounts_that_cannot_be_debited_are_passed_over_with_their_reason(desk: Desk) -> None:
    desk.declare()
    desk.agree(A, B, C)
    desk.payments.owes = {A: 0, B: 100}
    desk.payments.held[B] = ("CCB", 77, 1)
    batch = desk.post("/batches", {"bank": "ICBC"})
    assert batch["remarks"] == {"in_bank_collection": 1, "nothing_owed": 1, "unknown_account": 1}
    told = desk.get(f"/batches/{batch['batch_no']}/remarks")["remarks"]
    assert [(r["account_no"], r["reason"]) for r in told] == [
        (A, "nothing_owed"),
        (B, "in_bank_collection"),
        (C, "unknown_account"),
    ]


def test_a_batch_in_which_nobody_owes_anything_is_closed_without_a_file(desk: Desk) -> None:
    batch = desk.collecting({A: 0})
    assert (batch["state"], batch["count"], batch["amount"], batch["file"]) == ("closed", 0, "0.00", None)
    assert list((desk.folder / "out").iterdir()) == []


def test_a_holder_whom_the_encoding_cannot_carry_is_released_again_and_reported(desk: Desk) -> None:
    desk.declare(**CHINAPAY)
    desk.payments.owes = {A: 100, B: 200}
    desk.agree(A, holder="李\U00020bb7")
    desk.agree(B)
    batch = desk.post("/batches", {"bank": "ICBC"})
    assert (batch["count"], batch["amount"], batch["remarks"]) == (1, "2.00", {"not_writable": 1})
    assert set(desk.payments.held) == {B}
    remark = desk.get(f"/batches/{batch['batch_no']}/remarks")["remarks"][0]
    assert remark["detail"].startswith("name: ") and "\U00020bb7" in remark["detail"] and "李" not in remark["detail"]


def test_the_same_key_answers_the_same_batch(desk: Desk) -> None:
    desk.declare()
    desk.agree(A)
    desk.payments.owes[A] = 100
    first = desk.post("/batches", {"bank": "ICBC"}, key="one")
    again = desk.post("/batches", {"bank": "ICBC"}, key="one")
    assert again["batch_no"] == first["batch_no"]
    with pytest.raises(Refused) as refused:
        desk.post("/batches", {"bank": "ICBC", "hand_over": False}, key="one")
    assert refused.value.code == "idempotency_key_reused"


def test_two_batches_of_a_day_have_numbers_and_keys_of_their_own(desk: Desk) -> None:
    first = desk.collecting({A: 100})
    second = desk.collecting({B: 200})
    assert (first["file_no"], second["file_no"]) == ("000001", "000002")
    keys = [row[0] for row in desk.rows("SELECT key FROM batch_items ORDER BY batch_no, item_no")]
    assert len(set(keys)) == 2


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"bank": "CCB"}, "unknown_bank"),
        ({"bank": "unassigned"}, "invalid_input"),
        ({"bank": "ICBC", "as_of": "2025-12-06"}, "invalid_input"),
        ({"bank": "ICBC", "as_of": "2025-02-30"}, "invalid_input"),
        ({"bank": "ICBC", "hand_over": "yes"}, "invalid_input"),
        ({"bank": "ICBC", "state": "closed"}, "invalid_input"),
        ({}, "invalid_input"),
    ],
)
def test_a_batch_that_cannot_be_asked_for_is_refused_and_opens_nothing(
    desk: Desk, body: dict[str, object], code: str
) -> None:
    desk.declare()
    with pytest.raises(Refused) as refused:
        desk.post("/batches", body)
    assert refused.value.code == code
    assert desk.get("/batches")["batches"] == []


def test_without_a_key_no_batch_is_opened(desk: Desk) -> None:
    headers = desk.headers()
    del headers["Idempotency-Key"]
    answer = desk.http.post("/batches", json={"bank": "ICBC"}, headers=headers)
    assert answer.status_code == 400
    assert answer.json is not None and answer.json["facts"]["place"] == "Idempotency-Key"


def test_a_cashier_may_not_send_a_batch(desk: Desk) -> None:
    with pytest.raises(Refused) as refused:
        desk.post("/batches", {"bank": "ICBC"}, roles=("cashier",))
    assert refused.value.code == "forbidden"
