"""Ends like those of a process that is killed: at the n-th point where anything is kept or asked, before or after it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests.bank_gateway.desk import Desk


class Killed(BaseException):
    """Nothing catches it, as nothing runs after a kill."""


@contextmanager
def killed_at(desk: Desk, point: int) -> Iterator[None]:
    """Inside, the ``point``-th event (from 1) ends everything.

    Events: before and after each command's transaction, after each change in payments, around each file.
    """
    left = [point]

    def strike() -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Killed

    commands, payments, folder = desk.runtime.commands, desk.payments, desk.errands.outside.folder
    places = ((commands, "run"), (payments, "after"), (type(folder), "write"), (type(folder), "hand_out"))
    kept = [(target, name, getattr(target, name)) for target, name in places]

    def around(work: Callable[..., Any]) -> Callable[..., Any]:
        def struck(*arguments: Any, **options: Any) -> Any:
            strike()
            answer = work(*arguments, **options)
            strike()
            return answer

        return struck

    for target, name, work in kept:
        setattr(target, name, around(work) if name != "after" else lambda path: strike())
    try:
        yield
    finally:
        for target, name, work in kept:
            setattr(target, name, work)


def every_interruption(
    work: Callable[[Desk], Any], make_desk: Callable[[], Desk], *, most: int = 60
) -> Iterator[tuple[int, Desk]]:
    """For every point at which ``work`` can be killed: a fresh desk on which it was. Ends when it survives."""
    for point in range(1, most):
        desk = make_desk()
        try:
            with killed_at(desk, point):
                work(desk)
        except Killed:
            yield point, desk
            continue
        return
    raise AssertionError(f"more than {most} points")
