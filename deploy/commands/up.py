"""``nuan up``, ``nuan down``, ``nuan status``: the three services of the embedded default."""

from __future__ import annotations

from typing import Any

import click

from deploy.commands.output import answers, console
from deploy.local.environment import PORTS, Environment, prepare
from deploy.local.paths import home
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
    """Stop the services and the embedded PostgreSQL; nothing is lost."""
    environment, server = as_it_stands()
    stopped = stop_all(environment)
    server.stop()
    return {"stopped": stopped}


@click.command()
@answers
def status() -> dict[str, Any]:
    """Which processes run."""
    environment, server = as_it_stands()
    state = server.status()
    return {
        "processes": {process.name: process.pid for process in running(environment)},
        "postgresql": {"running": state.running, "pid": state.pid, "folder": state.folder},
    }


def as_it_stands() -> tuple[Environment, LocalPostgres]:
    """The environment and its server, starting nothing."""
    folder = home()
    server = LocalPostgres(folder)
    return Environment(folder, {}, server), server
