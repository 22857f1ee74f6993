"""Outbox → log → consumer: gapless, chained, once, in order, whatever the bus does."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from services.payments.use_cases.open_accounts import open_accounts
from shared.chassis.consumer import Halted
from shared.chassis.database import transaction
from shared.chassis.event_log import GENESIS, LogDiffers, assert_known, first_broken, read_after, read_head, sequence
from shared.chassis.runtime import Runtime
from shared.chassis.unit_of_work import Work
from shared.messages.accounts import AccountsOpened
from tests.shared.chain import NOW, accounts_in, as_owner, consumer_of, opened, parked_in, sequence_all, tell


@pytest.fixture
def producer(make_runtime: Callable[..., Runtime]) -> Runtime:
    return make_runtime("payments")


@pytest.fixture
def consumer_runtime(make_runtime: Callable[..., Runtime]) -> Runtime:
    return make_runtime("payments")


def test_positions_are_gapless_and_the_chain_verifies(producer: Runtime) -> None:
    tell(producer, *(opened(number) for number in range(20)))
    sequence_all(producer)
    with transaction(producer.engine) as cursor:
        assert [entry.pos for entry in read_after(cursor, 0)] == list(range(1, 21))
        assert first_broken(cursor) is None


@pytest.mark.parametrize("damage", [
    "UPDATE event_log SET body = replace(body, '0000000003', '0000000009') WHERE pos = 4",
    "DELETE FROM event_log WHERE pos = 4",
    "UPDATE event_log SET type = 'Other' WHERE pos = 4",
])  # fmt: skip
def test_tampering_is_found_at_its_first_position(producer: Runtime, admin_url: str, damage: str) -> None:
    tell(producer, *(opened(number) for number in range(8)))
    sequence_all(producer)
    as_owner(producer, "ALTER TABLE event_log DISABLE TRIGGER ALL", damage)
    with transaction(producer.engine) as cursor:
        assert first_broken(cursor) == 4


def test_a_tail_that_was_cut_off_is_found(producer: Runtime) -> None:
    tell(producer, *(opened(number) for number in range(8)))
    sequence_all(producer)
    as_owner(producer, "ALTER TABLE event_log DISABLE TRIGGER ALL", "DELETE FROM event_log WHERE pos = 8")
    with transaction(producer.engine) as cursor:
        assert first_broken(cursor) == 8


def test_a_consumer_takes_every_event_once_and_a_second_pass_changes_nothing(
    producer: Runtime, consumer_runtime: Runtime
) -> None:
    tell(producer, opened(1, 2), opened(3))
    sequence_all(producer)
    consumer = consumer_of(consumer_runtime, producer)
    assert consumer.catch_up() == 2
    assert consumer.catch_up() == 0
    assert accounts_in(consumer_runtime) == ["0000000001", "0000000002", "0000000003"]


def test_repeats_and_old_entries_are_passed_over(producer: Runtime, consumer_runtime: Runtime) -> None:
    tell(producer, opened(1), opened(2), opened(3))
    sequence_all(producer)
    consumer = consumer_of(consumer_runtime, producer)
    with transaction(producer.engine) as cursor:
        entries = read_after(cursor, 0)
    assert consumer.apply(entries[:2], epoch=1) == 2
    assert consumer.apply(entries, epoch=1) == 1
    assert accounts_in(consumer_runtime) == ["0000000001", "0000000002", "0000000003"]


def test_an_entry_that_does_not_follow_halts_the_stream(producer: Runtime, consumer_runtime: Runtime) -> None:
    tell(producer, opened(1), opened(2), opened(3))
    sequence_all(producer)
    consumer = consumer_of(consumer_runtime, producer)
    with transaction(producer.engine) as cursor:
        entries = read_after(cursor, 0)
    with pytest.raises(Halted):
        consumer.apply([entries[1]], epoch=1)
    with pytest.raises(Halted):
        consumer.catch_up()
    assert accounts_in(consumer_runtime) == []


def test_a_producer_that_was_restored_to_the_past_is_noticed(producer: Runtime, consumer_runtime: Runtime) -> None:
    tell(producer, opened(1), opened(2))
    sequence_all(producer)
    consumer = consumer_of(consumer_runtime, producer)
    consumer.catch_up()
    as_owner(producer, "ALTER TABLE event_log DISABLE TRIGGER ALL", "DELETE FROM event_log WHERE pos = 2",
             "UPDATE log_head SET pos = 1, hash = (SELECT hash FROM event_log WHERE pos = 1)")  # fmt: skip
    with pytest.raises(Halted):
        consumer.catch_up()


def test_another_epoch_halts_the_stream(producer: Runtime, consumer_runtime: Runtime) -> None:
    tell(producer, opened(1))
    sequence_all(producer)
    consumer = consumer_of(consumer_runtime, producer)
    consumer.catch_up()
    as_owner(producer, "UPDATE log_head SET epoch = 2")
    with pytest.raises(Halted):
        consumer.catch_up()


def test_a_reader_whose_past_is_not_in_the_log_is_refused(producer: Runtime) -> None:
    tell(producer, opened(1))
    sequence_all(producer)
    with transaction(producer.engine) as cursor:
        assert_known(cursor, 0, GENESIS)
        with pytest.raises(LogDiffers):
            assert_known(cursor, 1, GENESIS)
        with pytest.raises(LogDiffers):
            assert_known(cursor, 2, GENESIS)


def test_a_bad_item_is_parked_alone_and_its_account_waits_behind_it(
    producer: Runtime, consumer_runtime: Runtime
) -> None:
    def picky(event: AccountsOpened, work: Work) -> None:
        if any(item.account_no == "0000000002" for item in event.items):
            raise ValueError("cannot")
        open_accounts(event, work)

    tell(producer, opened(1, 2, 3, 4), opened(2, 5))
    sequence_all(producer)
    consumer = consumer_of(consumer_runtime, producer, picky)
    assert consumer.catch_up() == 2
    assert accounts_in(consumer_runtime) == ["0000000001", "0000000003", "0000000004", "0000000005"]
    assert parked_in(consumer_runtime) == [
        (1, 1, "0000000002", "ValueError('cannot')"),
        (2, 0, "0000000002", "behind_parked"),
    ]


def test_parked_items_are_applied_in_order_after_a_fix(producer: Runtime, consumer_runtime: Runtime) -> None:
    broken = [True]

    def sometimes(event: AccountsOpened, work: Work) -> None:
        if broken[0]:
            raise ValueError("cannot")
        open_accounts(event, work)

    tell(producer, opened(2))
    sequence_all(producer)
    consumer = consumer_of(consumer_runtime, producer, sometimes)
    consumer.catch_up()
    assert consumer.retry_parked("0000000002", by="staff:li") == 0
    broken[0] = False
    assert consumer.retry_parked("0000000002", by="staff:li") == 1
    assert accounts_in(consumer_runtime) == ["0000000002"]
    assert parked_in(consumer_runtime) == []


def test_an_unknown_type_and_a_newer_schema_are_parked_not_dropped(
    producer: Runtime, consumer_runtime: Runtime
) -> None:
    as_owner(producer, "INSERT INTO outbox (event_id, type, schema, body, actor, cause) VALUES"
             " (gen_random_uuid(), 'Unheard', 1, '{\"items\":[]}', 'a', 'c'),"
             " (gen_random_uuid(), 'AccountsOpened', 2, '{\"items\":[]}', 'a', 'c'),"
             " (gen_random_uuid(), 'AccountsOpened', 1, '{\"items\":\"x\"}', 'a', 'c')")  # fmt: skip
    tell(producer, opened(7))
    sequence_all(producer)
    assert consumer_of(consumer_runtime, producer).catch_up() == 4
    assert [row[:2] for row in parked_in(consumer_runtime)] == [(1, -1), (2, -1), (3, -1)]
    assert accounts_in(consumer_runtime) == ["0000000007"]


def test_two_consumers_by_mistake_apply_every_event_once(producer: Runtime, consumer_runtime: Runtime) -> None:
    from concurrent.futures import ThreadPoolExecutor

    tell(producer, *(opened(number) for number in range(60)))
    sequence_all(producer)
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: consumer_of(consumer_runtime, producer).catch_up(), range(2)))
    assert sum(done) == 60
    assert len(accounts_in(consumer_runtime)) == 60


def test_two_sequencers_racing_leave_one_gapless_chain(producer: Runtime) -> None:
    from concurrent.futures import ThreadPoolExecutor

    tell(producer, *(opened(number) for number in range(80)))

    def race(_: int) -> None:
        while True:
            with transaction(producer.engine) as cursor:
                if not sequence(cursor, at=NOW, limit=7):
                    return

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(race, range(3)))
    with transaction(producer.engine) as cursor:
        assert read_head(cursor).pos == 80
        assert first_broken(cursor) is None
