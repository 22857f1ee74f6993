"""The obligations O1–O11 of the log and its consumers (docs/decisions/0005); O12 is tests/contracts."""

from __future__ import annotations

import importlib
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from deploy.local.databases import ScratchDatabases, beside, create_database, drop_database
from services.payments.queries.trial_balance import trial_balance
from services.payments.use_cases.open_accounts import open_accounts
from services.payments.use_cases.pay import NewPayment, Pay, pay
from shared.chassis.auth import make_keys
from shared.chassis.bus import BODY_BYTES_MAX, Delivery, Publisher, headers_of
from shared.chassis.codec import decode
from shared.chassis.consumer import Consumer, Halted
from shared.chassis.database import open_engine, transaction
from shared.chassis.event_log import BATCH, Entry, first_broken, read_head, sequence
from shared.chassis.ids import Ids
from shared.chassis.listener import Listener
from shared.chassis.relay import Relay
from shared.chassis.runtime import Runtime, start
from shared.chassis.settings import SERVICES, Settings
from shared.chassis.unit_of_work import Caller, Work
from shared.messages.accounts import AccountsOpened
from shared.messages.payments import DebtsChanged, PaymentsReceived
from tests.architecture.code import imports_of, module_file
from tests.shared.books import HANDLERS, bills, books_of, numbered, prepaid, returned
from tests.shared.chain import (
    CALLER,
    NOW,
    accounts_in,
    as_owner,
    consumer_of,
    emit,
    log_of,
    opened,
    parked_in,
    sequence_all,
    tell,
)  # fmt: skip
from tests.shared.killing import Killed, every_kill, killed_at
from tests.support.bills import issue, open_home

H, K = "0110000001", "0110000002"


@pytest.fixture
def producer(make_runtime: Callable[..., Runtime]) -> Runtime:
    return make_runtime("payments")


@pytest.fixture
def consumer_runtime(make_runtime: Callable[..., Runtime]) -> Runtime:
    return make_runtime("payments")


def counts(runtime: Runtime) -> dict[str, int]:
    """Rows of every table that a command writes."""
    tables = ("commands", "payments", "settlements", "postings", "credits", "outbox")
    with transaction(runtime.engine) as cursor:
        rows = [cursor.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() for table in tables]
        return {table: row[0] for table, row in zip(tables, rows, strict=True) if row}


# Producer


def test_rows_and_events_commit_together_whichever_statement_the_process_dies_at(producer: Runtime) -> None:
    """O1: a payment that is killed before or after each of its statements happened wholly or not at all."""
    command = Pay((NewPayment(H, 1000, "pos", outlet="HALL-1"),))
    key = "survives"
    open_home(producer, H)
    issue(producer, H, 1_000_000)
    producer.ids.take(1)
    before = counts(producer)

    def once() -> Any:
        return producer.commands.run(pay, command, caller=CALLER, key=key, request=[H, 1000])

    once()
    step = {table: now - before[table] for table, now in counts(producer).items()}
    assert step == {"commands": 1, "payments": 1, "settlements": 1, "postings": 1, "credits": 0, "outbox": 2}
    key, kills, committed = uuid.uuid4().hex, 0, 0
    known = counts(producer)
    for hit in every_kill(once):
        kills += 1
        now = counts(producer)
        changed = {table: now[table] - known[table] for table in now}
        assert changed in (step, dict.fromkeys(step, 0)), f"half of a payment is stored after a kill {hit}"
        if changed == step:
            committed += 1
            repeat = once()
            assert repeat.repeated, hit
            assert counts(producer) == now, hit
            key = uuid.uuid4().hex
        known = now
    assert kills >= 10
    assert committed >= 1, "a kill after COMMIT is among them"
    with producer.commands.reading() as work:
        assert trial_balance(work)["balanced"]


