"""One process of this service: ``python -m services.accounts web|worker``, or ``bill RUN_ID`` to bill a run."""

from __future__ import annotations

import sys

from services.accounts.billing import work_off
from services.accounts.bootstrap import CONFLICTS, SERVICE, web, worker
from shared.chassis.logging import configure_logging
from shared.chassis.process import run
from shared.chassis.runtime import start
from shared.chassis.settings import read_settings


def bill(run_id: int) -> None:
    """Bill chunks of the run until none is left; other processes may do the same beside."""
    configure_logging(SERVICE)
    runtime = start(read_settings(SERVICE), statement_seconds=120)
    runtime.commands.conflicts.update(CONFLICTS)
    chunks = work_off(runtime.commands, run_id)
    print(f"{chunks} chunks billed", file=sys.stderr)


if __name__ == "__main__":
    if sys.argv[1:2] == ["bill"]:
        if len(sys.argv) != 3 or not sys.argv[2].isascii() or not sys.argv[2].isdigit():
            raise SystemExit("usage: python -m services.accounts bill RUN_ID")
        bill(int(sys.argv[2]))
    else:
        run(SERVICE, web=web, worker=worker)
