"""A bank's day beside our book: every line in one class, to the fen; what only the bank has is posted if it fits."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from shared.kernel.money import format_yuan, parse_yuan
from tests.bank_gateway.desk import Desk, Refused

A, B, C, D = "0110000001", "0110000002", "0110000003", "0110000004"
DAY, BEFORE, AFTER = "2025-12-03", "2025-12-02", "2025-12-04"


@pytest.fixture
def icbc(desk: Desk) -> Desk:
    desk.declare()
    return desk


def booked(desk: Desk, day: str, *rows: tuple[str, str, str]) -> None:
    """``rows`` are serial, account, yuan."""
    book = desk.payments.book.setdefault(("ICBC", day), [])
    for serial, account_no, amount in rows:
        number = sum(map(len, desk.payments.book.values())) + 1
        book.append({"payment_id": number, "serial": serial, "account_no": account_no, "amount": amount})


def lines(*told: tuple[str, str, str]) -> list[dict[str, str]]:
    return [{"serial": serial, "account_no": account_no, "amount": amount} for serial, account_no, amount in told]


def compared(desk: Desk, *told: tuple[str, str, str], day: str = DAY) -> Any:
    return desk.post("/bank-days", {"bank": "ICBC", "day": day, "lines": lines(*told)})


def counts(answer: dict[str, Any]) -> dict[str, int]:
    names = ("matched", "bank_only", "book_only", "differs", "date_differs", "duplicate_serial", "posted")
    return {name: answer[name] for name in names if answer[name]}


def open_cases(desk: Desk, **query: str) -> list[tuple[str, str]]:
    return [(c["kind"], c["serial"]) for c in desk.get("/bank-days/cases", bank="ICBC", **query)["cases"]]


def test_lines_that_agree_are_matched(icbc: Desk) -> None:
    booked(icbc, DAY, ("S1", A, "10.00"), ("S2", B, "20.00"))
    assert counts(compared(icbc, ("S1", A, "10.00"), ("S2", B, "20.00"))) == {"matched": 2}
    assert open_cases(icbc) == []


def test_every_class_has_its_lines_and_its_money(icbc: Desk) -> None:
    booked(icbc, DAY, ("S1", A, "10.00"), ("S3", C, "30.00"), ("S4", D, "40.00"))
    booked(icbc, BEFORE, ("S5", A, "50.00"), ("S9", A, "90.00"))
    answer = compared(
        icbc, ("S1", A, "10.00"), ("S2", B, "20.00"), ("S4", D, "43.00"), ("S5", A, "50.00"), ("S1", A, "11.00")
    )
    assert counts(answer) == {
        "matched": 1,
        "bank_only": 1,
        "book_only": 1,
        "differs": 1,
        "date_differs": 1,
        "duplicate_serial": 1,
    }
    assert answer["suspense"] == "3.00"
    assert answer["classes"]["duplicate_serial"] == {"count": 1, "bank_amount": "11.00", "book_amount": "0.00"}
    assert open_cases(icbc) == [("amount_differs", "S4"), ("bank_only", "S2"), ("book_only", "S3"), ("date_differs", "S5"),
                                ("duplicate_serial", "S1")]  # fmt: skip


def test_a_serial_that_comes_three_times_is_compared_once(icbc: Desk) -> None:
    booked(icbc, DAY, ("S1", A, "10.00"))
    assert counts(compared(icbc, ("S1", A, "99.00"), ("S1", A, "10.00"), ("S1", B, "10.00"))) == {
        "differs": 1,
        "duplicate_serial": 2,
    }


def test_money_of_the_bank_that_fits_what_was_owed_on_that_day_is_posted_as_of_it(icbc: Desk) -> None:
    icbc.payments.owes = {A: 233038}
    answer = compared(icbc, ("S1", A, "2330.38"))
    assert counts(answer) == {"bank_only": 1, "posted": 1}
    assert icbc.payments.taken == [{"account_no": A, "amount": "2330.38", "channel": "bank", "received_on": DAY, "partner": "ICBC",
                                    "serial": "S1"}]  # fmt: skip
    asked = [query for path, query in icbc.payments.asked if path.endswith("/owed")]
    assert asked == [{"day": DAY, "payer": "self", "channel": "bank"}]
    assert open_cases(icbc) == []
    assert [c["payment_id"] for c in icbc.get("/bank-days/cases", bank="ICBC", state="posted")["cases"]] == [900000]


def test_the_same_day_again_finds_what_was_posted(icbc: Desk) -> None:
    icbc.payments.owes = {A: 1000}
    compared(icbc, ("S1", A, "10.00"))
    assert counts(compared(icbc, ("S1", A, "10.00"))) == {"matched": 1}
    assert len(icbc.payments.taken) == 1


@pytest.mark.parametrize(
    "why",
    [
        "another amount",
        "unknown account",
        "not an account",
        "in collection",
        "nothing owed",
        "reversal",
        "serial used up",
    ],
)
def test_what_does_not_fit_stays_a_case_and_changes_nothing(icbc: Desk, why: str) -> None:
    account_no, amount = A, "10.00"
    icbc.payments.owes = {A: 1000}
    if why == "another amount":
        icbc.payments.owes[A] = 1001
    elif why == "unknown account":
        account_no = "0999999999"
    elif why == "not an account":
        account_no = "../owed"
    elif why == "in collection":
        icbc.payments.held[A] = ("ICBC", 1, 1)
    elif why == "nothing owed":
        icbc.payments.owes[A] = 0
    elif why == "reversal":
        amount = "-10.00"
    else:
        booked(icbc, "2025-11-01", ("S1", A, "10.00"))  # in the books of another day, and taken back there
    answer = compared(icbc, ("S1", account_no, amount))
    assert counts(answer) == {"bank_only": 1}
    assert icbc.payments.taken == []
    assert open_cases(icbc) == [("bank_only", "S1")]


def test_a_home_that_is_in_the_file_twice_is_posted_once(icbc: Desk) -> None:
    icbc.payments.owes = {A: 1000}
    assert counts(compared(icbc, ("S1", A, "10.00"), ("S2", A, "10.00"))) == {"bank_only": 2, "posted": 1}
    assert [paid["serial"] for paid in icbc.payments.taken] == ["S1"]


def test_results_of_debit_batches_are_no_part_of_the_day(icbc: Desk) -> None:
    booked(icbc, DAY, ("12/7", A, "10.00"), ("S1", A, "10.00"))
    assert counts(compared(icbc, ("S1", A, "10.00"))) == {"matched": 1}


def test_a_line_that_agrees_but_names_another_account_is_a_case(icbc: Desk) -> None:
    booked(icbc, DAY, ("S1", A, "10.00"))
    assert counts(compared(icbc, ("S1", B, "10.00"))) == {"matched": 1}
    assert open_cases(icbc) == [("account_differs", "S1")]


def test_cases_are_opened_once_and_end_when_they_are_explained(icbc: Desk) -> None:
    booked(icbc, DAY, ("S1", A, "10.00"), ("S2", B, "20.00"))
    assert compared(icbc, ("S1", A, "11.00"))["cases_opened"] == 2
    assert compared(icbc, ("S1", A, "11.00"))["cases_opened"] == 0
    assert compared(icbc, ("S1", A, "12.00"))["cases_opened"] == 1  # another difference is another case
    assert open_cases(icbc) == [("book_only", "S2"), ("amount_differs", "S1")]
    compared(icbc, ("S1", A, "10.00"), ("S2", B, "20.00"))
    assert open_cases(icbc) == []


def test_a_row_after_the_cut_off_is_explained_by_the_file_of_the_next_day(icbc: Desk) -> None:
    booked(icbc, DAY, ("S1", A, "10.00"))
    assert counts(compared(icbc)) == {"book_only": 1}
    assert counts(compared(icbc, ("S1", A, "10.00"), day=AFTER)) == {"date_differs": 1}
    assert open_cases(icbc, day=DAY) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"bank": "CCB", "day": DAY, "lines": []}, "unknown_bank"),
        ({"bank": "ICBC", "day": "2025-12-06", "lines": []}, "invalid_input"),
        ({"bank": "ICBC", "day": "2025-02-30", "lines": []}, "invalid_input"),
        ({"bank": "ICBC", "lines": []}, "invalid_input"),
        ({"bank": "ICBC", "day": DAY}, "invalid_input"),
        ({"bank": "ICBC", "day": DAY, "lines": lines(("", A, "1.00"))}, "invalid_input"),
        ({"bank": "ICBC", "day": DAY, "lines": lines(("S\t1", A, "1.00"))}, "invalid_input"),
        ({"bank": "ICBC", "day": DAY, "lines": [{"serial": "S1", "account_no": A, "amount": 1.0}]}, "invalid_input"),
        ({"bank": "ICBC", "day": DAY, "lines": lines(("S1", A, "1.005"))}, "invalid_input"),
        ({"bank": "ICBC", "day": DAY, "lines": lines(("S1", A, "-0.00"))}, "invalid_input"),
        ({"bank": "ICBC", "day": DAY, "lines": [], "posted": 3}, "invalid_input"),
    ],
)
def test_a_day_that_cannot_be_read_for_certain_is_refused(icbc: Desk, body: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused) as refused:
        icbc.post("/bank-days", body)
    assert refused.value.code == code
    assert icbc.rows("SELECT count(*) FROM reconciliations") == [(0,)]


def test_the_same_request_with_the_same_key_is_answered_again(icbc: Desk) -> None:
    icbc.payments.owes = {A: 1000}
    body = {"bank": "ICBC", "day": DAY, "lines": lines(("S1", A, "10.00"))}
    first = icbc.post("/bank-days", body, key="d")
    assert icbc.post("/bank-days", body, key="d") == first
    assert len(icbc.payments.taken) == 1


def test_while_payments_is_away_nothing_is_kept(icbc: Desk) -> None:
    icbc.payments.away = True
    with pytest.raises(Refused) as refused:
        compared(icbc, ("S1", A, "10.00"))
    assert (refused.value.code, refused.value.status) == ("service_away", 503)
    assert icbc.rows("SELECT count(*) FROM reconciliations") == [(0,)]
    assert list((icbc.folder / "spool").iterdir()) == []


def model(bank: Iterable[tuple[str, str]], book: dict[str, tuple[str, str]]) -> dict[str, list[int]]:
    """The classes as the page of the example data defines them: counts, fen of the bank, fen of our book."""
    sums: dict[str, list[int]] = {}

    def put(name: str, bank_fen: int, book_fen: int) -> None:
        row = sums.setdefault(name, [0, 0, 0])
        row[0], row[1], row[2] = row[0] + 1, row[1] + bank_fen, row[2] + book_fen

    seen: set[str] = set()
    for serial, amount in bank:
        fen = int(amount.replace(".", ""))
        if serial in seen:
            put("duplicate_serial", fen, 0)
        elif serial not in book:
            put("bank_only", fen, 0)
        else:
            own, day = int(book[serial][0].replace(".", "")), book[serial][1]
            put("amount_differs" if own != fen else "date_differs" if day != DAY else "matched", fen, own)
        seen.add(serial)
    for serial, (amount, day) in book.items():
        if serial not in seen and day == DAY:
            put("book_only", 0, int(amount.replace(".", "")))
    return sums


@pytest.mark.parametrize("seed", range(8))
def test_any_two_books_are_split_as_the_model_splits_them(icbc: Desk, seed: int) -> None:
    chance = random.Random(seed)
    book = {f"S{n}": (f"{chance.randint(1, 9)}.00", chance.choice([DAY, DAY, DAY, BEFORE, AFTER])) for n in range(30)}
    bank = [(f"S{chance.randint(0, 40)}", f"{chance.randint(1, 9)}.00") for _ in range(30)]
    for serial, (amount, day) in book.items():
        booked(icbc, day, (serial, A, amount))
    answer = compared(icbc, *((serial, A, amount) for serial, amount in bank))
    told = {
        name: [c["count"], parse_yuan(c["bank_amount"]), parse_yuan(c["book_amount"])]
        for name, c in answer["classes"].items() if c["count"]
    }  # fmt: skip
    assert told == model(bank, book)


def test_the_example_day_agrees_with_its_page(icbc: Desk, shared_folder: Path) -> None:
    folder = shared_folder / "data" / "reconciliation"
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    with (folder / "our_book.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            page = icbc.payments.book.setdefault(("ICBC", row["business_date"]), [])
            page.append(
                {
                    "payment_id": len(page) + 1,
                    "serial": row["serial"],
                    "account_no": row["customer_no"],
                    "amount": row["amount"],
                }
            )
    (Path(icbc.runtime.settings.story_clock or "")).write_text("2025-12-16")
    name = expected["bank_file"]["file"]
    answer = icbc.upload(
        "/bank-days/files", name, (folder / name).read_bytes(), bank="ICBC", day=expected["clearing_date"]
    )
    for kind, wanted in expected["classes"].items():
        told = answer["classes"][kind]
        assert told["count"] == wanted["count"], kind
        assert told["bank_amount"] == wanted.get("bank_amount", "0.00"), kind
        assert told["book_amount"] == wanted.get("book_amount", "0.00"), kind
        if "serials" in wanted:
            cases = icbc.get("/bank-days/cases", bank="ICBC", limit=1000)["cases"]
            assert {c["serial"] for c in cases if c["kind"] == kind} == set(wanted["serials"]), kind
    both = sum(parse_yuan(c["bank_amount"], minimum_fen=-(10**13)) for c in answer["classes"].values())
    assert format_yuan(both) == expected["bank_file"]["amount"]


FILE = "BJRL0001_20251203.txt"
HEAD = "2|10.00\n"
ROWS = "20251203|S1|0110000001|15.00|01|1\n20251203|S2|0110000001|-5.00|01|2\n"


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        (FILE, "", "empty_file"),
        (FILE, HEAD.replace("2|", "3|") + ROWS, "count_differs"),
        (FILE, HEAD.replace("10.00", "10.01") + ROWS, "amount_differs"),
        (FILE, HEAD + ROWS.replace("|2\n", "|1\n"), "field_format"),
        (FILE, HEAD + ROWS.replace("-5.00", "-0.00"), "field_format"),
        (FILE, HEAD + ROWS.replace("20251203|S2", "20251204|S2"), "date_differs"),
        (FILE, HEAD + ROWS.replace("15.00", "1,5.00"), "field_format"),
        (FILE, HEAD + ROWS + "\x00\x00", "trailing_bytes"),
        (FILE.replace("1203", "1204"), HEAD + ROWS, "date_differs"),
        ("x.txt", HEAD + ROWS, "name_pattern"),
    ],
)
def test_a_day_end_file_that_is_not_sound_is_refused(icbc: Desk, name: str, content: str, reason: str) -> None:
    with pytest.raises(Refused) as refused:
        icbc.upload("/bank-days/files", name, content.encode(), bank="ICBC", day=DAY)
    assert refused.value.code == reason
    assert icbc.rows("SELECT count(*) FROM reconciliations") == [(0,)]
    assert icbc.get("/files", outcome="refused")["files"][0]["kind"] == "bank_day"


def test_a_day_end_file_may_come_again(icbc: Desk) -> None:
    booked(icbc, DAY, ("S1", A, "15.00"))
    for _ in range(2):
        answer = icbc.upload("/bank-days/files", FILE, (HEAD + ROWS).encode(), bank="ICBC", day=DAY)
        assert counts(answer) == {"matched": 1, "bank_only": 1}
