"""The message bus through kombu: a doorbell that carries the event along. Losing all of it costs latency, not money.

The rules of use (confirms, one message in flight, a channel is never used again after an exception, queues are
declared by every process before it publishes) and what happens without them: docs/decisions/0007.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from kombu.connection import Connection
from kombu.entity import Exchange, Queue
from kombu.message import Message
from psycopg.conninfo import make_conninfo

from shared.chassis.event_log import Entry

BODY_BYTES_MAX = 64_000
"""Longer events travel as a doorbell without body; the consumer reads them from the log."""

CONFIRM_SECONDS = 5
VISIBLE_AGAIN_SECONDS = 30

SUBSCRIPTIONS = {
    "accounts": ("payments",),
    "payments": ("accounts", "bank_gateway"),
    "bank_gateway": ("accounts", "payments"),
}
"""Who listens to whom: consumer → producers."""


def exchange_of(producer: str) -> Exchange:
    return Exchange(f"{producer}.events.v1", type="fanout", durable=True)


def queue_of(consumer: str, producer: str) -> Queue:
    """A quorum queue on RabbitMQ; its arguments are fixed for its name, a change is a new ``.vN``."""
    return Queue(
        f"{consumer}.from.{producer}.v1",
        exchange=exchange_of(producer),
        durable=True,
        queue_arguments={"x-queue-type": "quorum", "x-single-active-consumer": True, "x-max-length": 50_000},
    )


def connect(url: str) -> Connection:
    """A connection of its own for the calling thread; nothing is sent before it is used."""
    scheme = urlsplit(url).scheme
    options: dict[str, Any] = {}
    arguments: dict[str, Any] = {}
    if scheme == "amqp":
        options = {"confirm_publish": True, "read_timeout": 15, "write_timeout": 15, "connect_timeout": 2}
        arguments = {"heartbeat": 30, "connect_timeout": 2}
    elif scheme == "pgmq":
        options = {
            "visibility_timeout": VISIBLE_AGAIN_SECONDS,
            "wait_time_seconds": 0,
            "polling_interval": 0.05,
            "init_extension": False,
            "pool_size": 2,
            "pool_timeout": 2,
        }
        if words := _conninfo(url):
            url = "pgmq://"  # the library cannot read a URL whose query says host and port
            options["conn_string"] = words
    elif scheme == "memory":
        options = {"polling_interval": 0.005}
    return Connection(url, transport_options=options, **arguments)


def _conninfo(url: str) -> str | None:
    """``pgmq://user:password@/database?host=/folder&port=…`` as libpq's words; None without such a query."""
    parts = urlsplit(url)
    host = parse_qs(parts.query).get("host", [None])[0]
    if host is None:
        return None
    port = parse_qs(parts.query).get("port", ["5432"])[0]
    return make_conninfo("", host=host, port=port, user=unquote(parts.username or "postgres"),
                         password=unquote(parts.password) if parts.password else None,
                         dbname=parts.path.lstrip("/"))  # fmt: skip


def declare_all(connection: Connection) -> None:
    """Every exchange and queue of the system, by every process, before it publishes or consumes."""
    with connection.channel() as channel:
        for consumer, producers in SUBSCRIPTIONS.items():
            for producer in producers:
                exchange_of(producer)(channel).declare()
                queue_of(consumer, producer)(channel).declare()


