"""``nuan up``, ``nuan down``, ``nuan status``: the three services of the embedded default."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from deploy.commands.output import answers, console
from deploy.local.environment import PORTS, Environment, prepare
from deploy.local.paths import DEMO, home
from deploy.local.postgres import LocalPostgres
from deploy.local.processes import running, start_all, stop_all


@click.command()
@answers
def up() -> dict[str, Any]:
    """Start PostgreSQL, the three services and their workers; they go on until `nuan down`."""
    console.print("starting PostgreSQL, bringing the schemas up to date …", style="dim")
    environment = prepare()
    processes = start_all(environment)
    return {
        "services": {service: f"{environment.variables[f'NUAN_{service.upper()}_URL']}/docs" for service in PORTS},
        "processes": {process.name: process.pid for process in processes},
        "data": str(environment.home),
    }


@click.command()
@answers
def down() -> dict[str, Any]:
    """Stop the services and the embedded PostgreSQL, a demonstration's too; nothing is lost."""
    stopped = []
    for folder in (home(), home() / DEMO):
        if folder.is_dir():
            server = LocalPostgres(folder)
            stopped += stop_all(Environment(folder, {}, server))
            server.stop()
    return {"stopped": stopped}


@click.command()
@answers
def status() -> dict[str, Any]:
    """Which processes run, those of a demonstration beside them."""
    told = _told(home())
    if (home() / DEMO).is_dir():
        told[DEMO] = _told(home() / DEMO)
    return told


def _told(folder: Path) -> dict[str, Any]:
    server = LocalPostgres(folder)
    state = server.status()
    return {
        "processes": {process.name: process.pid for process in running(Environment(folder, {}, server))},
        "postgresql": {"running": state.running, "pid": state.pid, "folder": state.folder},
    }
