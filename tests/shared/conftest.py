"""What tests of the bus share: RabbitMQ, with names of their own."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator

import pytest

from shared.chassis import bus
from shared.chassis.bus import connect

AMQP_URL = os.environ.get("NUAN_TEST_AMQP_URL", "amqp://guest:guest@127.0.0.1:5672//")


@pytest.fixture
def own_queues_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """RabbitMQ with exchanges and queues of this test's own: nobody else takes its messages."""
    suffix = f"test-{uuid.uuid4().hex[:8]}"
    exchange_of, queue_of = bus.exchange_of, bus.queue_of
    monkeypatch.setattr(bus, "exchange_of", lambda producer: exchange_of(f"{suffix}.{producer}"))
    monkeypatch.setattr(bus, "queue_of", lambda consumer, producer: queue_of(f"{suffix}.{consumer}", producer))
    try:
        with connect(AMQP_URL) as connection:
            connection.ensure_connection(max_retries=1, timeout=2)
    except OSError:
        if os.environ.get("NUAN_TEST_SERVERS_REQUIRED"):
            raise
        pytest.skip("no RabbitMQ here")
    yield AMQP_URL
    with connect(AMQP_URL) as connection, connection.channel() as channel:
        for consumer, producers in bus.SUBSCRIPTIONS.items():
            for producer in producers:
                bus.queue_of(consumer, producer)(channel).delete()
                bus.exchange_of(producer)(channel).delete()
