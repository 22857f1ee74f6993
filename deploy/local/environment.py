"""The embedded default: one machine, nothing to install. PostgreSQL from a wheel, the bus on it, keys of our own.

Every variable that is set already (``NUAN_…``) wins: with all of them set nothing is embedded.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from deploy.local.paths import home
from deploy.local.postgres import LocalPostgres
from deploy.local.queue import install_queue, queue_url
from deploy.servers.databases import plain
from shared.chassis.auth import make_keys
from shared.chassis.database import app_role
from shared.chassis.migrate import migrate
from shared.chassis.settings import SERVICES, Settings, read_settings, required, written

PORTS = {"accounts": 8101, "payments": 8102, "bank_gateway": 8103}
BUS_DATABASE = "nuan_bus"


def database_variable(service: str) -> str:
    return f"NUAN_{service.upper()}_DATABASE_URL"


def owner_variable(service: str) -> str:
    """Whoever runs the migrations of a real server."""
    return f"NUAN_{service.upper()}_OWNER_DATABASE_URL"


@dataclass(frozen=True)
class Environment:
    """What the processes of this machine run with. ``variables`` are theirs; ``server`` is None when all is outside."""

    home: Path
    variables: dict[str, str]
    server: LocalPostgres | None

    def settings(self, service: str) -> Settings:
        """The settings of one service, for a command that works in this process."""
        os.environ.update({name: value for name, value in self.variables.items() if not written(name)})
        return read_settings(service)

    def process_variables(self) -> dict[str, str]:
        told = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in self.variables}
        return {**told, **self.variables}


def prepare(*, bus: bool = True, services: Iterable[str] = SERVICES) -> Environment:
    """Start what is embedded, bring every schema up to date, make keys: safe to call at any time and by many at once.

    ``services`` are those whose databases are needed; a server that was named is not touched beyond them.
    """
    folder, services = home(), tuple(services)
    outside = all(written(database_variable(service)) for service in services)
    needs_bus = bus and not written("NUAN_BUS_URL")
    server = None if outside and not needs_bus else LocalPostgres(folder)
    if server is not None:
        server.start()
    if not written("NUAN_KEYS"):
        make_keys(folder / "keys", issuers=SERVICES)
    variables = {
        "NUAN_KEYS": str(folder / "keys"),
        "NUAN_WORK_FOLDER": str(folder / "work"),
        "NUAN_ENVIRONMENT": "demo",
        **{f"NUAN_{service.upper()}_URL": f"http://127.0.0.1:{port}" for service, port in PORTS.items()},
    }
    for service in services:
        name = database_variable(service)
        if (named := written(name)) or server is None:
            if owner := written(owner_variable(service)) or _if_owner(named or required(name)):
                migrate(service, owner)
            continue
        variables[name] = _own_database(server, service)
        migrate(service, server.url(f"nuan_{service}", user="postgres"))
        _let_in(server, service)
    if not written("NUAN_BUS_URL"):
        variables["NUAN_BUS_URL"] = _own_bus(server) if server is not None and bus else "memory://"
    variables = {name: written(name) or value for name, value in variables.items()}
    return Environment(folder, variables, server)


def _if_owner(url: str) -> str | None:
    """``url``, when it may change the schema; else whoever owns it does so by `nuan db migrate`."""
    with psycopg.connect(plain(url), connect_timeout=5) as connection:
        row = connection.execute(
            "SELECT pg_has_role(datdba, 'MEMBER') FROM pg_database WHERE datname = current_database()"
        ).fetchone()
    return url if row == (True,) else None


def _own_database(server: LocalPostgres, service: str) -> str:
    server.ensure_database(f"nuan_{service}", owner="postgres")
    server.ensure_role(f"nuan_{service}", login=True)
    return server.url(f"nuan_{service}", user=f"nuan_{service}")


def _let_in(server: LocalPostgres, service: str) -> None:
    """The service's login may work as the app role, and has no rights of its own."""
    with psycopg.connect(server.conninfo(f"nuan_{service}", user="postgres"), autocommit=True) as connection:
        connection.execute(f"GRANT {app_role(service)} TO nuan_{service}")


def _own_bus(server: LocalPostgres) -> str:
    server.ensure_database(BUS_DATABASE, owner="postgres")
    install_queue(server.conninfo(BUS_DATABASE))
    return queue_url(server.conninfo(BUS_DATABASE))
