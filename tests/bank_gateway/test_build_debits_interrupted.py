"""Whoever dies while a batch is built: the next one goes on, and nothing is held or sent twice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.bank_gateway.errands import ErrandRunner
from services.bank_gateway.storage import batches, items
from tests.bank_gateway.desk import Desk
from tests.bank_gateway.interruptions import every_interruption

ACCOUNTS = [f"01100000{n:02d}" for n in range(1, 8)]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of three items, so that a batch of seven has three."""
    for module in (items, batches):
        monkeypatch.setattr(module, "ITEMS_PER_PAGE", 3)


def prepared(desk: Desk) -> Desk:
    desk.declare()
    desk.payments.owes = {account_no: 1000 + n for n, account_no in enumerate(ACCOUNTS)}
    desk.agree(*ACCOUNTS)
    return desk


def everybody_goes_on(desk: Desk) -> None:
    """A worker finds the batch after a minute of silence."""
    with desk.runtime.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE batches SET attended_until = now() - interval '1 second'")
    while desk.errands.once():
        pass


@pytest.mark.usefixtures("small_pages")
def test_a_build_killed_at_any_point_ends_as_if_it_had_not_been(make_desk: Callable[[], Desk]) -> None:
    whole = prepared(make_desk())
    expected = whole.file(whole.post("/batches", {"bank": "ICBC"}, key="send")["batch_no"])
    held = dict(whole.payments.held)
    points = 0
    for point, desk in every_interruption(
        lambda desk: desk.post("/batches", {"bank": "ICBC"}, key="send"), lambda: prepared(make_desk())
    ):
        points = point
        everybody_goes_on(desk)
        batch = desk.post("/batches", {"bank": "ICBC"}, key="send")
        assert (batch["state"], batch["count"], batch["amount"]) == ("handed_over", 7, "70.21"), point
        assert desk.file(batch["batch_no"]) == expected, point
        assert {a: h[2] for a, h in desk.payments.held.items()} == {a: h[2] for a, h in held.items()}, point
        assert len(desk.get("/batches")["batches"]) == 1, point
        assert [p.name for p in (desk.folder / "out").iterdir()] == [expected[0]], point
        assert list((desk.folder / "built").iterdir()) == [], point
    assert points > 15


@pytest.mark.usefixtures("small_pages")
def test_while_payments_is_away_the_batch_waits_and_then_goes_on(desk: Desk) -> None:
    prepared(desk)
    calls = iter(range(100))

    def away_after_the_first(_: str) -> None:
        desk.payments.away = next(calls) >= 0

    desk.payments.after = away_after_the_first
    batch = desk.post("/batches", {"bank": "ICBC"})
    assert (batch["state"], batch["waits_for"], batch["claims"]["claimed_pages"]) == ("claiming", "claim", 1)
    desk.payments.away, desk.payments.after = False, lambda _: None
    everybody_goes_on(desk)
    assert desk.get(f"/batches/{batch['batch_no']}")["state"] == "handed_over"


def test_a_batch_that_somebody_works_on_is_left_alone(desk: Desk) -> None:
    desk.payments.away = True
    batch = prepared(desk).post("/batches", {"bank": "ICBC"})
    desk.payments.away = False
    assert desk.errands.once() is False  # it rests for some seconds after payments did not answer
    assert desk.get(f"/batches/{batch['batch_no']}")["waits_for"] == "claim"


def test_two_who_go_on_with_the_same_batch_do_it_once(desk: Desk) -> None:
    desk.payments.away = True
    batch_no = prepared(desk).post("/batches", {"bank": "ICBC"})["batch_no"]
    desk.payments.away = False
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: desk.errands.go_on(batch_no, caller=desk.caller), range(3)))
    batch = desk.get(f"/batches/{batch_no}")
    assert (batch["state"], batch["count"], batch["claims"]["claimed_pages"]) == ("handed_over", 7, 1)


def test_the_runner_survives_trouble_and_ends_when_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    seen = []

    def once(*, stop: Callable[[], bool]) -> bool:
        seen.append(stop())
        if len(seen) == 3:
            runner.stop.set()
        raise RuntimeError("trouble")

    runner = ErrandRunner(desk.errands, stop=stop, poll_seconds=0.001)
    monkeypatch.setattr(type(desk.errands), "once", lambda self, stop: once(stop=stop))
    runner.run()
    assert seen == [False, False, False]
