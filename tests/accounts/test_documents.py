"""Documents: what is kept, under which name, once, and what is refused. Use cases: `attach_document`, `withdraw_documents`."""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain.document import (
    MEDIA_TYPES,
    NAME_LENGTH_MAX,
    DocumentEmpty,
    DocumentNameLies,
    DocumentTooLarge,
    DocumentTypeRefused,
    cleaned_name,
    recognised,
)
from shared.chassis.database import transaction
from tests.accounts.lifecycle_desk import Desk

PDF = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(40) + b"\xff\xd9"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(17) + b"\x00\x00\x00\x00IEND\xaeB`\x82"


def send(desk: Desk, content: bytes, name: str = "form.pdf", *, subject: str = "account", subject_no: str, key: str = "",
         title: str = "申请表", roles: tuple[str, ...] = ("clerk",), **more: Any) -> tuple[int, dict[str, Any]]:  # fmt: skip
    headers = {
        "Authorization": f"Bearer {desk.token(*roles)}",
        "Idempotency-Key": key or hashlib.md5(content + subject_no.encode()).hexdigest(),
    }
    form = {"subject": subject, "subject_no": subject_no, "title": title, "file": (io.BytesIO(content), name), **more}
    answer = desk.client.post("/documents", headers=headers, data=form)
    return answer.status_code, json.loads(answer.data)


def content_of(desk: Desk, document_id: int) -> Any:
    headers = {"Authorization": f"Bearer {desk.token('clerk')}"}
    return desk.client.get(f"/documents/{document_id}/content", headers=headers)


@pytest.mark.parametrize(("content", "name", "media_type"), [
    (PDF, "房产证.pdf", "application/pdf"), (JPEG, "seal.JPG", "image/jpeg"), (PNG, "seal.png", "image/png"),
])  # fmt: skip
def test_a_document_comes_back_as_it_was_sent(desk: Desk, content: bytes, name: str, media_type: str) -> None:
    home = desk.home()
    status, kept = send(desk, content, name, subject_no=home)
    assert (status, kept["media_type"], kept["already"]) == (201, media_type, False)
    assert kept["sha256"] == hashlib.sha256(content).hexdigest()
    answer = content_of(desk, kept["document_id"])
    assert (answer.data, answer.content_type) == (content, media_type)
    assert answer.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{quote(kept['name'])}"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    (shown,) = desk.get(f"/documents?subject=account&subject_no={home}")[1]["documents"]
    assert (shown["title"], shown["by"], shown["withdrawn"]) == ("申请表", "staff:zhang", None)
    assert desk.get(f"/documents/{kept['document_id']}")[1] == shown


def test_the_same_file_is_one_content_and_for_the_same_thing_one_document(desk: Desk) -> None:
    home, other = desk.home(), desk.home()
    content = PDF + home.encode() + b"%%EOF"
    first = send(desk, content, subject_no=home, key=f"a{home}")[1]
    again = send(desk, content, "another name.pdf", subject_no=home, key=f"b{home}")[1]
    elsewhere = send(desk, content, subject_no=other, key=f"c{home}")[1]
    assert (again["document_id"], again["already"]) == (first["document_id"], True)
    assert (elsewhere["document_id"] != first["document_id"], elsewhere["already"]) == (True, False)
    digest = hashlib.sha256(content).digest()
    assert desk.rows("SELECT count(*) FROM contents WHERE sha256 = %s", (digest,)) == [(1,)]


def test_the_same_key_answers_the_first_answer(desk: Desk) -> None:
    home = desk.home()
    assert send(desk, PDF, subject_no=home) == send(desk, PDF, subject_no=home)
    status, answer = send(desk, JPEG, "x.jpg", subject_no=home, key=hashlib.md5(PDF + home.encode()).hexdigest())
    assert (status, answer["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize(("content", "name", "code"), [
    (b"", "form.pdf", "document_empty"),
    (b"hello", "form.pdf", "document_type_refused"),
    (b"GIF89a" + bytes(30), "photo.gif", "document_type_refused"),
    (b"<html><script>alert(1)</script>", "form.pdf", "document_type_refused"),
    (b"PK\x03\x04" + bytes(30), "form.docx", "document_type_refused"),
    (b" " + PDF, "form.pdf", "document_type_refused"),
    (PDF[:-8], "form.pdf", "document_type_refused"),
    (JPEG[:-2], "seal.jpg", "document_type_refused"),
    (PNG[:-4], "seal.png", "document_type_refused"),
    (JPEG, "form.pdf", "document_name_lies"),
    (PDF, "photo.jpg", "document_name_lies"),
    (PDF, "form.pdf.exe", "document_name_lies"),
    (PDF + bytes(5000), "form.pdf", "document_type_refused"),
])  # fmt: skip
def test_what_is_no_document_is_refused(desk: Desk, content: bytes, name: str, code: str) -> None:
    home = desk.home()
    before = desk.content()
    status, answer = send(desk, content, name, subject_no=home)
    assert (status, answer["code"]) == (422, code)
    assert answer["remedy"]
    assert desk.content() == before


