"""Messages of the bus that are not what they should be (reliability 6.5): none stops the stream, none is believed
against the producer's log, and what the log itself holds wrongly is parked alone."""

from __future__ import annotations

import json
import time
import uuid
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import psycopg
import pytest

from deploy.local.databases import ScratchDatabases
from services.payments.queries.trial_balance import trial_balance
from services.payments.use_cases.open_accounts import open_accounts
from shared.chassis import bus
from shared.chassis.auth import make_keys
from shared.chassis.bus import Delivery, connect, headers_of
from shared.chassis.codec import canonical, encode
from shared.chassis.consumer import Consumer, Halted, by_account
from shared.chassis.database import transaction
from shared.chassis.event_log import Entry, chained
from shared.chassis.listener import Listener
from shared.chassis.runtime import Runtime, start
from shared.chassis.settings import SERVICES, Settings
from shared.chassis.unit_of_work import Work
from shared.messages.accounts import AccountsOpened, OpenedAccount
from tests.shared.books import HANDLERS, bills, books_of, returned
from tests.shared.chain import (
    accounts_in,
    as_owner,
    consumer_of,
    emptied,
    log_of,
    opened,
    parked_in,
    sequence_all,
    tell,
)
from tests.shared.test_obligations import listener_of

TRUE = ["0000000001", "0000000002", "0000000003"]


@dataclass
class Stream:
    """A producer with three events, a consumer that took the first, and the message of the second."""

    producer: Runtime
    taker: Runtime
    entries: list[Entry]
    consumer: Consumer
    listener: Listener
    acked: list[int] = field(default_factory=list)

    def genuine(self) -> tuple[dict[str, Any], bytes]:
        entry = self.entries[1]
        return headers_of(entry, producer="accounts", epoch=1, environment="story"), entry.body.encode()

    def bring(self, headers: dict[str, Any], body: bytes) -> None:
        self.listener._take(Delivery(headers, body, lambda: self.acked.append(1)))

    def refused(self) -> list[str]:
        with transaction(self.taker.engine) as cursor:
            rows = cursor.execute("SELECT reason FROM refused_messages ORDER BY message_id").fetchall()
        return [row[0].split(":")[0] for row in rows]

    def assert_true_in_the_end(self) -> None:
        """Whatever was brought: the log is applied once, in order, and nothing else."""
        self.consumer.catch_up()
        assert self.consumer.position().pos == len(self.entries)
        assert self.consumer.position().halted is None
        assert accounts_in(self.taker) == TRUE
        assert parked_in(self.taker) == []


@pytest.fixture(scope="module")
def two_databases(admin_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Runtime, Runtime]]:
    folder = tmp_path_factory.mktemp("two")
    make_keys(folder / "keys", issuers=SERVICES)
    (folder / "clock").write_text("2025-10-20")

    def runtime(url: str) -> Runtime:
        return start(Settings(service="payments", database_url=url, bus_url="memory://", keys_folder=folder / "keys",
                              urls={}, environment="story-test", story_clock=folder / "clock"))  # fmt: skip

    def one() -> ScratchDatabases:
        return ScratchDatabases(admin_url, services=("payments",))

    with one() as told, one() as taken:
        both = runtime(told["payments"]), runtime(taken["payments"])
        yield both
        for each in both:
            each.engine.dispose()


@pytest.fixture
def pair(two_databases: tuple[Runtime, Runtime]) -> tuple[Runtime, Runtime]:
    """One that tells and one that listens, both empty."""
    return emptied(two_databases[0]), emptied(two_databases[1])


@pytest.fixture
def stream(pair: tuple[Runtime, Runtime]) -> Stream:
    producer, taker = pair
    tell(producer, opened(1), opened(2), opened(3))
    sequence_all(producer)
    consumer = consumer_of(taker, producer)
    entries = log_of(producer)
    consumer.apply(entries[:1], epoch=1)
    listener = listener_of(consumer)
    listener._poll_at = time.monotonic() + 600
    return Stream(producer, taker, entries, consumer, listener)


def test_the_genuine_message_is_applied_and_acknowledged(stream: Stream) -> None:
    """The measure of everything below."""
    stream.bring(*stream.genuine())
    assert accounts_in(stream.taker) == TRUE[:2]
    assert (stream.acked, stream.refused()) == ([1], [])


