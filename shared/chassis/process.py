"""The command line of a service's process: ``python -m services.<name> web|worker``."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy.exc
from flask import Flask

from shared.chassis.logging import configure_logging, masked
from shared.chassis.runtime import Runtime, Worker, serve, start
from shared.chassis.settings import read_settings
from shared.kernel.errors import Refusal

REFUSED = 2
"""Exit code: a setting or the database is not as it must be; starting again changes nothing."""
NOT_YET = 1
"""Exit code: the database does not answer; starting again may help."""
COLLECT_AFTER = 70_000
"""Objects made more than let go before the collector looks for cycles; Python's own number is 700."""


def run(service: str, *, web: Callable[[Runtime], Flask], worker: Callable[[Runtime], Worker]) -> None:
    """Run one half of a service until signalled."""
    if sys.argv[1:] not in (["web"], ["worker"]):
        print(f"usage: python -m services.{service} web|worker", file=sys.stderr)
        raise SystemExit(REFUSED)
    configure_logging(service)
    with saying_refusals(service):
        settings = read_settings(service)
        if sys.argv[1] == "worker":
            working = worker(start(settings, statement_seconds=120))
            collect_rarely()
            working.run_until_signalled()
            return
        first = start(settings)
        web(first)  # refuse before anything listens
        first.engine.dispose()
        serve(lambda: _collecting_rarely(web(start(settings))), bind=settings.web_bind, workers=settings.web_workers,
              threads=settings.web_threads)  # fmt: skip


def collect_rarely() -> None:
    """What is loaded by now is never looked through for cycles again, and what comes later a hundred times less often.

    Lists of a thousand items, each a few objects, would start the collector dozens of times and leave it nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER, 20, 20)


def _collecting_rarely(app: Flask) -> Flask:
    collect_rarely()
    return app


@contextmanager
def saying_refusals(service: str) -> Iterator[None]:
    """What is refused at start is one line on standard error that names place and remedy, and exit `REFUSED`."""
    try:
        yield
    except Refusal as refusal:
        facts = "".join(f", {name}={value}" for name, value in refusal.facts.items() if name != "place")
        place = f"{refusal.facts['place']}: " if "place" in refusal.facts else ""
        line = f"{service}: {place}{refusal.detail} ({refusal.code}{facts}). {refusal.remedy}"
        print(masked(line), file=sys.stderr)
        raise SystemExit(REFUSED) from None
    except (psycopg.OperationalError, sqlalchemy.exc.OperationalError) as error:
        cause = str(getattr(error, "orig", error)).strip().splitlines() or [type(error).__name__]
        print(masked(f"{service}: the database does not answer: {cause[-1]}"), file=sys.stderr)
        raise SystemExit(NOT_YET) from None