def test_every_committed_event_reaches_the_log_once_however_late_it_commits(producer: Runtime) -> None:
    """O2: writers that commit out of order and roll back at random, sequencers that die at every statement."""
    told: list[str] = []

    def write(number: int) -> None:
        for turn in range(6):
            name = f"{number}-{turn}"

            def slow(event: AccountsOpened, work: Work, number: int = number, turn: int = turn) -> None:
                work.emit(event)
                work.finish = _finishing_slowly(work.finish, 0.002 * ((number * 7 + turn * 3) % 5))  # type: ignore[method-assign]
                if turn == 3:
                    raise RuntimeError("this command fails")

            try:
                producer.commands.run(slow, opened(number * 100 + turn), caller=Caller("staff:test", name))
                told.append(name)
            except RuntimeError:
                pass

    with ThreadPoolExecutor(4) as pool:
        writing = [pool.submit(write, number) for number in range(4)]
        while not all(future.done() for future in writing):
            for _ in every_kill(lambda: _sequence_once(producer, 3)):
                pass
        for future in writing:
            future.result()
    sequence_all(producer)
    assert sorted(entry.cause for entry in log_of(producer)) == sorted(told)
    assert len(told) == 20


def _finishing_slowly(finish: Callable[..., None], seconds: float) -> Callable[..., None]:
    """The outbox rows are written, and their commit comes later than that of a following number."""

    def slowly(**arguments: Any) -> None:
        finish(**arguments)
        time.sleep(seconds)

    return slowly


def _sequence_once(runtime: Runtime, limit: int = BATCH) -> int:
    with transaction(runtime.engine) as cursor:
        return sequence(cursor, at=NOW, limit=limit)


def test_positions_have_no_gap_and_the_chain_holds_whichever_statement_a_sequencer_dies_at(producer: Runtime) -> None:
    """O3: one sequencer is killed at each of its statements while another one races it."""
    tell(producer, *(opened(number) for number in range(40)))
    stop = threading.Event()

    def race() -> None:
        while not stop.is_set():
            _sequence_once(producer, 1)
            time.sleep(0.01)

    with ThreadPoolExecutor(1) as pool:
        racing = pool.submit(race)
        try:
            kills = sum(1 for _ in every_kill(lambda: _sequence_once(producer, 2)))
        finally:
            stop.set()
        racing.result()
    assert kills >= 6
    sequence_all(producer)
    assert [entry.pos for entry in log_of(producer)] == list(range(1, 41))
    with transaction(producer.engine) as cursor:
        assert first_broken(cursor) is None
        assert read_head(cursor).pos == 40


def test_an_accounts_versions_follow_each_other_in_the_log(producer: Runtime) -> None:
    """O4: writers race for two accounts; in the log each account's version grows by one from command to command."""
    open_home(producer, H, K)
    issue(producer, H, 1_000_000)
    issue(producer, K, 1_000_000)

    def write(number: int) -> None:
        for turn in range(8):
            homes = [H, K] if (number + turn) % 3 else [K]
            command = Pay(tuple(NewPayment(home, 100, "pos") for home in homes))
            producer.commands.run(pay, command, caller=CALLER)
            _sequence_once(producer, 5)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))
    sequence_all(producer)
    versions: defaultdict[str, list[int]] = defaultdict(list)
    kinds = {kind.NAME: kind for kind in (PaymentsReceived, DebtsChanged)}
    for entry in log_of(producer):
        for item in decode(kinds[entry.type], entry.body).items:
            if versions[item.account_no][-1:] != [item.version]:
                versions[item.account_no].append(item.version)
    for account_no in (H, K):
        assert versions[account_no] == list(range(1, len(versions[account_no]) + 1)), account_no
    assert len(versions[K]) == 32


# Consumer


def test_effects_position_and_own_events_commit_together_whichever_statement_a_consumer_dies_at(
    producer: Runtime, consumer_runtime: Runtime
) -> None:
    """O5: a bank's result settles a bill and is told on; killed at every statement, it happened wholly or not at all."""
    tell(producer, opened(1), bills(("0000000001", 1, 900_000)))
    sequence_all(producer)
    consumer = consumer_of(consumer_runtime, producer, handlers=HANDLERS)
    consumer.catch_up()
    consumer_runtime.ids.take(1)
    kills = 0
    for item_no in range(1, 60):
        tell(producer, returned(7, ("0000000001", item_no, 100)))
        sequence_all(producer)
        before, position = counts(consumer_runtime), consumer.position().pos
        survived = True
        for hit in _one_kill(consumer.catch_up, at=item_no):
            survived, kills = False, kills + 1
            moved = consumer.position().pos - position
            done = {table: now - before[table] for table, now in counts(consumer_runtime).items()}
            one = {"commands": 1, "payments": 1, "settlements": 1, "postings": 1, "credits": 0, "outbox": 3}
            assert done == {table: count * moved for table, count in one.items()}, hit
        consumer.catch_up()
        if survived:
            break
    assert kills >= 10
    assert len(books_of(consumer_runtime)["payments"]) == item_no
    assert parked_in(consumer_runtime) == []