HEADERS: dict[str, tuple[dict[str, Any], str]] = {
    "16-no-id": ({"event_id": ...}, "event_id"), "18-id-is-no-uuid": ({"event_id": "17"}, "event_id"),
    "18-id-is-a-number": ({"event_id": 17}, "event_id"), "18-id-too-long": ({"event_id": "a" * 37}, "event_id"),
    "19-unknown-producer": ({"producer": "evil"}, "producer"), "19-no-producer": ({"producer": ...}, "producer"),
    "20-producer-is-ourselves": ({"producer": "payments"}, "producer"),
    "21-epoch-0": ({"epoch": 0}, "epoch"), "21-epoch-text": ({"epoch": "1"}, "epoch"), "21-epoch-true": ({"epoch": True}, "epoch"),
    "23-pos-0": ({"pos": 0}, "pos"), "23-pos-below-zero": ({"pos": -1}, "pos"), "23-pos-text": ({"pos": "2"}, "pos"),
    "23-pos-beyond-bigint": ({"pos": 2**63}, "pos"), "23-pos-float": ({"pos": 2.0}, "pos"), "23-pos-null": ({"pos": None}, "pos"),
    "23-pos-list": ({"pos": [2]}, "pos"), "23-no-pos": ({"pos": ...}, "pos"),
    "30-no-hash": ({"hash": ...}, "hash"), "30-short-hash": ({"hash": "ab"}, "hash"), "30-no-hex": ({"hash": "z" * 64}, "hash"),
    "30-long-hash": ({"hash": "a" * 65}, "hash"), "33-no-type": ({"type": ...}, "type"), "33-long-type": ({"type": "T" * 101}, "type"),
    "34-schema-text": ({"schema": "1"}, "schema"), "34-schema-0": ({"schema": 0}, "schema"),
    "47-no-instant": ({"at": ...}, "at"), "47-no-zone": ({"at": "2025-10-20T00:00:00"}, "at"), "47-text": ({"at": "yesterday"}, "at"),
    "48-no-actor": ({"actor": ...}, "actor"), "48-empty-actor": ({"actor": ""}, "actor"), "48-no-cause": ({"cause": ...}, "cause"),
    "49-nul-in-a-header": ({"nuan_environment": "a\x00b"}, "nuan_environment"),
    "74-of-the-test-system": ({"nuan_environment": "test"}, "nuan_environment"),
    "74-no-environment": ({"nuan_environment": ...}, "nuan_environment"),
    "nothing": (dict.fromkeys(("nuan_environment", "producer", "pos", "hash"), ...), "nuan_environment"),
}  # fmt: skip


@pytest.mark.parametrize(("change", "place"), HEADERS.values(), ids=[f"6.5-{name}" for name in HEADERS])
def test_a_message_whose_head_cannot_be_read_is_kept_for_a_person_and_acknowledged(
    stream: Stream, change: dict[str, Any], place: str
) -> None:
    headers, body = stream.genuine()
    stream.bring({name: value for name, value in {**headers, **change}.items() if value is not ...}, body)
    assert (stream.acked, stream.refused()) == ([1], [place])
    assert accounts_in(stream.taker) == TRUE[:1]
    stream.assert_true_in_the_end()


BODIES: dict[str, bytes] = {
    "01-not-json": b"opened", "02-empty": b"", "03-null": b"null", "04-list": b"[1]",
    "06-deep": b"[" * 50_000, "07-nan": b'{"items":NaN}', "07-infinity": b'{"items":Infinity}', "07-1e400": b'{"items":1e400}',
    "08-twice": b'{"items":[],"items":[]}', "14-__type__": b'{"__type__":"decimal","__value__":"NaN"}',
    "28-other-body": encode(AccountsOpened((OpenedAccount("0000000009", date(2025, 7, 1), "residential"),))).encode(),
"50-surrogate": b'{"items":["\\ud800"]}', "49-nul": b'{"items":["\\u0000"]}',
    "40-float": b'{"items":[{"account_no":"0000000009","opened_on":"2025-07-01","price_class":1.5}]}',
}  # fmt: skip