class Publisher:
    """Publishes entries of one producer's log, one in flight, each confirmed. Any exception ends its connection."""

    def __init__(self, url: str, *, producer: str, environment: str) -> None:
        self.url, self.producer, self.environment = url, producer, environment
        self._connection: Connection | None = None
        self._producer: Any = None

    def publish(self, entry: Entry, *, epoch: int) -> None:
        """Returns once the broker has it; raises whatever went wrong, after throwing the connection away."""
        try:
            if self._producer is None:
                self._open()
            body = entry.body if len(entry.body) <= BODY_BYTES_MAX else ""
            self._producer.publish(
                body.encode(),
                exchange=exchange_of(self.producer),
                routing_key="",
                content_type="application/json",
                content_encoding="utf-8",
                delivery_mode=2,
                headers=headers_of(entry, producer=self.producer, epoch=epoch, environment=self.environment),
                **self._confirmation,
            )
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        self._connection = connect(self.url)
        declare_all(self._connection)
        amqp = self._connection.transport.driver_type == "amqp"
        self._confirmation = (
            {"mandatory": True, "timeout": CONFIRM_SECONDS, "confirm_timeout": CONFIRM_SECONDS} if amqp else {}
        )
        self._producer = self._connection.Producer(auto_declare=False)

    def heartbeat(self) -> None:
        """To be called each second while idle: kombu sends heartbeats only when asked to."""
        if self._connection is not None and self._connection.transport.driver_type == "amqp":
            try:
                self._connection.heartbeat_check()
            except Exception:
                self.close()

    def close(self) -> None:
        connection, self._connection, self._producer = self._connection, None, None
        if connection is not None:
            connection.collect(socket_timeout=1)


def headers_of(entry: Entry, *, producer: str, epoch: int, environment: str) -> dict[str, Any]:
    return {
        "nuan_environment": environment,
        "producer": producer,
        "epoch": epoch,
        "pos": entry.pos,
        "event_id": str(entry.event_id),
        "type": entry.type,
        "schema": entry.schema,
        "actor": entry.actor,
        "cause": entry.cause,
        "at": entry.at.astimezone(UTC).isoformat(),
        "hash": entry.hash.hex(),
    }


@dataclass(frozen=True, slots=True)
class Delivery:
    """A raw message: nothing in it is believed before the consumer has checked it. Ack it after the commit."""

    headers: dict[str, Any]
    body: bytes
    ack: Callable[[], None]


def deliveries(
    url: str, *, consumer: str, producer: str, stop: Callable[[], bool], idle_seconds: Callable[[], float]
) -> Iterator[Delivery | None]:
    """Messages as they come, and None at least every ``idle_seconds()``. Ends when ``stop()`` says so.

    Raises what the connection raises; the caller backs off and calls again. No decoding happens here, so that
    a broken body reaches the consumer's own checks instead of being acknowledged away by the library.
    """
    connection = connect(url)
    try:
        declare_all(connection)
        waiting: list[Message] = []
        channel = connection.channel()
        channel.Message = _as_it_came(channel.Message)
        channel.basic_qos(0, 50, False)
        queue = queue_of(consumer, producer)(channel)
        queue.consume(
            consumer_tag=f"{consumer}-{random.random()}",
            callback=lambda raw: waiting.append(channel.message_to_python(raw)),  # amqp's own cannot be acknowledged
            no_ack=False,
        )
        beat = time.monotonic()
        while not stop():
            with suppress(TimeoutError):
                connection.drain_events(timeout=idle_seconds())
            if connection.transport.driver_type == "amqp" and time.monotonic() - beat >= 1:
                connection.heartbeat_check()
                beat = time.monotonic()
            waiting.sort(key=_number)
            for message in waiting:
                yield Delivery(dict(message.headers or {}), _raw(message), message.ack)
            waiting.clear()
            yield None
    finally:
        connection.collect(socket_timeout=1)


def _as_it_came(kind: type[Any]) -> type[Any]:
    """The library would unpack a body on a header's word, to any size, before anybody has looked at it."""

    class AsItCame(kind):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            raw = arguments[0] if arguments else options["payload"]
            headers = raw.get("headers") if isinstance(raw, dict) else raw.properties.get("application_headers")
            if isinstance(headers, dict):
                headers.pop("compression", None)
            super().__init__(*arguments, **options)

    return AsItCame


def _number(message: Message) -> int:
    """pgmq reads what is waiting in any order; the others number nothing and stay as they are."""
    return int((message.delivery_info or {}).get("pgmq_msg_id", 0))


def _raw(message: Message) -> bytes:
    body = message.body
    return body.encode() if isinstance(body, str) else bytes(body or b"")