def test_what_is_larger_than_the_limit_is_refused(desk: Desk) -> None:
    home = desk.home()
    desk.client.application.extensions["document_bytes_max"] = 10_000
    before = desk.content()
    status, answer = send(desk, PDF + bytes(9990 - len(PDF)) + b"%%EOF", subject_no=home)
    assert status == 201, answer
    before = desk.content()
    status, answer = send(desk, PDF + bytes(9996 - len(PDF)) + b"%%EOF", subject_no=home)
    assert (status, answer["code"], answer["facts"]["bytes_max"]) == (413, "document_too_large", 10_000)
    status, answer = send(desk, PDF + bytes(40_000) + b"%%EOF", subject_no=home)
    assert (status, answer["code"]) == (413, "request_entity_too_large")
    assert desk.content() == before


@pytest.mark.parametrize(("sent", "kept"), [
    ("../../etc/passwd.pdf", "passwd.pdf"), (r"C:\scans\房产证.PDF", "房产证.pdf"), ("/form.pdf", "form.pdf"),
    ("form", "form.pdf"), ("..", "document.pdf"), (".pdf", "document.pdf"), ("a\u202egpj.pdf", "agpj.pdf"),
    ("  form .pdf", "form.pdf"), ("户" * 300 + ".pdf", "户" * 110 + ".pdf"), ('a"b\';.pdf', 'a"b\';.pdf'),
])  # fmt: skip
def test_a_name_is_the_last_part_of_what_was_sent(sent: str, kept: str) -> None:
    assert cleaned_name(sent, MEDIA_TYPES[0]) == kept


def test_a_path_in_a_name_leads_nowhere(desk: Desk) -> None:
    status, answer = send(desk, PDF, "../../etc/cron.d/x.pdf", subject_no=desk.home())
    assert (status, answer["name"]) == (201, "x.pdf")


@given(st.text(max_size=400), st.sampled_from(MEDIA_TYPES))
def test_whatever_is_sent_a_kept_name_is_a_plain_one(sent: str, media_type: Any) -> None:
    try:
        name = cleaned_name(sent, media_type)
    except DocumentNameLies:
        return
    assert name.rsplit(".", 1)[1] in media_type.extensions
    assert 1 < len(name) <= NAME_LENGTH_MAX
    assert not set("/\\\r\n\x00") & set(name)
    assert cleaned_name(name, media_type) == name


@given(st.binary(max_size=200))
def test_bytes_by_chance_are_no_document(content: bytes) -> None:
    try:
        media_type = recognised(content, bytes_max=150)
    except (DocumentEmpty, DocumentTooLarge, DocumentTypeRefused):
        return
    assert content.startswith(media_type.begins)


@pytest.mark.parametrize(("subject", "subject_no"), [
    ("account", "0000000001"), ("account", "x"), ("account", "１２３４５６７８９０"), ("connection", "1"), ("suspension", "1"),
    ("relief", "1"), ("work_order", "1"), ("approval", "9" * 19),
])  # fmt: skip
def test_nothing_is_attached_to_what_there_is_not(desk: Desk, subject: str, subject_no: str) -> None:
    before = desk.content()
    status, answer = send(desk, PDF, subject=subject, subject_no=subject_no)
    assert (status, answer["code"]) == (404, "not_found")
    assert desk.content() == before


@pytest.mark.parametrize("wrong", [
    {"subject": "season"}, {"subject": ""}, {"title": ""}, {"title": "x" * 81}, {"title": "a\u200bb"}, {"more": "1"},
    {"file": "not a file"}, {"subject_no": "9" * 21},
])  # fmt: skip
def test_a_form_that_cannot_be_read_is_refused(desk: Desk, wrong: dict[str, Any]) -> None:
    before = desk.content()
    status, answer = (
        send(desk, PDF, **{"subject_no": desk.home(), **wrong})
        if "subject_no" not in wrong
        else send(desk, PDF, **wrong)
    )
    assert (status, answer["code"]) == (422, "invalid_input")
    assert desk.content()["documents"] == before["documents"]


