"""Floors: what PostgreSQL itself does on this machine at this moment."""

from __future__ import annotations

import re
import subprocess

from deploy.local.binaries import PACKAGE
from deploy.local.databases import conninfo
from shared.kernel.errors import Refusal

BINARIES = PACKAGE / "pginstall" / "bin"


class FloorFailed(Refusal):
    code = "floor_failed"
    status = 500
    remedy = "Run the benchmark again; without its floor a figure means nothing."


def tpc_b(url: str, *, seconds: int, clients: int = 8, scale: int = 10) -> float:
    """pgbench's TPC-B transactions a second, simple protocol, ``clients`` clients; makes its tables in ``url``."""
    words = conninfo(url)
    _run([str(BINARIES / "pgbench"), "-i", "-q", "-s", str(scale), words])
    output = _run(
        [str(BINARIES / "pgbench"), "-n", "-M", "simple", "-c", str(clients), "-j", "2", "-T", str(seconds), words]
    )
    match = re.search(r"tps = ([0-9.]+) \(without initial", output)
    if match is None:
        raise FloorFailed("pgbench printed no rate", output=output[-300:])
    return float(match[1])


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise FloorFailed("pgbench failed", output=done.stderr[-300:])
    return done.stdout
