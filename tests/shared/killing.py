"""Death of a process in the middle of its work, as its database sees it: the connection is gone, nothing was said."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg


class Killed(BaseException):
    """Nothing catches it to go on, as nothing goes on after a kill."""


@contextmanager
def killed_at(point: int) -> Iterator[list[str]]:
    """Inside, the ``point``-th event (from 1) cuts the connection and ends everything.

    Events are the moments before and after every statement, every COPY and every COMMIT that psycopg sends. The list
    that is handed out holds what had happened so far, for the message of a test that fails.
    """
    happened: list[str] = []
    mine = threading.get_ident()  # other threads are other processes here, and live on

    def event(connection: psycopg.Connection[Any], what: str) -> None:
        if threading.get_ident() != mine:
            return
        happened.append(what)
        if len(happened) == point:
            connection.pgconn.finish()
            raise Killed(what)

    execute, copy, commit = psycopg.Cursor.execute, psycopg.Cursor.copy, psycopg.Connection.commit

    def executing(cursor: psycopg.Cursor[Any], query: Any, *arguments: Any, **options: Any) -> Any:
        event(cursor.connection, f"before {str(query)[:60]}")
        answer = execute(cursor, query, *arguments, **options)
        event(cursor.connection, f"after {str(query)[:60]}")
        return answer

    @contextmanager
    def copying(cursor: psycopg.Cursor[Any], statement: Any, *arguments: Any, **options: Any) -> Iterator[Any]:
        event(cursor.connection, f"before {str(statement)[:60]}")
        with copy(cursor, statement, *arguments, **options) as rows:
            yield rows
        event(cursor.connection, f"after {str(statement)[:60]}")

    def committing(connection: psycopg.Connection[Any]) -> None:
        event(connection, "before COMMIT")
        commit(connection)
        event(connection, "after COMMIT")

    psycopg.Cursor.execute, psycopg.Cursor.copy, psycopg.Connection.commit = executing, copying, committing  # type: ignore[method-assign,assignment]
    try:
        yield happened
    finally:
        psycopg.Cursor.execute, psycopg.Cursor.copy, psycopg.Connection.commit = execute, copy, commit  # type: ignore[method-assign]


def every_kill(work: Callable[[], Any], *, most: int = 200) -> Iterator[str]:
    """Run ``work`` again and again, killed one event later each time; what each kill hit. Ends when it survives."""
    for point in range(1, most):
        try:
            with killed_at(point) as happened:
                work()
        except Killed:
            yield happened[-1]
            continue
        return
    raise AssertionError(f"more than {most} points")
