"""Numbers for new rows, taken from the database in blocks of a thousand: no round trip for most of them."""

from __future__ import annotations

import threading

from sqlalchemy import Engine

from shared.chassis.database import transaction

BLOCK = 1000


class Ids:
    """Unique within the service's database, growing within a process; gaps are normal and mean nothing."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lock = threading.Lock()
        self._next = self._end = 0

    def take(self, count: int) -> range:
        """``count`` new numbers in a row."""
        with self._lock:
            if self._end - self._next < count:
                self._next, self._end = self._blocks(-(-count // BLOCK))
            first = self._next
            self._next += count
            return range(first, self._next)

    def _blocks(self, wanted: int) -> tuple[int, int]:
        with transaction(self._engine) as cursor:
            rows = cursor.execute("SELECT nextval('ids') FROM generate_series(1, %s)", (wanted,)).fetchall()
        starts = [row[0] for row in rows]
        if starts[-1] - starts[0] == BLOCK * (wanted - 1):
            return starts[0], starts[-1] + BLOCK
        return self._blocks(wanted)  # another process took a block in between: these stay unused
