"""A process of this service: ``python -m services.accounts web|worker``, or ``bill RUN_ID`` for one run."""

from __future__ import annotations

import sys

from services.accounts.billing import work_off
from services.accounts.bootstrap import CONFLICTS, SERVICE, web, worker
from shared.chassis.logging import configure_logging
from shared.chassis.process import REFUSED, collect_rarely, run, saying_refusals
from shared.chassis.runtime import start
from shared.chassis.settings import read_settings


def bill(run_id: int) -> None:
    """Bill chunks of the run until none is left; other processes may do the same beside."""
    configure_logging(SERVICE)
    with saying_refusals(SERVICE):
        runtime = start(read_settings(SERVICE), statement_seconds=120)
    runtime.commands.conflicts.update(CONFLICTS)
    collect_rarely()
    work_off(runtime.commands, run_id)


if __name__ == "__main__":
    if sys.argv[1:2] != ["bill"]:
        run(SERVICE, web=web, worker=worker)
    elif len(sys.argv) == 3 and sys.argv[2].isascii() and sys.argv[2].isdigit() and len(sys.argv[2]) <= 18:
        bill(int(sys.argv[2]))
    else:
        print(f"usage: python -m services.{SERVICE} bill RUN_ID", file=sys.stderr)
        raise SystemExit(REFUSED)
