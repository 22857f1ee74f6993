"""Two services, their clients and a bus that misbehaves, in one thread and in an order drawn from a seed.

The handlers, the relay, the consumers and the databases are the real ones; only processes and the bus are played. A
process dies at any statement that it sends; what it held in memory is gone. Afterwards all comes to rest, and the
checker of `nuan prove` judges.
"""

from __future__ import annotations

import json
import random
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import psycopg
from flask.testing import FlaskClient

from deploy.local.databases import conninfo
from deploy.prove.checker import Promise, check
from deploy.prove.writer import KINDS, REPEATS, Book, path_of
from services.accounts import bootstrap as accounts_service
from services.payments import bootstrap as payments_service
from shared.chassis.auth import staff_token
from shared.chassis.bus import Delivery, headers_of
from shared.chassis.consumer import Consumer
from shared.chassis.event_log import Entry
from shared.chassis.listener import Listener
from shared.chassis.relay import Relay
from shared.chassis.runtime import Runtime
from shared.chassis.unit_of_work import Work
from tests.shared.chain import LocalReader
from tests.shared.killing import Killed, killed_at

ROLES = ("cashier", "supervisor", "clerk", "finance", "system_admin")
HOMES = 6
SERVICES = ("accounts", "payments")
DEATHS = 0.5
"""So many of the steps are cut off in the middle,"""
DEATH_AFTER = 9
"""after so many events at the database, on average (`killed_at` counts two a statement), or"""
COMMITS = 5
"""right after one of its first commits."""