@pytest.mark.parametrize("body", BODIES.values(), ids=[f"6.5-{name}" for name in BODIES])
def test_a_body_that_is_not_the_producers_is_not_believed(stream: Stream, body: bytes) -> None:
    """Its hash does not follow ours: a message is no proof against the log, which is asked."""
    headers, _ = stream.genuine()
    stream.bring(headers, body)
    assert stream.acked == [1]
    assert accounts_in(stream.taker) == TRUE[:1]
    assert stream.listener._poll_at <= time.monotonic(), "the log is asked at once"
    stream.assert_true_in_the_end()


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", "开户".encode("gbk"), "开户".encode("utf-16"), zlib.compress(b"{}")])
def test_6_5_12_a_body_that_is_not_utf_8_is_kept_for_a_person(stream: Stream, body: bytes) -> None:
    stream.bring(stream.genuine()[0], body)
    assert (stream.acked, stream.refused()) == ([1], ["body"])
    stream.assert_true_in_the_end()


def test_6_5_05_a_body_of_5_mb_is_kept_in_part_for_a_person(stream: Stream) -> None:
    stream.bring(stream.genuine()[0], b"a" * 5_000_000)
    assert (stream.acked, stream.refused()) == ([1], ["body"])
    with transaction(stream.taker.engine) as cursor:
        assert cursor.execute("SELECT length(raw) FROM refused_messages").fetchone() == (4000,)
    stream.assert_true_in_the_end()


POSITIONS: dict[str, dict[str, Any]] = {
    "17-id-of-another-event": {"event_id": str(uuid.uuid4())}, "22-epoch-higher": {"epoch": 2}, "24-pos-again": {"pos": 1},
    "25-gap": {"pos": 3}, "26-a-million-ahead": {"pos": 1_000_002}, "29-hash-at-another-pos": {"pos": 3},
    "28-hash-of-nothing": {"hash": "00" * 32}, "33-other-type": {"type": "BillsIssued"}, "34-newer-schema": {"schema": 2},
    "47-instant-of-the-future": {"at": "2999-01-01T00:00:00+00:00"}, "47-instant-of-the-past": {"at": "1999-01-01T00:00:00+00:00"},
    "48-other-actor": {"actor": "staff:evil"}, "51-x-death": {"x-death": [{"count": 19, "reason": "rejected"}]},
    "53-delivery-count": {"x-delivery-count": 19}, "15-headers-of-64-kB": {"x": "a" * 64_000}, "39-unknown-header": {"new": 1},
}  # fmt: skip


@pytest.mark.parametrize("change", POSITIONS.values(), ids=[f"6.5-{name}" for name in POSITIONS])
def test_a_message_that_claims_something_else_leaves_the_truth_as_it_is(stream: Stream, change: dict[str, Any]) -> None:
    """▲ Repeats, gaps and forged heads: acknowledged, and the log decides."""
    headers, body = stream.genuine()
    stream.bring({**headers, **change}, body)
    assert stream.acked == [1]
    assert stream.refused() == []
    stream.assert_true_in_the_end()


def test_6_5_27_and_60_a_message_of_last_year_is_passed_over(stream: Stream) -> None:
    stream.consumer.catch_up()
    for entry in stream.entries:
        headers = headers_of(entry, producer="accounts", epoch=1, environment="story")
        stream.bring(headers, entry.body.encode())
    assert stream.acked == [1, 1, 1]
    stream.assert_true_in_the_end()


def test_6_5_30_a_hash_in_capitals_is_the_same_hash(stream: Stream) -> None:
    headers, body = stream.genuine()
    stream.bring({**headers, "hash": headers["hash"].upper()}, body)
    assert accounts_in(stream.taker) == TRUE[:2]


def test_a_forger_who_knows_the_chain_is_found_out_by_the_next_look_at_the_log(stream: Stream) -> None:
    """His message follows our position, and is applied; then our past is not in the producer's log, and we halt."""
    body = encode(opened(9))
    forged = replace(stream.entries[1], body=body)
    forged = replace(forged, hash=chained(stream.entries[0].hash, pos=2, event_id=forged.event_id, type_=forged.type,
                                          schema=1, body=body))  # fmt: skip
    stream.bring(headers_of(forged, producer="accounts", epoch=1, environment="story"), body.encode())
    with pytest.raises(Halted):
        stream.consumer.catch_up()
    assert stream.consumer.position().halted


