"""How we use the library that speaks to RabbitMQ: the traps that lose messages or hang are behind us (decision 0007)."""

from __future__ import annotations

import ast
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from amqp.exceptions import MessageNacked
from kombu import Queue

from shared.chassis import bus
from shared.chassis.bus import Publisher, connect, declare_all
from shared.chassis.database import transaction
from shared.chassis.event_log import Entry, read_head
from shared.chassis.listener import Listener
from shared.chassis.relay import Relay
from shared.chassis.runtime import Runtime
from tests.architecture.code import modules, tree_of
from tests.shared.chain import accounts_in, consumer_of, log_of, opened, sequence_all, tell
from tests.shared.gate import Gate

HERE = "story-rules"


@pytest.fixture
def producer(make_runtime: Callable[..., Runtime]) -> Runtime:
    return make_runtime("payments")


@pytest.fixture
def consumer_runtime(make_runtime: Callable[..., Runtime]) -> Runtime:
    return make_runtime("payments")


@pytest.fixture
def entry(producer: Runtime) -> Entry:
    tell(producer, opened(1))
    sequence_all(producer)
    return log_of(producer)[0]


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def waiting_in(url: str, consumer: str = "payments", producer: str = "accounts") -> list[int]:
    """The positions of the messages that wait, which are taken out."""
    found: list[int] = []
    silent = 0
    for delivery in bus.deliveries(url, consumer=consumer, producer=producer, stop=lambda: False,
                                   idle_seconds=lambda: 0.2):  # fmt: skip
        silent += 1
        if delivery is not None:
            found.append(delivery.headers["pos"])
            delivery.ack()
            silent = 0
        elif silent == 3:
            break
    return found


def until(reached: Callable[[], bool], *, seconds: float = 15) -> None:
    ends = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < ends, "not reached in time"
        time.sleep(0.02)