def test_a_withdrawn_document_stays_and_says_who_and_why(desk: Desk) -> None:
    home = desk.home()
    number = send(desk, PDF, subject_no=home)[1]["document_id"]
    status, answer = desk.post("/documents/withdrawals", {"documents": [number], "reason": "another home's"})
    assert (status, answer) == (201, {"documents": [number]})
    shown = desk.get(f"/documents/{number}")[1]
    assert (shown["withdrawn"]["reason"], shown["withdrawn"]["by"]) == ("another home's", "staff:zhang")
    assert content_of(desk, number).data == PDF
    assert (
        desk.post("/documents/withdrawals", {"documents": [number], "reason": "x"})[1]["code"] == "document_withdrawn"
    )
    anew = send(desk, PDF, subject_no=home, key=f"anew{home}")[1]
    assert (anew["already"], anew["document_id"] != number) == (False, True)


@pytest.mark.parametrize(("documents", "status"), [
    ([], 422), ([2**61], 404), ([1, 1], 404), (["1"], 422), ([None], 422), (None, 422), ([True], 422), ([-1], 422),
    ([*range(1, 1002)], 422),
])  # fmt: skip
def test_withdrawals_that_cannot_be_meant_are_refused(desk: Desk, documents: Any, status: int) -> None:
    before = desk.content()
    assert desk.post("/documents/withdrawals", {"documents": documents, "reason": "x"})[0] == status
    number = send(desk, PDF, subject_no=desk.home())[1]["document_id"]
    assert (
        desk.post("/documents/withdrawals", {"documents": [number, number], "reason": "x"})[1]["code"]
        == "invalid_input"
    )
    assert desk.content()["document_withdrawals"] == before["document_withdrawals"]


def test_documents_are_paged(desk: Desk) -> None:
    home = desk.home()
    numbers = [send(desk, PDF + bytes([each]) + b"%%EOF", subject_no=home)[1]["document_id"] for each in range(3)]
    first = desk.get(f"/documents?subject=account&subject_no={home}&limit=2")[1]
    rest = desk.get(f"/documents?subject=account&subject_no={home}&limit=2&after={first['next']}")[1]
    assert [each["document_id"] for each in first["documents"] + rest["documents"]] == numbers
    assert rest["next"] is None


def test_cashiers_do_not_read_documents_and_clerks_do_not_withdraw_them(desk: Desk) -> None:
    home = desk.home()
    assert send(desk, PDF, subject_no=home, roles=("cashier", "auditor"))[0] == 403
    assert desk.get(f"/documents?subject=account&subject_no={home}", roles=["cashier"])[0] == 403
    assert desk.post("/documents/withdrawals", {"documents": [1], "reason": "x"}, roles=["clerk"])[0] == 403


@pytest.mark.parametrize("number", ["x", "1.0", "9" * 30, "１"])
def test_a_document_that_is_no_number_is_not_there(desk: Desk, number: str) -> None:
    assert desk.get(f"/documents/{number}")[0] == 404
    assert content_of(desk, number).status_code == 404  # type: ignore[arg-type]


def test_the_database_keeps_no_content_under_a_wrong_hash_and_lets_none_go(desk: Desk) -> None:
    send(desk, PDF, subject_no=desk.home())
    for sql in ("UPDATE contents SET content = '\\x00'", "DELETE FROM contents", "DELETE FROM documents"):
        with pytest.raises(Exception, match=r"permission denied|append-only"):
            desk.rows(sql)
    with pytest.raises(Exception, match="contents_hash"), transaction(desk.runtime.engine) as cursor:
        cursor.execute("INSERT INTO contents VALUES ('\\x00', 1, 'image/png', 1, '\\x01')")


def test_a_thing_is_named_by_its_number_as_it_is_written(desk: Desk) -> None:
    """007 would be kept where nobody who looks for 7 finds it."""
    home = desk.billed_home()
    desk.do("reliefs", reliefs=[{"account_no": home, "kind": "low_income"}])
    ((case_id,),) = desk.rows("SELECT case_id FROM relief_cases WHERE account_no = %s", (home,))
    assert send(desk, PDF, subject="relief", subject_no=f"00{case_id}")[1]["code"] == "not_found"
    assert send(desk, PDF, subject="relief", subject_no=str(case_id), key="as-written")[0] == 201