# What a producer's log itself holds

LOGGED: dict[str, tuple[str, int, Any, str]] = {
    "01-not-json": ("DebitsReturned", 1, "results", "unreadable"), "02-empty": ("DebitsReturned", 1, "", "unreadable"),
    "03-null": ("DebitsReturned", 1, "null", "unreadable"), "04-list": ("DebitsReturned", 1, "[]", "unreadable"),
    "06-deep": ("DebitsReturned", 1, "[" * 100_000, "unreadable"), "07-nan": ("DebitsReturned", 1, '{"batch_no":NaN}', "unreadable"),
    "08-twice": ("DebitsReturned", 1, '{"batch_no":1,"batch_no":1}', "unreadable"),
    "33-unknown-type": ("HouseBurned", 1, '{"items":[]}', "not_understood"),
    "34-newer-schema": ("DebitsReturned", 2, '{"items":[]}', "not_understood"),
    "36-field-missing": ("DebitsReturned", 1, {"batch_no": ...}, "unreadable"),
    "37-field-null": ("DebitsReturned", 1, {"as_of": None}, "unreadable"),
    "38-field-of-other-type": ("DebitsReturned", 1, {"batch_no": "7"}, "unreadable"),
    "38-day-of-other-form": ("DebitsReturned", 1, {"as_of": "20251019"}, "unreadable"),
    "38-no-day": ("DebitsReturned", 1, {"as_of": "2025-02-30"}, "unreadable"),
    "38-items-are-an-object": ("DebitsReturned", 1, {"items": {}}, "unreadable"),
    "40-float": ("DebitsReturned", 1, {"collected_fen": 1.0}, "unreadable"),
    "40-text": ("DebitsReturned", 1, {"collected_fen": "100"}, "unreadable"),
    "40-true": ("DebitsReturned", 1, {"collected_fen": True}, "unreadable"),
    "40-below-zero": ("DebitsReturned", 1, {"collected_fen": -5}, ""),
    "40-beyond-bigint": ("DebitsReturned", 1, {"collected_fen": 2**63}, ""),
    "42-unknown-account": ("DebitsReturned", 1, {"account_no": "0110000404"}, "unknown_account"),
    "42-no-account-number": ("DebitsReturned", 1, {"account_no": "' OR 1=1--"}, "unknown_account"),
    "31-long-stream": ("DebitsReturned", 1, {"account_no": "0" * 10_000}, "unknown_account"),
    "49-nul": ("DebitsReturned", 1, {"bank": "a\x00b"}, "unreadable"),
}  # fmt: skip


def logged_body(change: Any) -> str:
    if isinstance(change, str):
        return change
    members = json.loads(encode(returned(7, ("0000000001", 1, 100))))
    for place in (members, members["items"][0]):
        for name in set(place) & set(change):
            place[name] = change[name]
    dropped = {name: value for name, value in members.items() if value is not ...}
    return canonical(dropped).replace("\x00", "\\u0000")


@pytest.mark.parametrize(
    ("kind", "schema", "change", "reason"), LOGGED.values(), ids=[f"6.5-{name}" for name in LOGGED]
)
def test_an_event_that_cannot_be_applied_is_parked_and_the_others_go_on(
    pair: tuple[Runtime, Runtime], kind: str, schema: int, change: Any, reason: str
) -> None:
    producer, taker = pair
    tell(producer, opened(1, 2), bills(("0000000001", 1, 500), ("0000000002", 2, 500)))
    with transaction(producer.engine) as cursor:
        cursor.execute(
            "INSERT INTO outbox (event_id, type, schema, body, actor, cause) VALUES (gen_random_uuid(), %s, %s, %s, 'a', 'c')",
            (kind, schema, logged_body(change)),
        )
    tell(producer, returned(8, ("0000000002", 2, 500)))
    sequence_all(producer)
    consumer = consumer_of(taker, producer, handlers=HANDLERS)
    assert consumer.catch_up() == 4
    assert consumer.catch_up() == 0
    parked = parked_in(taker)
    assert [row[0] for row in parked] == [3]
    assert parked[0][3].startswith(reason)
    books = books_of(taker)
    assert [row[0] for row in books["payments"]] == ["0000000002"]
    with taker.commands.reading() as work:
        assert trial_balance(work)["balanced"]


