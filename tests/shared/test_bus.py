"""The same relay and listener over every bus: what was committed arrives, without the bus too."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator

import pytest

from deploy.local.databases import conninfo, create_database, drop_database
from deploy.local.queue import install_queue, queue_url
from shared.chassis.bus import Publisher
from shared.chassis.consumer import Consumer
from shared.chassis.listener import Listener
from shared.chassis.relay import Relay
from shared.chassis.runtime import Runtime
from tests.shared.chain import LocalReader, accounts_in, consumer_of, opened, tell

ENVIRONMENT = f"story-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def pgmq_url(admin_url: str) -> Iterator[str]:
    """A message queue on a database of its own, as the embedded default has it."""
    name = f"nuan_scratch_bus_{uuid.uuid4().hex[:8]}"
    database = create_database(admin_url, name)
    install_queue(conninfo(database))
    yield queue_url(conninfo(database))
    drop_database(admin_url, name)


@pytest.fixture(params=["memory", "pgmq", "amqp"])
def bus_url(request: pytest.FixtureRequest) -> str:
    if request.param == "memory":
        return "memory://"
    if request.param == "pgmq":
        made: str = request.getfixturevalue("pgmq_url")
        return made
    own: str = request.getfixturevalue("own_queues_url")
    return own


@pytest.fixture
def pair(make_runtime: Callable[..., Runtime]) -> tuple[Runtime, Runtime]:
    return make_runtime("payments"), make_runtime("payments")


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def started(
    producer: Runtime, listening: Consumer, bus_url: str, stop: threading.Event, *, poll_seconds: float
) -> list[threading.Thread]:
    relay = Relay(producer.engine, Publisher(bus_url, producer="accounts", environment=ENVIRONMENT),
                  clock=producer.clock, stop=stop, poll_seconds=0.01)  # fmt: skip
    listener = Listener(listening, bus_url=bus_url, service="payments", environment=ENVIRONMENT,
                        stop=stop, poll_seconds=poll_seconds)  # fmt: skip
    relay.start()
    listener.start()
    return relay, listener


def wait_until(reached: Callable[[], bool], *, seconds: float = 20) -> None:
    ends = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < ends, "not reached in time"
        time.sleep(0.01)


def test_committed_events_arrive_over_the_bus(
    pair: tuple[Runtime, Runtime], bus_url: str, stop: threading.Event
) -> None:
    consumer = consumer_of(pair[1], pair[0])
    assert isinstance(consumer.reader, LocalReader)
    threads = started(pair[0], consumer, bus_url, stop, poll_seconds=60)
    wait_until(lambda: consumer.reader.asked > 0)
    time.sleep(0.5)  # the listener is connected, and its next look at the log is a minute away
    asked = consumer.reader.asked
    tell(pair[0], *(opened(number) for number in range(50)))
    wait_until(lambda: len(accounts_in(pair[1])) == 50)
    assert consumer.reader.asked == asked, "the log brought them, not the bus"
    stop.set()
    for thread in threads:
        thread.join(timeout=10)
        assert not thread.is_alive()


def test_committed_events_arrive_without_any_bus(pair: tuple[Runtime, Runtime], stop: threading.Event) -> None:
    started(pair[0], consumer_of(pair[1], pair[0]), "amqp://guest:guest@127.0.0.1:9//", stop, poll_seconds=0.05)
    tell(pair[0], *(opened(number) for number in range(50)))
    wait_until(lambda: len(accounts_in(pair[1])) == 50)
