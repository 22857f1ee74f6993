"""After a producer was restored to the past: the stream stands still, and goes on where a person says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from shared.chassis.consumer import Halted, Page
from shared.chassis.restart import NotInLog, restart_at
from shared.chassis.runtime import Runtime
from tests.shared.chain import LocalReader, accounts_in, consumer_of, opened, sequence_all, tell


@pytest.fixture
def pair(make_runtime: Callable[..., Runtime]) -> tuple[Runtime, Runtime]:
    return make_runtime("payments"), make_runtime("payments")


def test_a_restored_producer_is_noticed_and_its_stream_goes_on_where_it_is_told(
    pair: tuple[Runtime, Runtime], make_runtime: Callable[..., Runtime]
) -> None:
    producer, listening = pair
    tell(producer, opened(1), opened(2), opened(3))
    sequence_all(producer)
    consumer_of(listening, producer).catch_up()
    restored = make_runtime("payments")  # the same service, of before its third event and since gone on
    tell(restored, opened(1), opened(2), opened(4), opened(5))
    sequence_all(restored)
    after = consumer_of(listening, restored)
    with pytest.raises(Halted):
        after.catch_up()
    with pytest.raises(Halted):
        after.catch_up()
    assert restart_at(after, 2).pos == 2
    after.catch_up()
    assert accounts_in(listening) == [f"{number:010d}" for number in (1, 2, 3, 4, 5)]


def test_a_position_that_the_log_does_not_hold_is_refused_and_the_stream_stays_halted(
    pair: tuple[Runtime, Runtime],
) -> None:
    producer, listening = pair
    tell(producer, opened(1))
    sequence_all(producer)
    consumer = consumer_of(listening, producer)
    consumer.catch_up()
    before = consumer.position()
    with pytest.raises(NotInLog, match="ends at 1"):
        restart_at(consumer, 2)
    assert consumer.position() == before


@dataclass
class Forged:
    """A log whose second entry tells another story than its hash."""

    true: LocalReader

    def after(self, pos: int, hash_: bytes) -> Page:
        page = self.true.after(pos, hash_)
        first, second = page.entries
        return Page(page.epoch, page.head, [first, replace(second, body="{}")])


def test_a_broken_chain_is_no_place_to_go_on(pair: tuple[Runtime, Runtime]) -> None:
    producer, listening = pair
    tell(producer, opened(1), opened(2))
    sequence_all(producer)
    consumer = consumer_of(listening, producer)
    consumer.reader = Forged(consumer.reader)
    with pytest.raises(NotInLog, match="broken after 1"):
        restart_at(consumer, 2)
