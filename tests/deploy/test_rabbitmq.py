"""RabbitMQ as it is deployed: our configuration and definitions are taken, and our user may touch our queues alone."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import amqp
import pytest
from kombu import Queue

from deploy.prove.broker import Broker, available
from deploy.servers.broker import definitions
from shared.chassis.bus import Publisher, connect, declare_all, deliveries, queue_of
from shared.chassis.event_log import Entry
from shared.chassis.settings import BadSetting
from tests.deploy.manifests import ROOT, compose

URL = "amqp://nuan:p%40ss@{place}/nuan"


def configuration(folder: Path) -> str:
    """deploy/rabbitmq/rabbitmq.conf, with the one port and the one path that are a machine's own."""
    (folder / "definitions.json").write_text(json.dumps(definitions(URL.format(place="127.0.0.1"))))
    text = (ROOT / "deploy" / "rabbitmq" / "rabbitmq.conf").read_text()
    text, listeners = re.subn(r"^listeners\..*\n", "", text, flags=re.MULTILINE)
    text, paths = re.subn(r"^(load_definitions = ).*$", rf"\1{folder / 'definitions.json'}", text, flags=re.MULTILINE)
    assert (listeners, paths) == (1, 1)
    return text


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if not available():
        pytest.skip("no RabbitMQ here that could be started")
    folder = tmp_path_factory.mktemp("rabbitmq")
    broker = Broker(folder, configuration=configuration(folder))
    broker.start()
    try:
        assert broker.wait(), (folder / "output").read_text()[-2000:]
        yield URL.format(place=f"127.0.0.1:{broker.port}")
    finally:
        broker.end()


def test_our_user_declares_publishes_and_listens(url: str) -> None:
    entry = Entry(1, uuid.uuid4(), "AccountsOpened", 1, "{}", "staff:zhang", "request", datetime.now(UTC), bytes(32))
    publisher = Publisher(url, producer="accounts", environment="test")
    publisher.publish(entry, epoch=1)
    publisher.close()
    coming = deliveries(url, consumer="payments", producer="accounts", stop=lambda: False, idle_seconds=lambda: 1.0)
    delivery = next(each for each in coming if each is not None)
    assert (delivery.headers["pos"], delivery.body) == (1, b"{}")
    delivery.ack()
    coming.close()


def test_the_queues_are_quorum_queues(url: str) -> None:
    ours = queue_of("payments", "accounts")
    other = Queue(ours.name, durable=True, queue_arguments={**ours.queue_arguments, "x-queue-type": "classic"})
    with connect(url) as connection:
        declare_all(connection)
        with pytest.raises(amqp.exceptions.PreconditionFailed, match="x-queue-type"):
            other(connection.channel()).declare()


def test_our_user_touches_no_queue_of_others(url: str) -> None:
    with connect(url) as connection, pytest.raises(amqp.exceptions.AccessRefused):
        Queue("payroll", durable=True, queue_arguments={"x-queue-type": "quorum"})(connection.channel()).declare()


@pytest.mark.parametrize("other", ["amqp://guest:guest@{}//", "amqp://nuan:wrong@{}/nuan", "amqp://nuan:p%40ss@{}//"])
def test_nobody_else_is_let_in(url: str, other: str) -> None:
    place = url.split("@")[1].split("/")[0]
    with connect(other.format(place)) as connection, pytest.raises((amqp.exceptions.AccessRefused, amqp.NotAllowed)):
        connection.ensure_connection(max_retries=1, timeout=5)


def test_the_definitions_hold_no_password_and_every_policy_is_ours() -> None:
    document = definitions(URL.format(place="rabbitmq:5672"))
    assert "p@ss" not in json.dumps(document)
    assert [policy["vhost"] for policy in document["policies"]] == ["nuan"]
    for consumer, producer in (("payments", "accounts"), ("accounts", "payments"), ("bank_gateway", "payments")):
        assert re.match(document["policies"][0]["pattern"], queue_of(consumer, producer).name)


@pytest.mark.parametrize("url", ["amqp://rabbitmq/nuan", "amqp://nuan:x@rabbitmq/", "pgmq://nuan:x@db/nuan"])
def test_a_url_that_names_no_user_or_virtual_host_is_refused(url: str) -> None:
    with pytest.raises(BadSetting) as refusal:
        definitions(url)
    assert refusal.value.facts["place"] == "NUAN_BUS_URL"


def test_the_broker_reads_them_where_they_are_written() -> None:
    services = compose()["services"]
    path = services["definitions"]["command"][-1]
    assert f"load_definitions = {path}\n" in (ROOT / "deploy" / "rabbitmq" / "rabbitmq.conf").read_text()
    assert f"definitions:{Path(path).parent}" in services["definitions"]["volumes"]
    assert f"definitions:{Path(path).parent}:ro" in services["rabbitmq"]["volumes"]
