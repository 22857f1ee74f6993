"""A worker tells whoever watches whether its threads live and its database answers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
import requests

from deploy.local.ports import free_port
from shared.chassis.runtime import Runtime
from shared.chassis.worker_health import WorkerHealth


@pytest.fixture
def stop() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def worked(stop: threading.Event) -> threading.Thread:
    """A thread as the relay is one; it lives until ``ended`` is set."""
    ended = threading.Event()
    thread = threading.Thread(name="relay", target=ended.wait, daemon=True)
    thread.ended = ended  # type: ignore[attr-defined]
    thread.start()
    return thread


@pytest.fixture
def health(
    make_runtime: Callable[..., Runtime], worked: threading.Thread, stop: threading.Event
) -> Iterator[tuple[str, Runtime]]:
    runtime, address = make_runtime("payments"), f"127.0.0.1:{free_port()}"
    server = WorkerHealth(address, engine=runtime.engine, threads=[worked], stop=stop)
    server.start()
    yield f"http://{address}", runtime
    stop.set()
    server.join(timeout=5)
    assert not server.is_alive()


def test_it_lives_while_all_its_threads_live(health: tuple[str, Runtime], worked: threading.Thread) -> None:
    assert requests.get(f"{health[0]}/livez", timeout=5).json() == {"status": "alive"}
    worked.ended.set()  # type: ignore[attr-defined]
    worked.join()
    answer = requests.get(f"{health[0]}/livez", timeout=5)
    assert (answer.status_code, answer.json()) == (503, {"status": "dead", "threads": ["relay"]})


def test_it_is_ready_while_its_database_answers(health: tuple[str, Runtime]) -> None:
    url, runtime = health
    assert requests.get(f"{url}/readyz", timeout=5).json()["log"]["pos"] == 0
    runtime.engine.dispose()
    runtime.engine.raw_connection = lambda: (_ for _ in ()).throw(ConnectionRefusedError())  # type: ignore[method-assign,assignment,return-value]
    answer = requests.get(f"{url}/readyz", timeout=5)
    assert (answer.status_code, answer.json()["error"]) == (503, "ConnectionRefusedError")


def test_its_figures_can_be_collected(health: tuple[str, Runtime]) -> None:
    assert "nuan_events_applied_total" in requests.get(f"{health[0]}/metrics", timeout=5).text


def test_nothing_else_is_answered(health: tuple[str, Runtime]) -> None:
    assert requests.get(f"{health[0]}/log", timeout=5).status_code == 404
