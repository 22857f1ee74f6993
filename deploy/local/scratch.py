"""A server for scenarios and benchmarks, whose databases are made for a run and dropped after it."""

from __future__ import annotations

import os

from deploy.local.paths import home
from deploy.local.postgres import LocalPostgres


def scratch_server() -> str:
    """The administrator's URL: the server named by NUAN_SCRATCH_POSTGRES_URL, or the embedded one, started."""
    if named := os.environ.get("NUAN_SCRATCH_POSTGRES_URL"):
        return named
    server = LocalPostgres(home())
    server.start()
    return server.url("postgres")