def _one_kill(work: Callable[[], Any], *, at: int) -> Iterator[str]:
    try:
        with killed_at(at) as happened:
            work()
    except Killed:
        yield happened[-1]


STORY = (
    opened(1, 2),
    bills(("0000000001", 1, 90_000), ("0000000002", 2, 80_000)),
    prepaid(("0000000001", 50_000)),
    bills(("0000000001", 3, 30_000), terms="t2", season=2024),
    returned(7, ("0000000001", 1, 20_000), ("0000000002", 2, 0)),
    returned(8, ("0000000001", 1, 60_000), ("0000000002", 2, 80_000)),
    prepaid(("0000000002", 500), ("0000000003", 7)),  # account 3 is not open yet: it waits for a person
    opened(3),
    bills(("0000000002", 4, 1_000), ("0000000003", 5, 2_000), season=2026),
)


def messages_of(entries: list[Entry], acked: list[int]) -> list[Delivery]:
    """The log as the bus would bring it; what was acknowledged is written down."""
    return [
        Delivery(headers_of(entry, producer="accounts", epoch=1, environment="story"), entry.body.encode(),
                 lambda pos=entry.pos: acked.append(pos))  # type: ignore[misc]
        for entry in entries
    ]  # fmt: skip


def listener_of(consumer: Consumer) -> Listener:
    return Listener(consumer, bus_url="memory://", service="payments", environment="story", stop=threading.Event())


@pytest.fixture(scope="module")
def told_story(admin_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Runtime, Any, Any]]:
    """A producer that told the story, what one clean pass of it leaves, and a database to take it in."""
    folder = tmp_path_factory.mktemp("story")
    make_keys(folder / "keys", issuers=SERVICES)
    (folder / "clock").write_text(date(2025, 10, 20).isoformat())

    def runtime(url: str) -> Runtime:
        return start(Settings(service="payments", database_url=url, bus_url="memory://", keys_folder=folder / "keys",
                              urls={}, environment="story-test", story_clock=folder / "clock"))  # fmt: skip

    def one() -> ScratchDatabases:
        return ScratchDatabases(admin_url, services=("payments",))

    with one() as told, one() as clean:
        teller, taker = runtime(told["payments"]), runtime(clean["payments"])
        tell(teller, *STORY)
        sequence_all(teller)
        consumer = consumer_of(taker, teller, handlers=HANDLERS)
        for entry in log_of(teller):
            consumer.apply([entry], epoch=1)
        yield teller, (books_of(taker), parked_in(taker)), lambda: (one(), runtime)
        teller.engine.dispose()
        taker.engine.dispose()


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@example(pattern=[("bus", 0), ("bus", 1), ("group", 5)])
@given(pattern=st.lists(st.tuples(st.sampled_from(["bus", "bus", "bus", "log", "group", "poll"]), st.integers(0, 8)),
                        max_size=20))  # fmt: skip
def test_whatever_the_bus_repeats_skips_or_mixes_the_books_are_those_of_one_clean_pass(
    told_story: tuple[Runtime, Any, Any], pattern: list[tuple[str, int]]
) -> None:
    """O6: any prefix, then any pattern of repeats, gaps and reads of the log leaves the state of one clean pass."""
    teller, clean, fresh = told_story
    entries, acked = log_of(teller), list[int]()
    databases, runtime = fresh()
    with databases as urls:
        taker = runtime(urls["payments"])
        consumer = consumer_of(taker, teller, handlers=HANDLERS)
        listener = listener_of(consumer)
        messages = messages_of(entries, acked)
        for how, number in pattern:
            if how == "bus":
                listener._take(messages[number])
            elif how == "group":
                consumer.apply([e for e in entries[: number + 1] if e.pos > consumer.position().pos], epoch=1)
            elif how == "poll":
                listener._catch_up_when_due()
        assert len(acked) == sum(how == "bus" for how, _ in pattern), "whatever comes is acknowledged"
        consumer.catch_up()
        assert (books_of(taker), parked_in(taker)) == clean
        taker.engine.dispose()