@pytest.mark.parametrize(("kind", "change"), [
    pytest.param("opened", {}, id="6.5-39-unknown-field"), pytest.param("opened", {"x": None}, id="6.5-39-null"),
])  # fmt: skip
def test_what_a_newer_producer_adds_is_passed_over(pair: tuple[Runtime, Runtime], kind: str, change: Any) -> None:
    """▲"""
    producer, taker = pair
    members = {**json.loads(encode(opened(1))), "added": {"deep": [1, 2]}, **change}
    as_owner(producer, "INSERT INTO outbox (event_id, type, schema, body, actor, cause) VALUES"
             f" (gen_random_uuid(), 'AccountsOpened', 1, '{canonical(members)}', 'a', 'c')")  # fmt: skip
    sequence_all(producer)
    consumer_of(taker, producer).catch_up()
    assert accounts_in(taker) == ["0000000001"]


def test_6_5_62_a_handler_that_fails_twice_and_then_works_parks_nothing(pair: tuple[Runtime, Runtime]) -> None:
    """▲"""
    producer, taker = pair
    left = [3]

    def shaky(event: AccountsOpened, work: Work) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise ConnectionError("not now")
        open_accounts(event, work)

    tell(producer, opened(1))
    sequence_all(producer)
    consumer_of(taker, producer, shaky).catch_up()
    assert accounts_in(taker) == ["0000000001"]
    assert parked_in(taker) == []


def test_6_5_63_a_handler_that_hangs_in_the_database_is_parked_and_the_others_go_on(
    pair: tuple[Runtime, Runtime],
) -> None:
    producer, taker = pair
    hung: list[int] = []

    def hangs(event: AccountsOpened, work: Work) -> None:
        work.rows("SET LOCAL statement_timeout = '100ms'")
        if any(item.account_no == "0000000001" for item in event.items):
            hung.append(1)
            work.rows("SELECT pg_sleep(60)")
        open_accounts(event, work)

    tell(producer, opened(1, 2), opened(3))
    sequence_all(producer)
    began = time.monotonic()
    assert consumer_of(taker, producer, _rows_free(hangs)).catch_up() == 2
    assert time.monotonic() - began < 5
    assert accounts_in(taker) == TRUE[1:]
    assert [row[2] for row in parked_in(taker)] == ["0000000001"]
    assert len(hung) <= 4


def _rows_free(handle: Callable[[Any, Work], None]) -> Callable[[Any, Work], None]:
    """``SET`` answers no rows; `Work.rows` wants some."""

    def with_set(event: Any, work: Work) -> None:
        rows = work.rows

        def reading(sql: str, values: Any = ()) -> list[tuple[Any, ...]]:
            if sql.startswith("SET"):
                work.cursor.execute(sql)
                return []
            return rows(sql, values)

        work.rows = reading  # type: ignore[method-assign]
        handle(event, work)

    return with_set


def test_a_database_that_goes_away_in_the_middle_parks_nothing(pair: tuple[Runtime, Runtime]) -> None:
    producer, taker = pair
    gone = [True]

    def cut(event: AccountsOpened, work: Work) -> None:
        if gone[0]:
            gone[0] = False
            work.cursor.connection.pgconn.finish()
        open_accounts(event, work)

    tell(producer, opened(1), opened(2))
    sequence_all(producer)
    consumer = consumer_of(taker, producer, cut)
    with pytest.raises(psycopg.OperationalError):
        consumer.catch_up()
    assert consumer.catch_up() == 2
    assert accounts_in(taker) == TRUE[:2]
    assert parked_in(taker) == []


def test_6_5_46_the_same_business_key_in_two_events_is_applied_once_and_the_other_parked(
    pair: tuple[Runtime, Runtime],
) -> None:
    producer, taker = pair
    tell(producer, opened(1), bills(("0000000001", 1, 500)), bills(("0000000001", 1, 700)))
    sequence_all(producer)
    consumer_of(taker, producer, handlers=HANDLERS).catch_up()
    assert [row[7] for row in books_of(taker)["receivables"]] == [500]
    assert [row[:3] for row in parked_in(taker)] == [(3, 0, "0000000001")]


