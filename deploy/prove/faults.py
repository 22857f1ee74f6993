"""Which faults are drawn, what was seen while they happened, and the promises that speak of the faults themselves."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field

import psycopg

from deploy.local.databases import conninfo
from deploy.prove.checker import Promise

KILLS_PER_SECOND = 3.0
KILLS_PER_SECOND_LEAST = 2.0
WEIGHTS = {"till": 50, "clerk": 14, "payments-worker": 9, "accounts-worker": 8, "payments-web": 5, "accounts-web": 4,
           "broker": 3, "broker wiped": 1, "postgres": 2}  # fmt: skip
AT_LEAST = ("broker", "broker wiped", "postgres", "payments-worker", "accounts-worker", "payments-web", "accounts-web")


def planned(chance: random.Random, seconds: float) -> list[str]:
    """Faults by weight, each kind of `AT_LEAST` at least once, in random order."""
    count = max(int(seconds * KILLS_PER_SECOND), len(AT_LEAST) * 2)
    drawn = list(AT_LEAST) + chance.choices(list(WEIGHTS), list(WEIGHTS.values()), k=count - len(AT_LEAST))
    chance.shuffle(drawn)
    return drawn


@dataclass(slots=True)
class Seen:
    """What happened: faults by kind, how long they went on, how long until all was at rest after the last."""

    counts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    drained_seconds: float = 0.0
    restart_seconds_most: float = 0.0
    """The slowest time from the database's crash until it answered again."""
    taken_without_broker: int = 0
    """Requests that were answered while no broker listened."""

    def kills_per_second(self) -> float:
        return self.counts.total() / self.seconds if self.seconds else 0.0


def load(promise: Promise, seen: Seen) -> Promise:
    """P1 with the load that it was held under; fewer kills than were promised prove too little."""
    figure = f"{promise.figure}; {seen.counts.total()} kills, {seen.kills_per_second():.1f} a second"
    return Promise(promise.id, figure, promise.held and seen.kills_per_second() >= KILLS_PER_SECOND_LEAST)


def drained(promise: Promise, seen: Seen, *, seconds_most: float) -> Promise:
    """P4 with the time that everybody needed to come to rest after the last fault."""
    figure = f"{promise.figure}; drained in {seen.drained_seconds:.1f} s"
    return Promise(promise.id, figure, promise.held and seen.drained_seconds <= seconds_most)


def broker_loss(seen: Seen, *, words: str) -> Promise:
    """P5. What it cost is told by P1, P2 and P4; here, that it happened and that money was taken meanwhile."""
    kills, wipes = seen.counts["broker"], seen.counts["broker wiped"]
    figure = (
        f"{words} killed {kills} times, wiped {wipes} times; {seen.taken_without_broker} requests answered without it"
    )
    return Promise("P5", figure, kills > 0 and wipes > 0 and seen.taken_without_broker > 0)


def database_crash(seen: Seen, urls: dict[str, str]) -> Promise:
    """P7. After the crashes every page and index of every table is sound; the chains are P12's."""
    checked, damaged = 0, []
    for service, url in urls.items():
        sound, unsound = _amcheck(url)
        checked += sound
        damaged += [f"{service}: {words}" for words in unsound]
    crashes = seen.counts["postgres"]
    figure = (
        f"{crashes} crashes of the database, slowest restart {seen.restart_seconds_most:.1f} s; amcheck: {checked}"
        f" tables and indexes sound, {len(damaged)} damaged{''.join(f'; {words}' for words in damaged[:3])}"
    )
    return Promise("P7", figure, crashes > 0 and checked > 0 and not damaged)


def _amcheck(url: str) -> tuple[int, list[str]]:
    """How many tables and indexes are sound, and what is wrong with the others."""
    sound, unsound = 0, []
    with psycopg.connect(conninfo(url), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS amcheck")
        relations = connection.execute(
            "SELECT c.oid::regclass::text, c.relkind FROM pg_class c LEFT JOIN pg_am a ON a.oid = c.relam"
            " WHERE c.relpersistence = 'p' AND (c.relkind = 'r' OR c.relkind = 'i' AND a.amname = 'btree') ORDER BY 1"
        ).fetchall()
        for name, kind in relations:
            try:
                if kind == "r":
                    faults = connection.execute("SELECT msg FROM verify_heapam(%s::regclass)", (name,)).fetchall()
                else:
                    faults = connection.execute("SELECT bt_index_check(%s::regclass, true)", (name,)).fetchall()[1:]
            except psycopg.Error as error:
                faults = [(str(error).splitlines()[0],)]
            sound += not faults
            unsound += [f"{name}: {words}" for (words,) in faults]
    return sound, unsound
