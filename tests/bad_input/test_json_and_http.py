"""JSON and HTTP that is not what it should be (reliability 6.1, rows 36–50 and 54; sockets are in test_sockets)."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import Any

import pytest

from tests.bad_input.three_services import H, Services, a_payment

GOOD = json.dumps(a_payment())


def with_member(member: str) -> bytes:
    """The good payment with one more member, written as given."""
    return GOOD.replace('"channel"', f'{member}, "channel"').encode()


BODIES: dict[str, bytes] = {
    "36-duplicate-member": GOOD.replace('"amount"', '"amount": "100.00", "amount"').encode(),
    "36-duplicate-at-the-top": b'{"payments": [], "payments": [{}]}',
    "37-100000-nested-lists": b"[" * 100_000,
    "37-100000-nested-objects": b'{"a":' * 100_000,
    "37-nested-and-closed": b"[" * 100_000 + b"]" * 100_000,
    "43-utf-16": GOOD.encode("utf-16"), "43-utf-16-without-mark": GOOD.encode("utf-16-le"),
    "43-utf-32": GOOD.encode("utf-32"), "43-mark-of-utf-8": b"\xef\xbb\xbf" + GOOD.encode(),
    "43-gbk": with_member('"payer": "@"').replace(b"@", "王秀英".encode("gbk")),
    "43-lone-surrogate": with_member('"payer": "\\ud800"'), "43-surrogate-upper-case": with_member('"payer": "\\uDFFF"'),
    "43-surrogate-bytes": with_member('"payer": "@"').replace(b"@", b"\xed\xa0\x80"),
    "43-overlong-bytes": with_member('"payer": "@"').replace(b"@", b"\xc0\x80"),
    "44-nul": with_member('"payer": "a\\u0000b"'), "44-nul-byte": with_member('"payer": "a\x00b"'),
    "44-control": with_member('"payer": "a\x1fb"'),
    "45-is_admin": with_member('"is_admin": true'), "45-paid": with_member('"paid": true'),
    "45-approved_by": with_member('"approved_by": "li"'), "45-amount_fen": with_member('"amount_fen": 1'),
    "45-at-the-top": GOOD.replace('"payments"', '"approved_by": "li", "payments"').encode(),
    "46-__proto__": with_member('"__proto__": {"is_admin": true}'), "46-constructor": with_member('"constructor": {}'),
    "46-__class__": with_member('"__class__": "x"'), "46-__type__": with_member('"__type__": "decimal"'),
    "empty": b"", "null": b"null", "list": b"[]", "text": b'"payments"', "number": b"1", "true": b"true",
    "not-json": b"payments=1", "cut-off": GOOD.encode()[:-3], "two-documents": GOOD.encode() * 2,
    "comment": b"/* a */" + GOOD.encode(), "trailing-comma": GOOD.replace("}]", "},]").encode(),
    "single-quotes": GOOD.replace('"', "'").encode(), "html": b"<html></html>", "xml": b"<?xml version='1.0'?><a/>",
    "member-without-name": GOOD.replace('"amount"', '""').encode(), "no-payments": b'{"payments": []}',
    "1001-payments": json.dumps({"payments": a_payment()["payments"] * 1001}).encode(),
    "payments-is-an-object": json.dumps({"payments": a_payment()["payments"][0]}).encode(),
    "nan": with_member('"payer": NaN'), "number-of-5000-digits": with_member('"payer": ' + "1" * 5000),
    "very-long-member": with_member('"' + "x" * 50_000 + '": 1'),
}  # fmt: skip


@pytest.mark.parametrize("body", BODIES.values(), ids=[f"6.1-{name}" for name in BODIES])
def test_a_body_that_is_not_strictly_a_payment_is_refused(services: Services, body: bytes) -> None:
    services.refuses("payments", "POST", "/payments", body, code="invalid_input")


@pytest.mark.parametrize("service", ["accounts", "payments", "bank_gateway"])
def test_6_1_38_a_body_of_11_mb_is_refused_before_it_is_read(services: Services, service: str) -> None:
    path = {"accounts": "/accounts", "payments": "/payments", "bank_gateway": "/mandates"}[service]
    answer = services.refuses(service, "POST", path, b" " * 11_000_000, statuses=(413,))
    assert answer.code == "request_entity_too_large"


BOMB = gzip.compress(b" " * 50_000_000)


@pytest.mark.parametrize(("encoding", "body"), [
    ("gzip", BOMB), ("gzip", gzip.compress(GOOD.encode())), ("deflate", zlib.compress(GOOD.encode())), ("br", b"x"),
    ("gzip", GOOD.encode()), ("gzip, gzip", gzip.compress(BOMB)), ("utf-8", GOOD.encode()),
], ids=["6.1-41-bomb", "gzip", "deflate", "br", "not-compressed", "twice", "no-encoding"])  # fmt: skip
def test_a_compressed_body_is_not_unpacked(services: Services, encoding: str, body: bytes) -> None:
    answer = services.refuses("payments", "POST", "/payments", body, headers={"Content-Encoding": encoding})
    assert answer.body["facts"]["place"] == "Content-Encoding"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "",
                                  "application/jsonp", "multipart/form-data; boundary=x", "application/octet-stream",
                                  "application/pickle", "text/json", "a" * 5000])  # fmt: skip
def test_6_1_42_another_content_type_is_refused(services: Services, kind: str) -> None:
    services.refuses("payments", "POST", "/payments", GOOD.encode(), headers={"Content-Type": kind},
                     statuses=(400, 415, 422))  # fmt: skip


@pytest.mark.parametrize("kind", ["application/json", "application/json; charset=utf-8", "application/merge-patch+json",
                                  "APPLICATION/JSON"])  # fmt: skip
def test_json_by_any_of_its_names_is_taken(services: Services, kind: str) -> None:
    answer = services.ask("payments", "POST", "/payments", GOOD.encode(), headers={"Content-Type": kind})
    assert answer.status == 201, answer.raw


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "GET", "X" * 60])
def test_6_1_47_another_method_is_refused_and_the_right_one_named(services: Services, method: str) -> None:
    answer = services.refuses("payments", method, "/payments", GOOD.encode(), statuses=(405,))
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_6_1_47_a_header_does_not_change_the_method(services: Services, header: str) -> None:
    services.refuses("payments", "GET", "/payments", headers={header: "POST"}, statuses=(405,))
    with services.nothing_changes():
        answer = services.ask("payments", "GET", f"/accounts/{H}/owed", headers={header: "DELETE"})
    assert answer.status == 200


PATHS = ["/accounts/../admin", f"/accounts/%2e%2e/{H}", f"//accounts/{H}/owed", f"/accounts//{H}/owed",
         f"/accounts/{H}/owed/", f"/accounts/{H};x=1/owed", f"/accounts/{H}./owed", f"/accounts/{H}%00/owed",
         f"/accounts/{H}%0d%0aX: 1/owed", "/accounts/%ff%fe/owed", "/accounts/１２３４５６７８９０/owed", "/ACCOUNTS/x/owed",
         "/docs/files/../../../../etc/passwd", "/docs/files/%2e%2e/%2e%2e/setup.py", "/docs/files//etc/passwd",
         "/.git/config", "/admin", "/problems/..%2fx", "/problems/" + "x" * 1000, "/accounts/' OR 1=1--/owed",
         "/accounts/${7*7}/owed", f"/accounts/{'0' * 4000}/owed", f"/accounts/{H}/owed%3Fday=x"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS, ids=[f"6.1-48-{number}" for number in range(len(PATHS))])
def test_another_path_leads_nowhere(services: Services, path: str) -> None:
    services.refuses("payments", "GET", path, statuses=(400, 404))


@pytest.mark.parametrize(("service", "path"), [
    ("bank_gateway", "/batches/0"), ("bank_gateway", "/batches/-1"), ("bank_gateway", "/batches/1.0"),
    ("bank_gateway", "/batches/9223372036854775808"), ("bank_gateway", "/batches/" + "9" * 5000),
    ("bank_gateway", "/batches/1e3"), ("bank_gateway", "/batches/%20"), ("accounts", "/billing-runs/0"),
    ("accounts", "/billing-runs/" + "9" * 40), ("accounts", "/billing-runs/1' OR 1=1"), ("accounts", "/accounts/1/bills"),
    ("accounts", f"/accounts/{'1' * 11}"), ("accounts", "/accounts/00000000-0000-0000-0000-000000000000"),
    ("accounts", "/accounts/%7B0110000001%7D"),
])  # fmt: skip
def test_6_1_63_the_number_of_nothing_is_not_found(services: Services, service: str, path: str) -> None:
    services.refuses(service, "GET", path, statuses=(404,))


QUERIES = {
    "49-10000-parameters": "&".join(f"p{number}=1" for number in range(10_000)), "50-page": "page=-1",
    "50-limit": "limit=1000000000", "50-limit-below-zero": "limit=-1", "50-limit-zero": "limit=0",
    "50-limit-full-width": "limit=１０", "50-limit-of-5000-digits": "limit=" + "9" * 5000, "50-limit-text": "limit=ten",
    "50-limit-float": "limit=1.0", "50-limit-underscore": "limit=1_0", "50-sort": "sort=id;drop table accounts",
    "50-after": "after=%27%20OR%201=1--", "50-after-nul": "after=%00", "50-bytes": "after=%ff",
    "compound-nul": "compound=%00", "unknown": "is_admin=1",
}  # fmt: skip


@pytest.mark.parametrize("query", QUERIES.values(), ids=[f"6.1-{name}" for name in QUERIES])
def test_a_query_that_nobody_asked_for_is_refused(services: Services, query: str) -> None:
    services.refuses("accounts", "GET", f"/accounts?{query}")


@pytest.mark.parametrize("query", ["day=2026-02-30", "day=24:00", "day=", "day=today", "day=2025-10-20T00:00:00Z",
                                   "day=20251020", "day=2025-1-1", "day=0001-01-01", "day=9999-12-31",
                                   "day=２０２５-10-20", "channel=gold", "payer=%00", "payer=", "amount=1"])  # fmt: skip
def test_6_1_73_a_day_that_does_not_exist_is_refused(services: Services, query: str) -> None:
    services.refuses("payments", "GET", f"/accounts/{H}/owed?{query}")


def test_6_1_54_a_forged_forwarding_header_changes_nothing(services: Services) -> None:
    forged = {"X-Forwarded-For": "127.0.0.1", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https",
              "X-Real-IP": "::1", "Forwarded": "for=127.0.0.1", "X-Forwarded-User": "admin", "X-Remote-User": "root"}  # fmt: skip
    services.refuses("payments", "POST", "/payments", GOOD.encode(), headers=forged, token=None, statuses=(401,))
    answer = services.ask("accounts", "GET", "/openapi.json", headers=forged)
    assert b"evil.example" not in answer.raw


@pytest.mark.parametrize("given", ["abc123", "A" * 64])
def test_a_request_id_goes_through(services: Services, given: str) -> None:
    answer = services.ask("payments", "POST", "/payments", a_payment(), headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] == given


@pytest.mark.parametrize("given", ["", "a b", "a\tb", "<script>", "x" * 65, "é", "13812345678;"])
def test_a_request_id_that_is_no_word_is_replaced(services: Services, given: Any) -> None:
    answer = services.ask("payments", "GET", "/livez", environ={"HTTP_X_REQUEST_ID": given})
    assert answer.headers["X-Request-Id"] != given
    assert answer.headers["X-Request-Id"].isalnum()