# Over RabbitMQ itself


def test_6_5_09_to_15_and_51_to_59_whatever_is_put_on_the_queue_is_taken_off_and_the_genuine_one_applied(
    own_queues_url: str,
    stream: Stream,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    unpacked: list[str] = []
    monkeypatch.setattr("kombu.message.decompress", lambda body, kind: unpacked.append(kind) or body)
    headers, body = stream.genuine()
    bomb = zlib.compress(b"0" * 200_000_000)
    odd: list[dict[str, Any]] = [
        {"body": b"\x80\x04K\x01.", "content_type": "application/x-python-serialize", "headers": headers},
        {"body": b"!!python/object:os.system", "content_type": "application/x-yaml", "headers": headers},
        {"body": body, "content_type": "application/unheard-of", "content_encoding": "utf-16", "headers": {}},
        {"body": body, "content_encoding": "binary", "headers": {**headers, "pos": 7}},
        {"body": bomb, "headers": {**headers, "compression": "application/x-gzip"}},
        {"body": b"not compressed", "headers": {**headers, "compression": "application/x-gzip"}},
        {"body": b"x", "headers": {**headers, "compression": "application/x-bz2"}},
        {"body": body, "headers": {"x": "a" * 64_000}},
        {"body": body, "headers": headers, "reply_to": "evil", "priority": 255, "correlation_id": "x"},
        {"body": body, "headers": headers, "routing_key": "another", "expiration": "60000", "delivery_mode": 1},
        {"body": b"", "headers": None},
        {"body": b"a" * 3_000_000, "headers": headers},
    ]  # fmt: skip
    last = stream.entries[2]
    with connect(own_queues_url) as connection, connection.channel() as channel:
        bus.declare_all(connection)
        for message in odd:
            properties = {
                name: value for name, value in message.items() if name not in ("body", "headers", "routing_key")
            }
            made = channel.prepare_message(message["body"], headers=message["headers"],
                                           content_type=properties.pop("content_type", "application/json"),
                                           content_encoding=properties.pop("content_encoding", "utf-8"),
                                           priority=properties.pop("priority", None), properties=properties)  # fmt: skip
            channel.basic_publish(
                made, exchange=bus.exchange_of("accounts").name, routing_key=message.get("routing_key", "")
            )
        genuine = channel.prepare_message(last.body.encode(), content_type="application/json", content_encoding="utf-8",
                                          headers=headers_of(last, producer="accounts", epoch=1, environment="story"))  # fmt: skip
        channel.basic_publish(genuine, exchange=bus.exchange_of("accounts").name, routing_key="")
    listener = Listener(stream.consumer, bus_url=own_queues_url, service="payments", environment="story",
                        stop=stream.listener.stop, poll_seconds=60)  # fmt: skip
    listener.start()
    ends = time.monotonic() + 20
    while accounts_in(stream.taker) != TRUE:
        assert time.monotonic() < ends, stream.refused()
        time.sleep(0.05)
    listener.stop.set()
    listener.join(timeout=10)
    assert not listener.is_alive()
    assert unpacked == [], "nothing is unpacked on the word of a header"
    stream.assert_true_in_the_end()


def test_6_5_66_a_message_of_another_environment_never_touches_the_books(stream: Stream) -> None:
    """A test system that was connected to the wrong bus: everything it says is kept aside."""
    for entry in stream.entries:
        stream.bring(headers_of(entry, producer="accounts", epoch=1, environment="production"), entry.body.encode())
    assert stream.refused() == ["nuan_environment"] * 3
    assert accounts_in(stream.taker) == TRUE[:1]


def test_6_5_65_a_handlers_own_events_have_ids_of_their_own(pair: tuple[Runtime, Runtime]) -> None:
    producer, taker = pair

    def forwards(event: AccountsOpened, work: Work) -> None:
        open_accounts(event, work)
        work.emit(event)

    tell(producer, opened(1), opened(2))
    sequence_all(producer)
    assert by_account(AccountsOpened, forwards).stream(opened(1).items[0]) == "0000000001"
    consumer_of(taker, producer, forwards).catch_up()
    sequence_all(taker)
    assert not {entry.event_id for entry in log_of(taker)} & {entry.event_id for entry in log_of(producer)}
