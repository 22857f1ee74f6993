"""One command, one transaction: what is written, told and answered, once, or nothing of it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from services.payments.storage.rows import AccountRow
from shared.chassis.database import transaction
from shared.chassis.ids import BLOCK, Ids
from shared.chassis.runtime import Runtime
from shared.chassis.unit_of_work import EVENT_ITEMS_MAX, Busy, Caller, IdempotencyKeyReused, Work, checked_key
from shared.chassis.writes import Change, LostUpdate
from shared.kernel.errors import InvalidInput, Refusal
from tests.shared.chain import CALLER, accounts_in, emit, log_of, opened, sequence_all


class Full(Refusal):
    code = "full"
    remedy = "Wait."


@pytest.fixture
def runtime(make_runtime: Callable[..., Runtime]) -> Runtime:
    return make_runtime("payments")


def open_one(number: str, work: Work) -> dict[str, Any]:
    work.add([AccountRow(number, work.today)])
    return {"opened": number, "command": work.command_id}


def counted(runtime: Runtime, table: str) -> int:
    with transaction(runtime.engine) as cursor:
        row = cursor.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
        return int(row[0]) if row else 0


def test_a_command_leaves_its_rows_its_record_and_its_answer(runtime: Runtime) -> None:
    caller = Caller("staff:zhang", "R1")
    answer = runtime.commands.run(open_one, "0000000001", caller=caller, key="k1", request=[1], status=201)
    told = json.loads(answer.body)
    assert (answer.status, answer.repeated, told["opened"]) == (201, False, "0000000001")
    with transaction(runtime.engine) as cursor:
        kept = cursor.execute(
            "SELECT command_id, name, actor, request_id, key, status, answer FROM commands"
        ).fetchone()
    assert kept is not None
    assert (*kept[:6], bytes(kept[6])) == (told["command"], "open_one", "staff:zhang", "R1", "k1", 201, answer.body)


def test_a_repeat_is_answered_with_the_same_bytes_and_does_nothing(runtime: Runtime) -> None:
    first = runtime.commands.run(open_one, "0000000001", caller=CALLER, key="k1", request=[1])
    again = runtime.commands.run(open_one, "0000000001", caller=CALLER, key="k1", request=[1])
    assert (again.body, again.status, again.repeated) == (first.body, first.status, True)
    assert counted(runtime, "commands") == 1


@pytest.mark.parametrize("other", [
    {"request": [2]}, {"caller": Caller("staff:li")}, {"use_case": lambda command, work: None},
], ids=["another-request", "another-caller", "another-verb"])  # fmt: skip
def test_a_key_belongs_to_one_request_of_one_caller(runtime: Runtime, other: dict[str, Any]) -> None:
    runtime.commands.run(open_one, "0000000001", caller=CALLER, key="k1", request=[1])
    asked = {"use_case": open_one, "caller": CALLER, "request": [1], **other}
    with pytest.raises(IdempotencyKeyReused):
        runtime.commands.run(
            asked["use_case"], "0000000002", caller=asked["caller"], key="k1", request=asked["request"]
        )
    assert accounts_in(runtime) == ["0000000001"]


@pytest.mark.parametrize(
    "failure", [Full("no"), RuntimeError("defect"), KeyboardInterrupt()], ids=lambda error: type(error).__name__
)
def test_whatever_ends_a_command_leaves_nothing_of_it(runtime: Runtime, failure: BaseException) -> None:
    def fails(command: str, work: Work) -> None:
        work.rows("INSERT INTO accounts (account_no, opened_on) VALUES (%s, '2025-07-01') RETURNING 1", (command,))
        work.emit(opened(1))
        raise failure

    with pytest.raises(type(failure)):
        runtime.commands.run(fails, "0000000001", caller=CALLER, key="k1", request=[1])
    assert [counted(runtime, table) for table in ("accounts", "commands", "outbox")] == [0, 0, 0]
    assert runtime.commands.run(open_one, "0000000001", caller=CALLER, key="k1", request=[1]).repeated is False


def test_an_update_that_meets_fewer_rows_than_were_decided_about_is_a_defect(runtime: Runtime) -> None:
    change = Change("UPDATE accounts a SET version = a.version + v.by FROM {rows} AS v (account_no, by)"
                    " WHERE a.account_no = v.account_no", ("text", "bigint"))  # fmt: skip
    runtime.commands.run(open_one, "0000000001", caller=CALLER)

    def both(_: Any, work: Work) -> None:
        work.change(change, [("0000000001", 1), ("0000000002", 1)])

    with pytest.raises(LostUpdate):
        runtime.commands.run(both, None, caller=CALLER)
    with transaction(runtime.engine) as cursor:
        assert cursor.execute("SELECT version FROM accounts").fetchone() == (0,)


def test_who_waits_too_long_for_a_lock_is_told_that_somebody_is_busy(runtime: Runtime) -> None:
    runtime.commands.run(open_one, "0000000001", caller=CALLER)
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction(runtime.engine) as cursor:
            cursor.execute("SELECT * FROM accounts FOR UPDATE")
            held.set()
            let_go.wait(20)

    def wait(_: Any, work: Work) -> None:
        work.cursor.execute("SET LOCAL lock_timeout = '100ms'")
        work.rows("SELECT 1 FROM accounts FOR UPDATE")

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    try:
        with pytest.raises(Busy):
            runtime.commands.run(wait, None, caller=CALLER)
    finally:
        let_go.set()
        holder.join()


def test_a_race_that_a_constraint_ends_is_refused_with_its_own_words(runtime: Runtime) -> None:
    runtime.commands.conflicts["accounts_pkey"] = Full("there is one already")
    runtime.commands.run(open_one, "0000000001", caller=CALLER)
    with pytest.raises(Full):
        runtime.commands.run(open_one, "0000000001", caller=CALLER)
    del runtime.commands.conflicts["accounts_pkey"]
    with pytest.raises(psycopg.errors.UniqueViolation):
        runtime.commands.run(open_one, "0000000001", caller=CALLER)


def test_a_long_list_is_told_in_messages_of_a_thousand(runtime: Runtime) -> None:
    runtime.commands.run(emit, opened(*range(2 * EVENT_ITEMS_MAX + 1)), caller=CALLER)
    sequence_all(runtime)
    items = [len(json.loads(entry.body)["items"]) for entry in log_of(runtime)]
    assert items == [EVENT_ITEMS_MAX, EVENT_ITEMS_MAX, 1]


def test_what_only_reads_writes_nothing(runtime: Runtime) -> None:
    with runtime.commands.reading() as work:
        work.add([AccountRow("0000000001", work.today)])
        work.emit(opened(1))
    assert [counted(runtime, table) for table in ("accounts", "commands", "outbox")] == [0, 0, 0]


@pytest.mark.parametrize("key", [None, "", " ", "a b", "\x7f", "é", "k" * 256])
def test_a_key_is_visible_ascii(key: str | None) -> None:
    with pytest.raises(InvalidInput):
        checked_key(key)
    assert checked_key("k" * 255) == "k" * 255


def test_numbers_are_never_given_twice(runtime: Runtime) -> None:
    """Two processes (each with its own `Ids`), eight threads, lists longer than a block."""
    makers = [Ids(runtime.engine), Ids(runtime.engine)]
    wanted = [1, 7, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 5] * 8

    def take(number: int) -> range:
        return makers[number % 2].take(wanted[number % len(wanted)])

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(take, range(96)))
    numbers = [number for given in taken for number in given]
    assert len(numbers) == len(set(numbers)) == sum(len(given) for given in taken)
