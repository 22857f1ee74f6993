"""Partners are told of events: signed, in order, at least once, and again when they ask; they can hold nobody up.

The verbs of a person: register_webhook, rotate_webhook_secret, replay_webhook, disable_webhook, resume_webhook; those of the
worker: park_webhook, recover_webhook, and disable_webhook too.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import os
import signal
import subprocess
import sys
import threading
import time
import typing
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import psycopg
import pytest

from services.accounts.domain.partner_events import TOLD, told_event
from services.accounts.domain.webhook import (
    DISABLED_AFTER,
    FIRST_DELAY,
    LONGEST_DELAY,
    PARKED_AFTER,
    next_try,
    verb_after_failure,
)
from services.accounts.gateways import partner_http
from services.accounts.storage.webhook_deliveries import WINDOW
from services.accounts.telling import Partners, Telling
from services.accounts.use_cases import register_webhook as register_webhook_module
from services.accounts.use_cases.park_webhook import ParkWebhook, park_webhook
from services.accounts.use_cases.recover_webhook import RecoverWebhook, recover_webhook
from shared.chassis.sealing import Seals
from shared.chassis.unit_of_work import Caller
from shared.kernel.lifecycle import TransitionRefused
from shared.messages import accounts as language
from tests.accounts.billing_steps import bill, open_homes
from tests.accounts.conftest import AccountsService, a_home
from tests.accounts.lifecycle_desk import Desk
from tests.accounts.partner_host import Host, partner_host, unused_port
from tests.accounts.test_billing_runs import variables
from tests.shared.chain import sequence_all

ADMIN = ["system_admin"]
NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def host() -> Iterator[Host]:
    with partner_host() as running:
        yield running


class Office:
    """A service, its partners, and a clock that can be put on. ``chance`` is none: delays are whole."""

    def __init__(self, service: AccountsService) -> None:
        self.service, self.now = service, datetime.now(UTC) + timedelta(minutes=1)
        settings = service.runtime.settings
        self.partners = Partners(service.runtime.commands, Seals(settings.keys_folder, "accounts"), trial=True,
                                 now=lambda: self.now, chance=lambda: 0.0)  # fmt: skip

    def register(self, url: str, *events: str, partner: str = "物业") -> dict[str, Any]:
        body = {"partner": partner, "url": url, "events": list(events or ["AccountsOpened"])}
        status, answer = self.service.post("/partners/webhooks", body, roles=ADMIN)
        assert status == 201, answer
        return dict(answer)

    def opens(self, *rooms: int) -> None:
        """A home each, an event each, in the log."""
        for room in rooms:
            open_homes(self.service, a_home(room))
        sequence_all(self.service.runtime)

    def tells(self) -> int:
        """Until nobody is to be told now; how many steps that took."""
        steps = 0
        while self.partners.tell_next():
            steps += 1
        return steps

    def later(self, **words: float) -> None:
        self.now += timedelta(**words)

    def shows(self, webhook_id: int) -> dict[str, Any]:
        status, answer = self.service.get(f"/partners/webhooks/{webhook_id}", roles=ADMIN)
        assert status == 200, answer
        return dict(answer)

    def does(self, webhook_id: int, what: str, **body: Any) -> dict[str, Any]:
        status, answer = self.service.post(f"/partners/webhooks/{webhook_id}/{what}", body, roles=ADMIN)
        assert status == 201, answer
        return dict(answer)

    def attempts(self, webhook_id: int, query: str = "") -> list[dict[str, Any]]:
        status, answer = self.service.get(f"/partners/webhooks/{webhook_id}/deliveries?limit=1000{query}", roles=ADMIN)
        assert status == 200, answer
        return list(answer["items"])


@pytest.fixture
def office(service: AccountsService) -> Office:
    return Office(service)


def signed(secret: str, sent: Any) -> str:
    """As docs/partners/webhooks.md tells a partner to work it out."""
    message = f"{sent.headers['Nuan-Timestamp']}.{sent.headers['Nuan-Delivery']}.".encode() + sent.raw
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def signatures(sent: Any) -> dict[str, str]:
    return dict(pair.split("=") for pair in sent.headers["Nuan-Signature"].split(", "))


def test_a_partner_is_told_what_it_wants_signed_and_in_order(office: Office, host: Host) -> None:
    registered = office.register(host.url)
    office.opens(1, 2, 3)
    office.tells()
    assert host.positions() == [1, 2, 3]
    sent = host.sent[0]
    assert (sent.path, sent.headers["Content-Type"]) == ("/nuan?of=city", "application/json")
    assert signatures(sent) == {registered["key_id"]: signed(registered["secret"], sent)}
    assert abs(int(sent.headers["Nuan-Timestamp"]) - office.now.timestamp()) < 2
    assert (sent.body["type"], sent.body["schema"], sent.body["delivery_id"]) == (
        "AccountsOpened",
        1,
        sent.headers["Nuan-Delivery"],
    )
    assert sent.event["items"][0]["account_no"] == "9000000001"
    assert office.shows(registered["webhook_id"])["pos"] == 3
    assert {each["outcome"] for each in office.attempts(registered["webhook_id"])} == {"delivered"}


def test_what_was_before_is_not_told_and_what_is_not_wanted_neither(office: Office, host: Host) -> None:
    office.opens(1)
    webhook_id = office.register(host.url, "BillsIssued")["webhook_id"]
    office.opens(2)
    bill(office.service)
    sequence_all(office.service.runtime)
    office.tells()
    assert [each.body["type"] for each in host.sent] == ["BillsIssued"]
    assert len(host.sent[0].event["items"]) == 2
    shown = office.shows(webhook_id)
    assert shown["pos"] == shown["head"]


def test_a_partner_is_told_of_a_home_that_is_suspended_and_resumed(desk: Desk, host: Host) -> None:
    desk.set_day(date(2025, 9, 1))
    office, home = Office(desk), desk.billed_home()
    sequence_all(desk.runtime)
    office.register(host.url, "AccountsMoved")
    desk.do("suspensions", suspensions=[{"account_no": home, "season": "2025-2026", "seasons": 1}])
    desk.do("suspensions", suspensions=[{"account_no": desk.home(), "season": "2025-2026"}], preview=True)
    desk.do("resumptions", accounts=[home])
    sequence_all(desk.runtime)
    office.tells()
    told = [item for each in host.sent for item in each.event["items"]]
    assert [(item["verb"], item["from_state"], item["state"]) for item in told] == [
        ("suspend", "active", "suspended"), ("resume", "suspended", "active"),
    ]  # fmt: skip
    assert {item["account_no"] for item in told} == {home}


def test_a_long_stretch_of_other_events_is_passed_over(office: Office, host: Host) -> None:
    office.register(host.url)
    office.service.as_owner(
        "INSERT INTO event_log SELECT n, gen_random_uuid(), 'BillsIssued', 1, '{}', 'a', 'c', now(), sha256('')"
        " FROM generate_series(1, %s) n",
        (2 * WINDOW + 7,),
    )
    office.service.as_owner("UPDATE log_head SET pos = %s", (2 * WINDOW + 7,))
    office.opens(1)
    office.tells()
    assert host.positions() == [2 * WINDOW + 8]


@pytest.mark.parametrize(
    ("status", "error"), [(500, "status"), (404, "status"), (302, "redirect"), (307, "redirect"), (503, "status")]
)
def test_an_answer_that_is_no_yes_is_tried_again_and_nothing_goes_before_it(
    office: Office, host: Host, status: int, error: str
) -> None:
    """A redirect is not followed: it would take what we send to whoever it names."""
    host.headers["Location"] = f"http://127.0.0.1:{host.port}/elsewhere"
    host.answers(status, status)
    webhook_id = office.register(host.url)["webhook_id"]
    office.opens(1, 2)
    office.tells()
    office.later(seconds=5)
    office.tells()
    assert host.positions() == [1, 1]
    office.later(seconds=9)
    assert office.tells() == 0, "twice as long after the second failure"
    office.later(seconds=1)
    office.tells()
    assert host.positions() == [1, 1, 1, 2]
    assert {each.path for each in host.sent} == {"/nuan?of=city"}
    assert len({each.headers["Nuan-Delivery"] for each in host.sent}) == 2, "the same id at every attempt"
    failed = office.attempts(webhook_id, "&outcome=failed")
    assert [(each["status"], each["error"]) for each in failed] == [(status, error)] * 2


def test_every_attempt_is_written_down_with_hashes_and_without_bodies(office: Office, host: Host) -> None:
    host.content = b"thank you"
    webhook_id = office.register(host.url)["webhook_id"]
    office.opens(1)
    office.tells()
    (attempt,) = office.attempts(webhook_id)
    assert attempt["body_sha256"] == hashlib.sha256(host.sent[0].raw).hexdigest()
    assert (attempt["body_bytes"], attempt["answer_sha256"]) == (
        len(host.sent[0].raw),
        hashlib.sha256(b"thank you").hexdigest(),
    )


def test_a_partner_that_is_not_there_is_tried_again(office: Office) -> None:
    webhook_id = office.register(f"http://127.0.0.1:{unused_port()}/")["webhook_id"]
    office.opens(1)
    office.tells()
    assert [each["error"] for each in office.attempts(webhook_id)] == ["no_answer"]
    shown = office.shows(webhook_id)
    assert (shown["failures"], shown["state"], shown["pos"]) == (1, "active", 0)


def hangs(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(3)


def drips(handler: BaseHTTPRequestHandler) -> None:
    """A byte of a header now and then: no read is slow, the whole has no end."""
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        for _ in range(300):
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.02)
    except OSError:
        return


def is_no_http(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n" * 3)


def sends_endless_headers(handler: BaseHTTPRequestHandler) -> None:
    try:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000)
    except OSError:
        return


@pytest.mark.parametrize(("does", "error"), [(hangs, "too_slow"), (drips, "too_slow"), (is_no_http, "no_answer"),
                                             (sends_endless_headers, "no_answer")])  # fmt: skip
def test_a_partner_that_behaves_badly_ends_its_attempt_soon(
    office: Office, host: Host, monkeypatch: pytest.MonkeyPatch, does: Any, error: str
) -> None:
    monkeypatch.setattr(partner_http, "READ_SECONDS", 0.4)
    monkeypatch.setattr(partner_http, "WHOLE_SECONDS", 0.8)
    host.does = does
    webhook_id = office.register(host.url)["webhook_id"]
    office.opens(1)
    began = time.monotonic()
    office.tells()
    assert time.monotonic() - began < 2.5
    assert [each["error"] for each in office.attempts(webhook_id)] == [error]


def test_of_a_huge_answer_little_is_read(office: Office, host: Host) -> None:
    host.content = b"x" * 50_000_000
    webhook_id = office.register(host.url)["webhook_id"]
    office.opens(1)
    office.tells()
    (attempt,) = office.attempts(webhook_id)
    assert attempt["answer_sha256"] == hashlib.sha256(b"x" * partner_http.ANSWER_BYTES_MAX).hexdigest()
    assert attempt["outcome"] == "delivered"


def test_no_proxy_of_the_environment_hears_of_it(office: Office, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_port()}")
    office.register(host.url)
    office.opens(1)
    office.tells()
    assert host.positions() == [1]


def test_one_that_fails_holds_nobody_else_up(office: Office, host: Host) -> None:
    office.register(f"http://127.0.0.1:{unused_port()}/", partner="不在")
    office.register(host.url)
    office.opens(1, 2)
    office.tells()
    assert host.positions() == [1, 2]


def test_one_whose_secret_cannot_be_opened_holds_nobody_else_up(office: Office, host: Host) -> None:
    """The row of a secret moved to another webhook opens nothing."""
    with partner_host() as other:
        broken = office.register(other.url)["webhook_id"]
        office.service.as_owner(
            "UPDATE webhook_secrets SET sealed_secret = sha256('') WHERE webhook_id = %s", (broken,)
        )
        office.register(host.url)
        office.opens(1)
        office.tells()
        assert (host.positions(), other.sent) == ([1], [])
        assert [each["error"] for each in office.attempts(broken)] == ["no_sealing_key"]


# For how long


def test_after_a_day_it_is_parked_asked_once_an_hour_and_recovers_by_answering(office: Office, host: Host) -> None:
    webhook_id = office.register(host.url)["webhook_id"]
    host.answers(*[500] * 1000)
    office.opens(1, 2)
    office.tells()
    office.later(hours=25)
    office.tells()
    assert (office.shows(webhook_id)["state"], office.shows(webhook_id)["pos"]) == ("parked", 0)
    asked = len(host.sent)
    office.later(minutes=59)
    office.tells()
    assert len(host.sent) == asked + 1, "delays grow to an hour and no further"
    host.answers()
    office.later(hours=1)
    office.tells()
    shown = office.shows(webhook_id)
    assert (shown["state"], shown["pos"], shown["failures"]) == ("active", 2, 0)
    assert [move["verb"] for move in shown["moves"]] == ["register", "park", "recover"]


def test_after_a_week_it_is_disabled_and_a_person_lets_it_go_on_from_where_it_stood(office: Office, host: Host) -> None:
    webhook_id = office.register(host.url)["webhook_id"]
    host.answers(500, 500, 500)
    office.opens(1, 2)
    office.tells()
    office.later(days=6)
    office.tells()
    office.later(days=2)
    office.tells()
    assert office.shows(webhook_id)["state"] == "disabled"
    office.later(days=30)
    assert office.tells() == 0
    assert office.does(webhook_id, "resumptions", reason="他们换了服务器")["state"] == "active"
    office.tells()
    assert host.positions() == [1, 1, 1, 1, 2]


def test_one_that_is_gone_for_ever_is_not_asked_again(office: Office, host: Host) -> None:
    webhook_id = office.register(host.url)["webhook_id"]
    host.answers(410)
    office.opens(1)
    office.tells()
    office.later(days=1)
    office.tells()
    assert (office.shows(webhook_id)["state"], len(host.sent)) == ("disabled", 1)


def test_a_person_may_disable_it_and_nothing_is_lost(office: Office, host: Host) -> None:
    webhook_id = office.register(host.url)["webhook_id"]
    office.does(webhook_id, "disablements", reason="合同到期")
    status, answer = office.service.post(f"/partners/webhooks/{webhook_id}/disablements", {"reason": "x"}, roles=ADMIN)
    assert (status, answer["code"]) == (409, "transition_refused")
    office.opens(1)
    office.tells()
    assert host.sent == []
    office.does(webhook_id, "resumptions", reason="续约")
    office.tells()
    assert host.positions() == [1]


@pytest.mark.parametrize(
    ("failures", "chance", "seconds"),
    [(1, 0.0, 5), (2, 0.0, 10), (4, 0.0, 40), (1, 1.0, 2.5), (99, 0.0, 3600), (99, 1.0, 1800)],
)
def test_delays_double_to_an_hour_and_chance_takes_up_to_half(failures: int, chance: float, seconds: float) -> None:
    assert next_try(NOW, failures=failures, chance=chance) - NOW == timedelta(seconds=seconds)
    assert FIRST_DELAY <= LONGEST_DELAY


@pytest.mark.parametrize(("state", "lasting", "gone", "verb"), [
    ("active", timedelta(0), False, None), ("active", PARKED_AFTER - timedelta(seconds=1), False, None),
    ("active", PARKED_AFTER, False, "park"), ("parked", PARKED_AFTER, False, None), ("parked", DISABLED_AFTER, False, "disable"),
    ("active", DISABLED_AFTER, False, "disable"), ("active", timedelta(0), True, "disable"),
])  # fmt: skip
def test_what_a_failure_leads_to(state: str, lasting: timedelta, gone: bool, verb: str | None) -> None:
    assert verb_after_failure(state, now=NOW, failing_since=NOW - lasting, gone=gone) == verb


def test_the_worker_moves_only_along_the_table(office: Office, host: Host) -> None:
    webhook_id = office.register(host.url)["webhook_id"]
    run = office.service.runtime.commands.run
    with pytest.raises(TransitionRefused):
        run(recover_webhook, RecoverWebhook(webhook_id), caller=Caller("worker:webhooks"))
    run(park_webhook, ParkWebhook(webhook_id, "status"), caller=Caller("worker:webhooks"))
    with pytest.raises(TransitionRefused):
        run(park_webhook, ParkWebhook(webhook_id, "status"), caller=Caller("worker:webhooks"))


# Again


def test_a_replay_tells_again_under_new_delivery_ids_and_the_same_event_ids(office: Office, host: Host) -> None:
    webhook_id = office.register(host.url)["webhook_id"]
    office.opens(1, 2, 3)
    office.tells()
    assert office.does(webhook_id, "replays", from_pos=2)["replay"] == 1
    office.tells()
    assert host.positions() == [1, 2, 3, 2, 3]
    assert host.sent[1].body["event_id"] == host.sent[3].body["event_id"]
    assert host.sent[1].body["delivery_id"] != host.sent[3].body["delivery_id"]
    assert host.sent[1].event == host.sent[3].event


def test_a_replay_may_begin_at_an_instant(office: Office, host: Host) -> None:
    webhook_id = office.register(host.url)["webhook_id"]
    office.opens(1, 2)
    office.service.as_owner("ALTER TABLE event_log DISABLE TRIGGER ALL")
    office.service.as_owner("UPDATE event_log SET at = '2025-10-20T00:00:00Z'::timestamptz + pos * interval '1 hour'")
    office.tells()
    office.does(webhook_id, "replays", from_at=AT)
    office.tells()
    assert host.positions() == [1, 2, 2]


def test_a_replay_leads_over_an_event_that_a_partner_cannot_take(office: Office, host: Host) -> None:
    webhook_id = office.register(host.url)["webhook_id"]
    host.answers(500)
    office.opens(1, 2)
    office.tells()
    office.does(webhook_id, "replays", from_pos=2)
    office.later(seconds=1)
    office.tells()
    assert host.positions() == [1, 2]


AT = "2025-10-20T10:00:00+08:00"


@pytest.mark.parametrize("body", [{}, {"from_pos": 0}, {"from_pos": -1}, {"from_pos": "1"}, {"from_pos": 1, "from_at": AT},
                                  {"from_at": "2025-10-20"}, {"from_at": "2025-10-20T10:00:00"}, {"from_at": "yesterday"}, {"from_at": 1},
                                  {"from_pos": 2**63}, {"from_pos": None}, {"all": True}])  # fmt: skip
def test_a_replay_from_nowhere_is_refused(office: Office, host: Host, body: dict[str, Any]) -> None:
    webhook_id = office.register(host.url)["webhook_id"]
    status, answer = office.service.post(f"/partners/webhooks/{webhook_id}/replays", body, roles=ADMIN)
    assert (status, answer["code"]) == (422, "invalid_input")


def test_a_replay_beyond_the_log_is_refused(office: Office, host: Host) -> None:
    webhook_id = office.register(host.url)["webhook_id"]
    office.opens(1)
    status, answer = office.service.post(f"/partners/webhooks/{webhook_id}/replays", {"from_pos": 3}, roles=ADMIN)
    assert (status, answer["code"], answer["facts"]["head"]) == (422, "not_in_the_log", 1)


def test_a_replay_while_an_event_is_under_way_stands(office: Office, host: Host) -> None:
    webhook_id = office.register(host.url)["webhook_id"]
    office.opens(1, 2)

    def replayed(handler: BaseHTTPRequestHandler) -> None:
        host.does = None
        office.does(webhook_id, "replays", from_pos=2)
        handler.send_response(200)
        handler.end_headers()

    host.does = replayed
    office.tells()
    assert host.positions() == [1, 2]
    assert office.shows(webhook_id)["pos"] == 2


def test_killed_between_sending_and_writing_it_down_it_is_sent_again_under_the_same_id(
    office: Office, host: Host
) -> None:
    """At least once; a partner that keeps delivery ids does everything once."""
    office.register(host.url)
    office.opens(1)
    script = ("import time\nfrom services.accounts import telling\nfrom shared.chassis.runtime import start\n"
              "from shared.chassis.sealing import Seals\nfrom shared.chassis.settings import read_settings\n"
              "telling.record_attempt = lambda *_, **__: (print('sent', flush=True), time.sleep(60))\n"
              "settings = read_settings('accounts')\n"
              "telling.Partners(start(settings).commands, Seals(settings.keys_folder, 'accounts'), trial=True).tell_next()\n")  # fmt: skip
    process = subprocess.Popen([sys.executable, "-c", script], env=variables(office.service), stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"sent\n"
    assert office.tells() == 0, "while it lives, nobody else tells this partner"
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    for _ in range(100):  # until the server has noticed that its client is dead
        if office.tells():
            break
        time.sleep(0.05)
    first, again = host.sent
    assert first.raw == again.raw
    assert first.headers["Nuan-Delivery"] == again.headers["Nuan-Delivery"]


def test_several_workers_keep_a_partners_order_and_tell_everything_once(office: Office, host: Host) -> None:
    webhook_id = office.register(host.url)["webhook_id"]
    office.opens(*range(1, 13))
    workers = [threading.Thread(target=office.tells) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    office.tells()
    assert host.positions() == list(range(1, 13))
    assert office.shows(webhook_id)["pos"] == 12


def test_the_worker_tells_what_comes(office: Office, host: Host) -> None:
    office.register(host.url)
    stop = threading.Event()
    telling = Telling(office.partners, stop=stop, poll_seconds=0.01)
    telling.start()
    office.opens(1, 2)
    for _ in range(500):
        if len(host.sent) == 2:
            break
        time.sleep(0.01)
    stop.set()
    telling.join()
    assert host.positions() == [1, 2]


# Secrets


def test_a_new_secret_signs_beside_the_old_one_until_that_ends(office: Office, host: Host) -> None:
    first = office.register(host.url)
    webhook_id = first["webhook_id"]
    second = office.does(webhook_id, "secrets", overlap_hours=2)
    assert first["secret"] != second["secret"]
    office.opens(1)
    office.tells()
    assert signatures(host.sent[0]) == {
        second["key_id"]: signed(second["secret"], host.sent[0]), first["key_id"]: signed(first["secret"], host.sent[0]),
    }  # fmt: skip
    office.later(hours=3)
    office.opens(2)
    office.tells()
    assert list(signatures(host.sent[1])) == [second["key_id"]]


def test_a_secret_that_leaked_signs_nothing_any_more(office: Office, host: Host) -> None:
    webhook_id = office.register(host.url)["webhook_id"]
    office.does(webhook_id, "secrets")
    leaked = office.does(webhook_id, "secrets")
    newest = office.does(webhook_id, "secrets", overlap_hours=0)
    office.opens(1)
    office.tells()
    assert list(signatures(host.sent[0])) == [newest["key_id"]]
    assert leaked["key_id"] not in signatures(host.sent[0])


def test_a_secret_stands_nowhere_but_in_its_one_answer(office: Office, host: Host) -> None:
    secret = office.register(host.url)["secret"]
    assert len(secret) > 40
    webhook_id = office.service.rows("SELECT webhook_id FROM webhooks")[0][0]
    assert secret not in str(office.shows(webhook_id))
    for (table,) in office.service.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'"):
        rows = office.service.rows(f"SELECT t::text, encode(convert_to(t::text, 'UTF8'), 'escape') FROM {table} t")
        assert secret not in str(rows), table
        assert secret.encode().hex() not in str(rows), table


# Who, what, where


def test_who_owns_a_home_is_not_told(office: Office) -> None:
    event = {"items": [{"account_no": "1", "former": "self", "former_name": "王", "household": "self:2", "name": "李"}]}
    assert told_event("AccountsTransferred", event) == {
        "items": [{"account_no": "1", "former": "self", "household": "self:2"}]
    }


def test_no_personal_number_and_no_name_is_told() -> None:
    told = {event.NAME: event for event in language.EVENTS if event.NAME in TOLD}
    for name, event in told.items():
        item = typing.get_args(typing.get_type_hints(event)["items"])[0]
        fields = {each.name for each in dataclasses.fields(item)}
        assert set(TOLD[name]) <= fields
        assert not (fields - set(TOLD[name])) & {"name", "former_name", "holder", "id_no", "phone", "bank_account"}, (
            name
        )


URLS = ["http://partner.com/", "https://10.0.0.1/", "https://192.168.1.1/", "https://169.254.169.254/latest/meta-data", "ftp://partner.com/",
        "https://user:word@partner.com/", "https://partner.com/#x", "https://localhost/", "https://accounts/", "https://db.internal/",
        "https://[::ffff:10.0.0.1]/", "https://0x7f000001/", "https://2130706433/", "https://partner.com:99999/", "https://", "nuan",
        "https://partner.com/\r\nX: y", "https://partner.com/" + "x" * 600, "", None, 1, ["https://partner.com/"]]  # fmt: skip


@pytest.mark.parametrize("url", URLS, ids=[f"{url!r:.40}" for url in URLS])
def test_a_url_that_leads_inside_or_nowhere_is_refused(service: AccountsService, url: Any) -> None:
    body = {"partner": "物业", "url": url, "events": ["BillsIssued"]}
    before = service.content()
    status, answer = service.post("/partners/webhooks", body, roles=ADMIN)
    assert (status, answer["code"] in ("url_not_allowed", "invalid_input")) == (422, True), answer
    assert service.content() == before


def test_in_earnest_a_loopback_is_no_partner_even_if_it_was_one_in_a_trial(
    in_earnest: AccountsService, host: Host
) -> None:
    body = {"partner": "物业", "url": host.url, "events": ["AccountsOpened"]}
    assert in_earnest.post("/partners/webhooks", body, roles=ADMIN)[1]["code"] == "url_not_allowed"
    trial = AccountsService(in_earnest.runtime, in_earnest._clock)
    trial.client.application.extensions["environment"] = "story"
    office = Office(trial)
    webhook_id = office.register(host.url)["webhook_id"]
    office.partners.trial = False
    office.opens(1)
    office.tells()
    assert host.sent == []
    assert [each["error"] for each in office.attempts(webhook_id)] == ["address_not_allowed"]


BODIES: dict[str, dict[str, Any]] = {
    "no-partner": {"partner": ...}, "no-url": {"url": ...}, "no-events": {"events": ...}, "empty-events": {"events": []},
    "unknown-event": {"events": ["HouseBurned"]}, "withheld-event": {"events": ["MandatesTakenOver"]},
    "event-twice": {"events": ["BillsIssued", "BillsIssued"]}, "events-are-text": {"events": "BillsIssued"},
    "1001-events": {"events": ["BillsIssued"] * 1001}, "long-partner": {"partner": "物" * 81}, "control": {"partner": "a\tb"},
    "secret-of-ones-own": {"secret": "hunter2"}, "state": {"state": "active"}, "null": {"partner": None},
}  # fmt: skip


@pytest.mark.parametrize("changed", BODIES.values(), ids=list(BODIES))
def test_a_webhook_that_cannot_be_is_refused(service: AccountsService, changed: dict[str, Any]) -> None:
    body = {"partner": "物业", "url": "https://partner.com/", "events": ["BillsIssued"], **changed}
    before = service.content()
    status, answer = service.post("/partners/webhooks", {k: v for k, v in body.items() if v is not ...}, roles=ADMIN)
    assert (status, answer["code"]) == (422, "invalid_input"), answer
    assert service.content() == before


def test_only_the_administrator_decides_and_the_auditor_looks(office: Office, host: Host) -> None:
    webhook_id = office.register(host.url)["webhook_id"]
    body = {"partner": "物业", "url": "https://partner.com/", "events": ["BillsIssued"]}
    for role in ("cashier", "clerk", "supervisor", "finance", "auditor", "security_admin"):
        assert office.service.post("/partners/webhooks", body, roles=[role])[0] == 403
        status = 200 if role == "auditor" else 403
        for path in ("", f"/{webhook_id}", f"/{webhook_id}/deliveries"):
            assert office.service.get(f"/partners/webhooks{path}", roles=[role])[0] == status


@pytest.mark.parametrize("number", ["4711", "x", "-1", "9" * 30])
def test_a_webhook_that_does_not_exist_is_not_found(service: AccountsService, number: str) -> None:
    for path, body in (
        ("replays", {"from_pos": 1}),
        ("secrets", {}),
        ("disablements", {"reason": "x"}),
        ("resumptions", {"reason": "x"}),
    ):
        status, answer = service.post(f"/partners/webhooks/{number}/{path}", body, roles=ADMIN)
        assert (status, answer["code"]) == (404, "unknown_webhook")
    for path in ("", "/deliveries"):
        assert service.get(f"/partners/webhooks/{number}{path}", roles=ADMIN)[1]["code"] == "unknown_webhook"


def test_there_are_as_many_as_may_be(office: Office, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register_webhook_module, "WEBHOOKS_MOST", 3)
    ids = [office.register(host.url)["webhook_id"] for _ in range(3)]
    body = {"partner": "物业", "url": host.url, "events": ["BillsIssued"]}
    assert office.service.post("/partners/webhooks", body, roles=ADMIN)[1]["code"] == "too_many_webhooks"
    _, page = office.service.get("/partners/webhooks?limit=2", roles=ADMIN)
    _, rest = office.service.get(f"/partners/webhooks?after={page['next']}", roles=ADMIN)
    assert [each["webhook_id"] for each in page["items"] + rest["items"]] == ids


def test_the_service_cannot_rewrite_what_partners_were_told(office: Office, host: Host) -> None:
    office.register(host.url)
    office.opens(1)
    office.tells()
    for sql in ("UPDATE webhook_deliveries SET outcome = 'failed', error = 'x'", "DELETE FROM webhook_deliveries", "DELETE FROM webhooks",
                "UPDATE webhooks SET url = 'https://evil.com/'", "UPDATE webhook_secrets SET sealed_secret = ''",
                "UPDATE webhook_moves SET reason = 'x'"):  # fmt: skip
        with pytest.raises(psycopg.Error):
            office.service.rows(sql)


def test_a_day_of_a_story_does_not_stop_partners(office: Office, host: Host) -> None:
    office.service.set_day(date(2030, 1, 1))
    office.register(host.url)
    office.opens(1)
    office.tells()
    assert host.positions() == [1]