def test_an_answer_that_never_comes_ends_the_publish_and_its_connection(
    own_queues_url: str, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a time-out for confirms this would hang for ever."""
    monkeypatch.setattr(bus, "CONFIRM_SECONDS", 0.5)
    with Gate(own_queues_url) as gate:
        publisher = Publisher(gate.url, producer="accounts", environment=HERE)
        publisher.publish(entry, epoch=1)
        gate.answers.clear()
        began = time.monotonic()
        with pytest.raises(Exception):  # noqa: B017, PT011  # whatever the library says
            publisher.publish(replace(entry, pos=2), epoch=1)
        assert time.monotonic() - began < 5
        assert publisher._connection is None
        gate.answers.set()
        publisher.close()


def test_a_late_answer_is_never_taken_for_that_of_the_next_message(
    own_queues_url: str, entry: Entry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library counts any confirmation, also a stale one: so the next message goes over another connection."""
    monkeypatch.setattr(bus, "CONFIRM_SECONDS", 0.5)
    with Gate(own_queues_url) as gate:
        publisher = Publisher(gate.url, producer="accounts", environment=HERE)
        publisher.publish(entry, epoch=1)
        gate.answers.clear()
        with pytest.raises(Exception):  # noqa: B017, PT011
            publisher.publish(replace(entry, pos=2), epoch=1)
        used = gate.connections
        gate.answers.set()
        publisher.publish(replace(entry, pos=3), epoch=1)
        assert gate.connections > used
        publisher.close()
    assert waiting_in(own_queues_url)[-1] == 3


def test_a_message_that_reaches_no_queue_is_not_published(own_queues_url: str, entry: Entry) -> None:
    publisher = Publisher(own_queues_url, producer="accounts", environment=HERE)
    publisher.publish(entry, epoch=1)
    with connect(own_queues_url) as connection, connection.channel() as channel:
        for consumer in ("payments", "bank_gateway"):
            bus.queue_of(consumer, "accounts")(channel).delete()
    with pytest.raises(Exception, match="NO_ROUTE"):
        publisher.publish(replace(entry, pos=2), epoch=1)
    publisher.publish(replace(entry, pos=3), epoch=1)  # declared again by the next connection
    publisher.close()
    assert waiting_in(own_queues_url) == [3]


class Counting(Publisher):
    """Counts how often it was asked."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.asked: list[float] = []
        self.errors: list[type[BaseException]] = []

    def publish(self, entry: Entry, *, epoch: int) -> None:
        self.asked.append(time.monotonic())
        try:
            super().publish(entry, epoch=epoch)
        except Exception as error:
            self.errors.append(type(error))
            raise


def test_a_publish_that_the_broker_refuses_is_not_tried_in_a_hot_loop(
    own_queues_url: str, producer: Runtime, stop: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A queue that is full and rejects: the relay slows down, goes on sequencing, and its position does not move."""
    queue_of = bus.queue_of

    def full(consumer: str, producer: str) -> Queue:
        queue = queue_of(consumer, producer)
        queue.queue_arguments = {"x-max-length": 1, "x-overflow": "reject-publish"}
        return queue

    monkeypatch.setattr(bus, "queue_of", full)
    publisher = Counting(own_queues_url, producer="accounts", environment=HERE)
    relay = Relay(producer.engine, publisher, clock=producer.clock, stop=stop, poll_seconds=0.01)
    tell(producer, *(opened(number) for number in range(5)))
    relay.start()
    time.sleep(2.5)
    tell(producer, opened(6))
    until(lambda: len(log_of(producer)) == 6)
    stop.set()
    relay.join(timeout=10)
    assert MessageNacked in publisher.errors
    assert len(publisher.asked) < 12
    gaps = [later - earlier for earlier, later in zip(publisher.asked, publisher.asked[1:], strict=False)]
    assert max(gaps) > 0.3, "the pauses grow"
    with transaction(producer.engine) as cursor:
        assert read_head(cursor).published <= 1


def test_a_queue_with_other_arguments_stops_nobody(
    own_queues_url: str, producer: Runtime, consumer_runtime: Runtime, stop: threading.Event
) -> None:
    """6.5-68: somebody declared it otherwise (406): the log is sequenced and read all the same."""
    with connect(own_queues_url) as connection, connection.channel() as channel:
        bus.exchange_of("accounts")(channel).declare()
        other = bus.queue_of("payments", "accounts")
        other.queue_arguments = {"x-max-length": 7}
        other(channel).declare()
    publisher = Counting(own_queues_url, producer="accounts", environment=HERE)
    relay = Relay(producer.engine, publisher, clock=producer.clock, stop=stop, poll_seconds=0.01)
    listener = Listener(consumer_of(consumer_runtime, producer), bus_url=own_queues_url, service="payments",
                        environment=HERE, stop=stop, poll_seconds=0.1)  # fmt: skip
    relay.start()
    listener.start()
    tell(producer, opened(1), opened(2))
    until(lambda: len(accounts_in(consumer_runtime)) == 2)
    stop.set()
    for thread in (relay, listener):
        thread.join(timeout=10)
    assert len(publisher.asked) < 20


def test_a_queue_that_is_deleted_under_the_consumer_is_declared_again(
    own_queues_url: str, producer: Runtime, consumer_runtime: Runtime, stop: threading.Event
) -> None:
    """6.5-67 and 70: the broker cancels the consumer; it comes back, and the bus brings messages again."""
    consumer = consumer_of(consumer_runtime, producer)
    listener = Listener(consumer, bus_url=own_queues_url, service="payments", environment=HERE, stop=stop,
                        poll_seconds=60)  # fmt: skip
    relay = Relay(producer.engine, Publisher(own_queues_url, producer="accounts", environment=HERE),
                  clock=producer.clock, stop=stop, poll_seconds=0.01)  # fmt: skip
    relay.start()
    listener.start()
    tell(producer, opened(1))
    until(lambda: accounts_in(consumer_runtime) == ["0000000001"])
    with connect(own_queues_url) as connection, connection.channel() as channel:
        bus.queue_of("payments", "accounts")(channel).delete()
    time.sleep(1.0)
    tell(producer, opened(2))
    until(lambda: len(accounts_in(consumer_runtime)) == 2)
    stop.set()
    for thread in (relay, listener):
        thread.join(timeout=10)


def test_every_process_declares_every_queue_before_anything_is_published(own_queues_url: str) -> None:
    with connect(own_queues_url) as connection:
        declare_all(connection)
        declare_all(connection)  # the same again is no change
        for consumer, producers in bus.SUBSCRIPTIONS.items():
            for producer in producers:
                found = bus.queue_of(consumer, producer)(connection.channel()).queue_declare(passive=True)
                assert found.message_count == 0


def test_a_connection_is_given_its_time_limits() -> None:
    connection = connect("amqp://guest:guest@127.0.0.1:9//")
    options = connection.transport_options
    assert options["confirm_publish"] is True
    assert 0 < options["read_timeout"] <= 15
    assert 0 < options["write_timeout"] <= 15
    assert options["connect_timeout"] == 2
    assert connection.heartbeat == 30
    began = time.monotonic()
    with pytest.raises(OSError):  # noqa: PT011
        connection.connect()
    assert time.monotonic() - began < 4


def calls(module: str) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree_of(module)) if isinstance(node, ast.Call))


@pytest.mark.parametrize("module", list(modules("shared", "services")))
def test_nothing_is_requeued_nor_retried_by_the_library_nor_unpickled(module: str) -> None:
    """Ack after the commit, always; the log redelivers."""
    for call in calls(module):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        assert name not in {"requeue", "reject", "nack", "recover", "basic_reject", "basic_nack", "ensure"}, module
        for keyword in call.keywords:
            value = getattr(keyword.value, "value", None)
            assert not (keyword.arg == "retry" and value is True), f"{module}:{call.lineno}"
            assert not (keyword.arg == "no_ack" and value is True), f"{module}:{call.lineno}"
            assert not (keyword.arg == "serializer" and value in ("pickle", "yaml")), f"{module}:{call.lineno}"
    imported = {
        alias.name for node in ast.walk(tree_of(module)) if isinstance(node, ast.Import) for alias in node.names
    }
    assert not imported & {"pickle", "marshal", "shelve", "dill"}, module