def test_events_that_are_applied_together_see_each_other(producer: Runtime, consumer_runtime: Runtime) -> None:
    """O6: a prepayment and the bill that it pays arrive in one page; the bill meets the credit all the same."""
    consumer = consumer_of(consumer_runtime, producer, handlers=HANDLERS)
    for page in ([opened(1)], [prepaid(("0000000001", 50_000)), bills(("0000000001", 1, 90_000))]):
        tell(producer, *page)
        sequence_all(producer)
        assert consumer.catch_up() == len(page)
    assert [row[3:] for row in books_of(consumer_runtime)["credits"]] == [(50_000, 50_000)]


def test_everything_arrives_without_the_bus_and_soon(
    producer: Runtime, consumer_runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """O7: nothing listens where the bus should be; ten seconds after the last event nobody is behind."""
    stop = threading.Event()
    nowhere = "amqp://guest:guest@127.0.0.1:9//"
    threads = [
        Relay(producer.engine, Publisher(nowhere, producer="accounts", environment="story"), clock=producer.clock,
              stop=stop),
        Listener(consumer_of(consumer_runtime, producer), bus_url=nowhere, service="payments", environment="story",
                 stop=stop, poll_seconds=2.0),
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    try:
        tell(producer, *(opened(number) for number in range(30)))
        ends = time.monotonic() + 10
        while len(accounts_in(consumer_runtime)) < 30:
            assert time.monotonic() < ends, "a consumer is behind for more than ten seconds"
            time.sleep(0.02)
    finally:
        stop.set()
        for thread in threads:
            thread.join(timeout=10)


def test_a_producer_restored_to_the_past_halts_its_readers_even_after_it_went_on(
    producer: Runtime, consumer_runtime: Runtime, admin_url: str
) -> None:
    """O8: the producer's database is put back to an older copy and writes other events over the same positions."""
    tell(producer, opened(1), opened(2))
    sequence_all(producer)
    consumer = consumer_of(consumer_runtime, producer)
    consumer.catch_up()
    as_owner(producer, "ALTER TABLE event_log DISABLE TRIGGER ALL", "DELETE FROM event_log WHERE pos = 2",
             "UPDATE log_head SET pos = 1, hash = (SELECT hash FROM event_log WHERE pos = 1)")  # fmt: skip
    tell(producer, opened(3), opened(4))
    sequence_all(producer)
    with pytest.raises(Halted):
        consumer.catch_up()
    with pytest.raises(Halted):
        consumer.apply(log_of(producer)[2:], epoch=1)
    assert accounts_in(consumer_runtime) == numbered([1, 2])


def test_a_consumer_restored_to_the_past_replays_what_it_lost(
    producer: Runtime, consumer_runtime: Runtime, admin_url: str
) -> None:
    """O8: an older copy of the consumer's database goes on from its own position to the same state."""
    tell(producer, *STORY[:3])
    sequence_all(producer)
    consumer_of(consumer_runtime, producer, handlers=HANDLERS).catch_up()
    copy = f"nuan_scratch_restored_{uuid.uuid4().hex[:8]}"
    source = consumer_runtime.engine.url.database
    consumer_runtime.engine.dispose()
    create_database(admin_url, copy, template=str(source))
    tell(producer, *STORY[3:])
    sequence_all(producer)
    consumer_of(consumer_runtime, producer, handlers=HANDLERS).catch_up()
    engine = open_engine(beside(admin_url, copy), service="payments")
    try:
        restored = Runtime(consumer_runtime.settings, engine, Ids(engine), consumer_runtime.keys,
                           consumer_runtime.clock, consumer_runtime.commands)  # fmt: skip
        assert consumer_of(restored, producer, handlers=HANDLERS).catch_up() == len(STORY) - 3
        assert books_of(restored) == books_of(consumer_runtime)
        assert parked_in(restored) == parked_in(consumer_runtime)
    finally:
        engine.dispose()
        drop_database(admin_url, copy)


def test_what_waits_behind_a_parked_item_never_overtakes_it(producer: Runtime, consumer_runtime: Runtime) -> None:
    """O9: accounts with a parked item get nothing more, over bus or log, until it is applied; then all in order."""
    broken = [True]
    applied: list[tuple[str, str]] = []

    def handle(event: AccountsOpened, work: Work) -> None:
        if broken[0] and any(item.account_no == "0000000001" and item.price_class == "first" for item in event.items):
            raise ValueError("cannot")
        applied.extend((item.account_no, item.price_class) for item in event.items)
        if any(item.price_class == "first" for item in event.items):
            open_accounts(event, work)

    def event(kind: str, *numbers: int) -> AccountsOpened:
        return AccountsOpened(tuple(replace(item, price_class=kind) for item in opened(*numbers).items))

    tell(producer, event("first", 1, 2), event("second", 1, 2), event("third", 1), event("fourth", 2))
    sequence_all(producer)
    consumer = consumer_of(consumer_runtime, producer, handle)
    listener = listener_of(consumer)
    for message in messages_of(log_of(producer), []):
        listener._take(message)
    assert consumer.position().pos == 4
    assert [kind for account, kind in applied if account == "0000000002"] == ["first", "second", "fourth"]
    assert [row[:3] for row in parked_in(consumer_runtime)] == [(n, 0, "0000000001") for n in (1, 2, 3)]
    broken[0] = False
    assert consumer.retry_parked("0000000001", by="staff:li") == 3
    assert [kind for account, kind in applied if account == "0000000001"] == ["first", "second", "third"]


def test_an_empty_database_rebuilds_the_same_books_from_the_first_position(
    producer: Runtime, make_runtime: Callable[..., Runtime]
) -> None:
    """O10: two consumers that replay the whole log from position 0 hold the same books, row for row."""
    tell(producer, *STORY)
    sequence_all(producer)
    takers = [make_runtime("payments"), make_runtime("payments")]
    for taker in takers:
        assert consumer_of(taker, producer, handlers=HANDLERS).catch_up() == len(STORY)
    assert books_of(takers[0]) == books_of(takers[1])
    assert len(books_of(takers[0])["postings"]) >= 5
    assert parked_in(takers[0]) == parked_in(takers[1])


@pytest.mark.parametrize("service", SERVICES)
def test_no_handler_reaches_outside_before_its_commit(service: str) -> None:
    """O11: what a handler's module imports, directly or not, includes nothing that speaks to the outside."""
    outside = ("requests", "urllib", "http", "socket", "smtplib", "ftplib", "subprocess", "kombu", "paramiko",
               f"services.{service}.gateways", "shared.chassis.service_client", "shared.chassis.bus")  # fmt: skip
    handlers = importlib.import_module(f"services.{service}.consumer").HANDLERS
    waiting = [handler.handle.__module__ for events in handlers.values() for handler in events.values()]
    assert waiting
    seen: set[str] = set()
    while waiting:
        module = waiting.pop()
        if module in seen or module_file(module) is None:
            continue
        seen.add(module)
        for name in imports_of(module):
            assert not name.startswith(outside), f"{module} imports {name}"
            if name.startswith((f"services.{service}.", "shared.kernel", "shared.messages")):
                waiting.append(name)
    assert len(seen) >= 2


def test_an_event_too_long_for_the_bus_is_read_from_the_log(producer: Runtime, consumer_runtime: Runtime) -> None:
    """O7: its message rings without a body; the position moves all the same."""
    producer.commands.run(emit, opened(*range(1000)), caller=CALLER)
    sequence_all(producer)
    entry = log_of(producer)[0]
    assert len(entry.body) > BODY_BYTES_MAX
    acked: list[int] = []
    consumer = consumer_of(consumer_runtime, producer)
    listener = listener_of(consumer)
    listener._poll_at = time.monotonic() + 60
    listener._take(Delivery(headers_of(entry, producer="accounts", epoch=1, environment="story"), b"",
                            lambda: acked.append(1)))  # fmt: skip
    listener._catch_up_when_due()
    assert consumer.position().pos == 1
    assert acked == [1]
