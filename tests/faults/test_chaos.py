"""The run of `nuan prove`, smoke-sized: real processes, each killed at any moment, and every promise kept."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.postgres import LocalPostgres
from deploy.prove.broker import available
from deploy.prove.chaos import run
from deploy.prove.embedded_bus import EmbeddedBus
from deploy.prove.faults import AT_LEAST, WEIGHTS, planned
from deploy.prove.stage import Stage, stage_folder
from deploy.prove.writer import Book
from tests.faults.launcher import MUTANT

LAUNCHER = Path(__file__).with_name("launcher.py")
SECONDS = 60
DRAINED_SECONDS = 30.0
"""Other tests keep the machine busy meanwhile; `nuan prove` allows ten."""


@pytest.fixture
def folder() -> Iterator[Path]:
    with stage_folder() as made:
        yield made


def test_nothing_is_lost_or_doubled_while_everything_is_killed(folder: Path) -> None:
    if os.environ.get("NUAN_TEST_SERVERS_REQUIRED"):
        assert available(), "the chaos run needs RabbitMQ's programs on this machine"
    promises = run(Stage(folder, 20251101), seconds=SECONDS, drained_seconds=DRAINED_SECONDS)
    assert {promise.id: promise.figure for promise in promises if not promise.held} == {}
    assert [promise.id for promise in promises] == ["P1", "P2", "P3", "P4", "P5", "P7", "P12"]


def test_the_run_itself_sees_services_that_forget_the_ledger(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MUTANT, "a_settled_debt_is_forgotten_in_the_ledger")
    stage = Stage(folder, 1, tills=2, accounts=20, command=(str(LAUNCHER),))
    held = {promise.id: promise.held for promise in run(stage, seconds=8, drained_seconds=DRAINED_SECONDS)}
    assert held["P3"] is False
    assert (held["P2"], held["P4"], held["P12"]) == (True, True, True)


def test_every_kind_of_fault_is_drawn_and_the_same_seed_draws_the_same() -> None:
    drawn = planned(random.Random(1), 10)
    assert set(AT_LEAST) <= set(drawn) <= set(WEIGHTS)
    assert drawn == planned(random.Random(1), 10)
    assert drawn != planned(random.Random(2), 10)


def test_the_embedded_queue_can_be_killed_and_wiped_and_comes_back(folder: Path) -> None:
    server = LocalPostgres(folder / "data")
    server.start()
    bus = EmbeddedBus(server)
    try:
        bus.start()
        assert bus.wait(seconds=30)
        for wipe in (False, True):
            bus.kill(wipe=wipe)
            assert not bus.answers()
            bus.start()
            assert bus.wait(seconds=30)
    finally:
        bus.end()
        server.stop(mode="immediate")


def test_a_client_that_was_killed_asks_again_for_what_is_unanswered(tmp_path: Path) -> None:
    book = Book(tmp_path, "till-0")
    book.try_("k1", "{}")
    book.answered("k1", 201, "first")
    book.try_("k2", "{}")
    with (tmp_path / "till-0.tried").open("ab") as file:
        file.write(b"k3 {cut")  # killed while it wrote: this request never left
    again = Book(tmp_path, "till-0")
    assert again.unanswered() == ["k2"]
    again.answered("k2", 201, "second")
    again.try_("k4", "{}")
    assert Book(tmp_path, "till-0").tried == {"k1": "{}", "k2": "{}", "k4": "{}"}


@pytest.mark.parametrize(("status", "answer", "written"), [
    (201, "first", {"k1": "first"}),
    (201, "other", {"k1": "first", "DIFFERS-k1": "other"}),
    (422, "no", {"k1": "first", "REFUSED-k1": "422 no"}),
])  # fmt: skip
def test_a_repeat_is_compared_with_the_first_answer(
    tmp_path: Path, status: int, answer: str, written: dict[str, str]
) -> None:
    book = Book(tmp_path, "till-0")
    book.try_("k1", "{}")
    book.answered("k1", 201, "first")
    book.answered("k1", status, answer)
    assert Book(tmp_path, "till-0").acked == written
