"""A deployment's databases on the test's server, under names of their own."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from deploy.local.databases import drop_database
from deploy.servers.databases import plain
from shared.chassis.settings import SERVICES


@dataclass(frozen=True)
class Server:
    """Everything of one deployment on the test's server, under names of its own."""

    admin_url: str
    mark: str

    def url(self, service: str, *, owner: bool = False, password: str = "p:w/d") -> str:
        user = f"{self.mark}_{service}_owner" if owner else f"{self.mark}_{service}"
        parts = make_url(self.admin_url).set(drivername="postgresql", username=user, password=password)
        return parts.set(database=f"{self.mark}_{service}").render_as_string(hide_password=False)

    def variables(self) -> dict[str, str]:
        """What ``databases`` and ``migrate`` of docker-compose.yml are told."""
        told = {"NUAN_ADMIN_DATABASE_URL": plain(self.admin_url)}
        for service in SERVICES:
            told[f"NUAN_{service.upper()}_OWNER_DATABASE_URL"] = self.url(service, owner=True)
            told[f"NUAN_{service.upper()}_DATABASE_URL"] = self.url(service)
        return told

    def drop(self) -> None:
        for service in SERVICES:
            drop_database(self.admin_url, f"{self.mark}_{service}")
        with psycopg.connect(plain(self.admin_url), autocommit=True) as connection:
            rows = connection.execute(
                "SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s) ORDER BY 1", (f"{self.mark}_",)
            )
            for row in rows.fetchall():
                connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(row[0])))
