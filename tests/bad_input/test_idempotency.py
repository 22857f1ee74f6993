"""Keys and repeats (reliability 6.1, rows 23–35)."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.chassis.database import transaction
from tests.bad_input.three_services import Answer, H, K, Services, a_payment
from tests.shared.killing import Killed, killed_at


def payments_of(services: Services, account_no: str = H) -> int:
    with transaction(services.runtimes["payments"].engine) as cursor:
        row = cursor.execute("SELECT count(*) FROM payments WHERE account_no = %s", (account_no,)).fetchone()
        return int(row[0]) if row else 0


BAD_KEYS = {
    "23-missing": None, "24-empty": "", "24-blank": " ", "25-256-characters": "k" * 256, "26-nul": "a\x00b",
    "26-line-end": "a\r\nX-Role: supervisor", "26-emoji": "😀", "26-inner-blank": "a b", "26-latin": "clé",
    "34-two-headers": "one,two",
}  # fmt: skip


@pytest.mark.parametrize("key", BAD_KEYS.values(), ids=[f"6.1-{name}" for name in BAD_KEYS])
@pytest.mark.parametrize(("service", "path", "body"), [
    ("payments", "/payments", a_payment()),
    ("payments", "/payments/reversals", {"reversals": [{"payment_id": 1, "reason": "wrong home"}]}),
    ("accounts", "/billing-runs", {"season": "2025-2026"}),
    ("bank_gateway", "/batches", {"bank": "BOC"}),
], ids=["pay", "reverse", "issue_bills", "build_debits"])  # fmt: skip
def test_a_request_that_moves_money_needs_one_sound_key(
    services: Services, service: str, path: str, body: Any, key: str | None
) -> None:
    environ = {} if key is None else {"HTTP_IDEMPOTENCY_KEY": key}
    answer = services.refuses(service, "POST", path, body, key=None, environ=environ, statuses=(400,))
    assert answer.body["facts"]["place"] == "Idempotency-Key"


def test_6_1_25_a_key_of_255_characters_is_sound(services: Services) -> None:
    assert (
        services.ask("payments", "POST", "/payments", a_payment(), key=uuid.uuid4().hex.ljust(255, "k")).status == 201
    )


@pytest.mark.parametrize("change", [
    pytest.param({"body": a_payment("1.01")}, id="6.1-27-other-amount"),
    pytest.param({"body": a_payment(account_no=K)}, id="6.1-28-other-account"),
    pytest.param({"path": "/payments/reversals", "body": {"reversals": [{"payment_id": 1, "reason": "x"}]}},
                 id="6.1-29-other-route"),
    pytest.param({"login": "li"}, id="6.1-30-other-person"),
])  # fmt: skip
def test_a_key_that_was_used_for_something_else_is_refused(services: Services, change: dict[str, Any]) -> None:
    key = uuid.uuid4().hex
    assert services.ask("payments", "POST", "/payments", a_payment(), key=key).status == 201
    token = services.token(login=change.get("login", "zhang"))
    services.refuses("payments", "POST", change.get("path", "/payments"), change.get("body", a_payment()), key=key,
                     token=token, statuses=(422,), code="idempotency_key_reused")  # fmt: skip


def test_6_1_31_twenty_at_once_are_one_payment_and_one_answer(services: Services) -> None:
    key, before = uuid.uuid4().hex, payments_of(services)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(
            lambda _: services.ask("payments", "POST", "/payments", a_payment(), key=key), range(20)
        ))  # fmt: skip
    assert payments_of(services) == before + 1
    taken = [answer for answer in answers if answer.status == 201]
    later = [answer for answer in answers if answer.status != 201]
    assert {answer.raw for answer in taken} == {taken[0].raw}
    assert all(answer.status in (409, 503) and answer.headers["Retry-After"] for answer in later)
    assert services.ask("payments", "POST", "/payments", a_payment(), key=key).raw == taken[0].raw
    assert sum("Idempotent-Replayed" not in answer.headers for answer in taken) == 1


@pytest.mark.parametrize("point", ["before COMMIT", "after COMMIT"])
def test_6_1_32_the_same_key_after_the_process_was_killed(services: Services, point: str) -> None:
    key, before = uuid.uuid4().hex, payments_of(services)

    def pay() -> Answer:
        return services.ask("payments", "POST", "/payments", a_payment(), key=key)

    with killed_at(10_000) as happened:
        services.ask("payments", "POST", "/payments", a_payment("0.01"))
    at = len(happened) - happened[::-1].index(point)
    with pytest.raises(Killed), killed_at(at):
        pay()
    assert payments_of(services) == before + 1 + (point == "after COMMIT")
    answer = pay()
    assert answer.status == 201
    assert ("Idempotent-Replayed" in answer.headers) == (point == "after COMMIT")
    assert payments_of(services) == before + 2
    assert pay().raw == answer.raw


def test_6_1_33_the_order_of_members_and_blanks_do_not_matter(services: Services) -> None:
    key = uuid.uuid4().hex
    first = services.ask("payments", "POST", "/payments", a_payment(), key=key)
    turned = json.dumps({"payments": [dict(reversed(a_payment()["payments"][0].items()))]}, indent=3).encode() + b"\n\n"
    again = services.ask("payments", "POST", "/payments", turned, key=key)
    assert (again.status, again.raw) == (201, first.raw)
    assert again.headers["Idempotent-Replayed"] == "true"


def test_6_1_35_a_key_of_thirteen_months_ago_is_still_known(services: Services) -> None:
    key = uuid.uuid4().hex
    first = services.ask("payments", "POST", "/payments", a_payment(), key=key)
    services.clock.write_text("2026-11-21")
    try:
        again = services.ask("payments", "POST", "/payments", a_payment(), key=key)
        assert (again.status, again.raw) == (201, first.raw)
        services.refuses("payments", "POST", "/payments", a_payment("2.00"), key=key, code="idempotency_key_reused")
    finally:
        services.clock.write_text("2025-10-20")


def test_a_refused_request_may_be_sent_again_under_its_key_when_it_can_be_done(services: Services) -> None:
    """A refusal is no effect: it is not remembered."""
    key = uuid.uuid4().hex
    unknown = a_payment(account_no="0110000009")
    services.refuses("payments", "POST", "/payments", unknown, key=key, statuses=(404,), code="unknown_account")
    assert services.ask("payments", "POST", "/payments", a_payment(), key=key).status == 201
