"""``nuan db …``: the embedded PostgreSQL, and the schemas of whatever server is set."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from deploy.commands.output import answers
from deploy.local.backup import backup as take_backup
from deploy.local.backup import restore as put_back
from deploy.local.environment import prepare
from deploy.local.paths import home
from deploy.local.postgres import LocalPostgres
from shared.chassis.migrate import schema_head
from shared.chassis.settings import SERVICES


@click.group()
def db() -> None:
    """Start, stop, look at, back up and restore the embedded PostgreSQL."""


@db.command()
@answers
def start() -> dict[str, Any]:
    """Start it (made on the first start)."""
    server = LocalPostgres(home())
    server.start()
    return asdict(server.status())


@db.command()
@click.option(
    "--mode", type=click.Choice(["fast", "immediate"]), default="fast", help="fast cuts sessions; immediate is a crash."
)
@answers
def stop(mode: str) -> dict[str, Any]:
    """Stop it."""
    server = LocalPostgres(home())
    server.stop(mode=mode)
    return asdict(server.status())


@db.command()
@answers
def status() -> tuple[dict[str, Any], int]:
    """Whether it runs, where it lies, how large it is. Exit 1 when it does not run."""
    state = LocalPostgres(home()).status()
    return asdict(state), 0 if state.running else 1


@db.command()
@click.argument("target", type=click.Path(path_type=Path))
@answers
def backup(target: Path) -> dict[str, Any]:
    """A verified base backup of all databases into the new folder TARGET, while everybody works."""
    return asdict(take_backup(LocalPostgres(home()), target))


@db.command()
@click.argument("source", type=click.Path(exists=True, file_okay=False, path_type=Path))
@answers
def restore(source: Path) -> dict[str, Any]:
    """Put the backup SOURCE in place of the stopped cluster; the old one is moved aside, never deleted."""
    server = LocalPostgres(home())
    aside = put_back(server, source)
    return {"restored": str(source), "old_cluster": aside}


@db.command()
@answers
def migrate() -> dict[str, Any]:
    """Bring every service's schema up to date."""
    prepare()
    return {"schemas": {service: schema_head(service) for service in SERVICES}}