class Bus:
    """Queues of messages; of every message it may lose, repeat, displace or spoil one, or be away."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.misbehaves = chance, True
        self.queues: dict[str, list[Delivery]] = {service: [] for service in SERVICES}

    def bring(self, producer: str, entry: Entry, epoch: int) -> None:
        queue = self.queues[next(service for service in SERVICES if service != producer)]
        drawn = self.chance.random() if self.misbehaves else 1.0
        if drawn < 0.02:
            raise ConnectionError("the bus is away")
        if drawn < 0.10:
            return
        body = _spoiled(entry.body) if drawn < 0.30 else entry.body
        headers = headers_of(entry, producer=producer, epoch=epoch, environment="story-test")
        message = Delivery(headers, body.encode(), lambda: None)
        at = len(queue) if drawn < 0.9 else self.chance.randrange(len(queue) + 1)
        queue.insert(at, message)
        if drawn < 0.36:
            queue.append(message)

    def wipe(self) -> None:
        for queue in self.queues.values():
            queue.clear()


def _spoiled(body: str) -> str:
    """Another digit in the first amount: still a message that can be read."""
    return re.sub(r'(_fen":|\[\[)(\d)', lambda found: f"{found[1]}{int(found[2]) % 9 + 1}", body, count=1)


class _Publisher:
    """What the relay publishes to."""

    def __init__(self, bus: Bus, producer: str) -> None:
        self.bus, self.producer = bus, producer

    def publish(self, entry: Entry, *, epoch: int) -> None:
        self.bus.bring(self.producer, entry, epoch)

    def heartbeat(self) -> None: ...

    def close(self) -> None: ...


@contextmanager
def killed_after_commit(number: int) -> Iterator[None]:
    """Inside, the process dies right after this commit of its own (from 1): what follows it never happens."""
    left, mine, commit = [number], threading.get_ident(), psycopg.Connection.commit

    def committing(connection: psycopg.Connection[Any]) -> None:
        commit(connection)
        left[0] -= threading.get_ident() == mine
        if left[0] == 0:
            connection.close()
            raise Killed("after COMMIT")

    psycopg.Connection.commit = committing  # type: ignore[method-assign]
    try:
        yield
    finally:
        psycopg.Connection.commit = commit  # type: ignore[method-assign]


class Simulation:
    """``run(steps)`` → the promises. ``troubles``: whatever rose that was not the death of a process."""

    def __init__(self, runtimes: dict[str, Runtime], folder: Path, seed: int) -> None:
        self.runtimes, self.books_folder = runtimes, folder / "books"
        self.books_folder.mkdir(parents=True)
        self.chance = random.Random(seed)
        self.bus = Bus(self.chance)
        self.troubles: list[str] = []
        self._gates: dict[int, tuple[threading.Event, threading.Event]] = {}
        modules = {"accounts": accounts_service, "payments": payments_service}
        self.http: dict[str, FlaskClient] = {
            s: modules[s].web(runtime).test_client() for s, runtime in runtimes.items()
        }
        token = staff_token(runtimes["payments"].keys, login="prove", person="prove", roles=ROLES,
                            signed_in_at=int(time.time()))  # fmt: skip
        self._headers = {"Authorization": f"Bearer {token}"}
        self.clients = {name: self._book(name) for name in ("till-0", "till-1", "clerk-0")}

    def run(self, steps: int) -> list[Promise]:
        with self._gated():
            self.prepare()
            for _ in range(steps):
                step = self._draw()
                self._guarded(step, dies=step not in (self.race, self.commit_late))
            self.rest()
        return check(self.books_folder, {s: runtime.settings.database_url for s, runtime in self.runtimes.items()})

    def prepare(self) -> None:
        """Homes with bills, known to both services; nothing fails yet."""
        homes = [{"account_no": f"99{number:08d}", "name": "proof", "compound": "proof", "building": "1",
                  "room": str(number), "building_area": "100.00"} for number in range(1, HOMES + 1)]  # fmt: skip
        self._prepared("/accounts", {"accounts": homes})
        self._prepared("/policies", {"name": "default"})
        self._prepared("/billing-runs", {"season": "2024-2025"})
        self._prepared("/billing-runs", {"season": "2025-2026"})
        self.bus.misbehaves = False
        self.rest()
        self.bus.misbehaves = True

    def rest(self) -> None:
        """Faults are off: what is unanswered is asked again, and everything that was told arrives, bus or not."""
        self.bus.misbehaves = False
        for name in self.clients:
            self._guarded(lambda name=name: self.ask_again(name))  # type: ignore[misc]
        for _ in range(4):
            for service in SERVICES:
                self._guarded(lambda service=service: self.relay(service), dies=False)  # type: ignore[misc]
            for service in SERVICES:
                while self.bus.queues[service]:
                    self._guarded(lambda service=service: self.listen(service), dies=False)  # type: ignore[misc]
                self._guarded(lambda service=service: self.poll(service), dies=False)  # type: ignore[misc]

    def _draw(self) -> Callable[[], None]:
        service = self.chance.choice(SERVICES)
        steps: list[tuple[int, Callable[[], None]]] = [
            (30, lambda: self.turn("till-0")),
            (16, lambda: self.turn("clerk-0")),
            (8, self.race),
            (8, self.commit_late),
            (20, lambda: self.relay(service)),
            (24, lambda: self.listen(service)),
            (8, lambda: self.poll(service)),
            (1, self.bus.wipe),
            (2, lambda: self.restart_client("till-0")),
        ]
        return self.chance.choices([step for _, step in steps], [weight for weight, _ in steps])[0]

    def _guarded(self, step: Callable[[], None], *, dies: bool = True) -> None:
        """One step, which may die in the middle. A defect that rises is written down, and life goes on."""
        try:
            with self._death() if dies and self.bus.misbehaves else nullcontext():
                step()
        except Killed:
            return
        except Exception as error:
            self.troubles.append(repr(error))

    def _death(self) -> AbstractContextManager[Any]:
        drawn = self.chance.random()
        if drawn > DEATHS:
            return nullcontext()
        if drawn < DEATHS / 2:
            return killed_after_commit(self.chance.randrange(1, COMMITS + 1))
        return killed_at(1 + int(self.chance.expovariate(1 / DEATH_AFTER)))

    # clients

    def turn(self, name: str) -> None:
        """What is unanswered first; else something new, or a repeat."""
        book = self.clients[name]
        if book.unanswered():
            self.ask_again(name)
            return
        repeatable = [key for key in book.acked if key in book.tried]
        if repeatable and self.chance.random() < 4 * REPEATS:
            self._ask(book, self.chance.choice(repeatable))
        else:
            kind = "clerk" if name.startswith("clerk") else "till"
            self._ask(book, self._new(book, KINDS[kind](book, self.chance, HOMES)))

    def ask_again(self, name: str) -> None:
        for key in self.clients[name].unanswered():
            self._ask(self.clients[name], key)

    def restart_client(self, name: str) -> None:
        self.clients[name] = self._book(name)

    def race(self) -> None:
        """Two tills take money for the same home at the same moment: the second comes before the first commits."""
        books = self._two_tills()
        body = self._payment_of(self.chance.randrange(1, HOMES + 1))
        first, second = (self._new(book, body) for book in books)
        asked = threading.Thread(target=self._quietly, args=(lambda: self._ask(books[1], second),))

        def meanwhile() -> None:
            asked.start()
            self._wait_until_blocked(asked)

        self._held_before_commit(lambda: self._ask(books[0], first), meanwhile)
        asked.join(timeout=30)

    def commit_late(self) -> None:
        """A payment is written, another one commits and is sequenced, then the first commits."""
        books = self._two_tills()
        first, second = (self._new(book, self._payment_of(number)) for book, number in zip(books, (1, 2), strict=True))

        def meanwhile() -> None:
            self._ask(books[1], second)
            self.relay("payments")

        self._held_before_commit(lambda: self._ask(books[0], first), meanwhile)

    def _two_tills(self) -> tuple[Book, Book]:
        for name in ("till-0", "till-1"):
            self.ask_again(name)
        return self.clients["till-0"], self.clients["till-1"]

    def _payment_of(self, number: int) -> str:
        amount = f"{self.chance.randrange(1, 40)}.{self.chance.randrange(100):02d}"
        return json.dumps({"payments": [{"account_no": f"99{number:08d}", "amount": amount, "channel": "pos"}]})

    def _new(self, book: Book, body: str) -> str:
        key = uuid.UUID(int=self.chance.getrandbits(128)).hex
        book.try_(key, body)
        return key

    def _ask(self, book: Book, key: str) -> None:
        body = book.tried[key]
        path = path_of(body)
        service = "payments" if path.startswith("/payments") else "accounts"
        answer = self.http[service].post(path, data=body, content_type="application/json",
                                         headers={**self._headers, "Idempotency-Key": key})  # fmt: skip
        if answer.status_code < 500 and (answer.json or {}).get("code") != "busy":
            book.answered(key, answer.status_code, answer.get_data(as_text=True))
        elif answer.status_code >= 500:
            self.troubles.append(answer.get_data(as_text=True))

    def _prepared(self, path: str, body: Any) -> None:
        answer = self.http["accounts"].post(
            path, json=body, headers={**self._headers, "Idempotency-Key": f"stage-{uuid.uuid4().hex}"}
        )
        assert answer.status_code in (200, 201), answer.get_data(as_text=True)

    def _book(self, name: str) -> Book:
        return Book(self.books_folder, name)

    # processes in the background

    def relay(self, service: str) -> None:
        runtime = self.runtimes[service]
        relay = Relay(runtime.engine, _Publisher(self.bus, service), clock=runtime.clock, stop=threading.Event())  # type: ignore[arg-type]
        relay.sequence_all()
        relay.publish_some()

    def listen(self, service: str) -> None:
        """Take the first message; it is gone once it is acknowledged, and comes again when the listener dies before."""
        queue = self.bus.queues[service]
        if not queue:
            return
        first = queue[0]

        def ack() -> None:
            if queue and queue[0] is first:
                del queue[0]

        listener = self._listener(service)
        try:
            listener._take(Delivery(first.headers, first.body, ack))
            listener._catch_up_when_due()
        except Exception:
            ack()  # or a defect would be met again for ever
            raise

    def poll(self, service: str) -> None:
        self._consumer(service).catch_up()

    def _listener(self, service: str) -> Listener:
        listener = Listener(self._consumer(service), bus_url="", service=service, environment="story-test",
                            stop=threading.Event(), poll_seconds=1e6)  # fmt: skip
        listener._poll_at = float("inf")  # it looks into the log when it finds a gap, and when `poll` is drawn
        return listener

    def _consumer(self, service: str) -> Consumer:
        producer = next(other for other in SERVICES if other != service)
        module = {"accounts": accounts_service, "payments": payments_service}[service]
        runtime = self.runtimes[service]
        return Consumer(runtime.engine, producer=producer, handlers=module.HANDLERS[producer],
                        ignored=module.IGNORED.get(producer, ()), reader=LocalReader(self.runtimes[producer]),
                        ids=runtime.ids, clock=runtime.clock, audited=runtime.commands.audited)  # fmt: skip

    # two at once

    @contextmanager
    def _gated(self) -> Iterator[None]:
        """A thread that has a gate stops at it when everything is written and nothing is committed."""
        finish = Work.finish

        def finishing(work: Work, **options: Any) -> None:
            finish(work, **options)
            if gate := self._gates.pop(threading.get_ident(), None):
                gate[0].set()
                gate[1].wait(timeout=30)

        Work.finish = finishing  # type: ignore[method-assign]
        try:
            yield
        finally:
            Work.finish = finish  # type: ignore[method-assign]

    def _held_before_commit(self, work: Callable[[], None], meanwhile: Callable[[], None]) -> None:
        written, may_commit = threading.Event(), threading.Event()

        def held() -> None:
            self._gates[threading.get_ident()] = (written, may_commit)
            self._quietly(work)
            written.set()

        thread = threading.Thread(target=held)
        thread.start()
        written.wait(timeout=30)
        try:
            meanwhile()
        finally:
            may_commit.set()
            thread.join(timeout=30)

    def _quietly(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            self.troubles.append(repr(error))

    def _wait_until_blocked(self, thread: threading.Thread) -> None:
        """Until the other thread waits for a lock in the database, or is done."""
        with psycopg.connect(conninfo(self.runtimes["payments"].settings.database_url), autocommit=True) as connection:
            while thread.is_alive():
                row = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                                         " AND wait_event_type = 'Lock'").fetchone()  # fmt: skip
                if row is not None and row[0]:
                    return
                time.sleep(0.002)
