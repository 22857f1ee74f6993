"""``nuan db …``: the embedded PostgreSQL, and the schemas of whatever server is set."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from deploy.commands.output import answers
from deploy.local.backup import backup as take_backup
from deploy.local.backup import restore as put_back
from deploy.local.environment import database_variable, owner_variable, prepare
from deploy.local.paths import home
from deploy.local.postgres import LocalPostgres
from deploy.servers.databases import create_database
from shared.chassis.migrate import migrate as migrate_schema
from shared.chassis.migrate import schema_head
from shared.chassis.settings import SERVICES, required, written

ADMIN_VARIABLE = "NUAN_ADMIN_DATABASE_URL"


@click.group()
def db() -> None:
    """The embedded PostgreSQL: start, stop, status, backup, restore. A real server: create, migrate."""


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
def create() -> dict[str, Any]:
    """On a real server, as its administrator: make the databases, owners and logins that the settings name.

    Reads NUAN_ADMIN_DATABASE_URL and of each service NUAN_…_OWNER_DATABASE_URL and NUAN_…_DATABASE_URL. Safe to
    repeat: a password that was changed in a URL is set.
    """
    admin_url = required(ADMIN_VARIABLE)
    made = [create_database(service, admin_url=admin_url, owner_url=required(owner_variable(service)),
                            service_url=required(database_variable(service))) for service in SERVICES]  # fmt: skip
    return {"databases": [asdict(roles) for roles in made]}


@db.command()
@answers
def migrate() -> dict[str, Any]:
    """Bring every service's schema up to date, as the owners of NUAN_…_OWNER_DATABASE_URL, or embedded."""
    owners = {service: written(owner_variable(service)) for service in SERVICES}
    if all(owners.values()):
        for service, url in owners.items():
            migrate_schema(service, str(url))
    else:
        prepare(bus=False)
    return {"schemas": {service: schema_head(service) for service in SERVICES}}
