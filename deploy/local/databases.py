"""Making and dropping databases on a server where we may: for scenarios, benchmarks and tests."""

from __future__ import annotations

import hashlib
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from shared.chassis.migrate import CHASSIS_SCHEMA_V1, ROOT, migrate
from shared.chassis.settings import SERVICES


def conninfo(url: str | URL) -> str:
    """A SQLAlchemy URL as libpq's words."""
    parts = make_url(url)
    words = {"host": parts.host or parts.query.get("host"), "port": parts.port or parts.query.get("port"),
             "user": parts.username, "password": parts.password, "dbname": parts.database}  # fmt: skip
    return psycopg.conninfo.make_conninfo("", **{key: str(value) for key, value in words.items() if value})


def beside(url: str, database: str) -> str:
    """The URL of another database on the same server."""
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def create_database(admin_url: str, name: str, *, template: str = "template0") -> str:
    with psycopg.connect(conninfo(admin_url), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    return beside(admin_url, name)


def drop_database(admin_url: str, name: str) -> None:
    with psycopg.connect(conninfo(admin_url), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def migrated_template(admin_url: str, service: str) -> str:
    """The name of a migrated, empty database of ``service``, made once for each content of its schema."""
    name = f"nuan_template_{service}_{_schema_digest(service)}"
    with psycopg.connect(conninfo(admin_url), autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(20251102)")
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone()
        if known is None:
            making = f"{name}_{uuid.uuid4().hex[:8]}"
            migrate(service, create_database(admin_url, making))
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(making), sql.Identifier(name))
            )
    return name


def _schema_digest(service: str) -> str:
    digest = hashlib.sha256(CHASSIS_SCHEMA_V1.read_bytes())
    for path in sorted((ROOT / "services" / service / "storage").rglob("*")):
        if path.suffix in (".sql", ".py") and "__pycache__" not in path.parts:
            digest.update(Path(path).read_bytes())
    return digest.hexdigest()[:10]


_DROPPING = ThreadPoolExecutor(1, thread_name_prefix="drop")
"""A drop waits for a checkpoint of the whole server: nobody else waits for it, but for the end of the process."""


class ScratchDatabases:
    """One fresh database for each service, dropped after the end: ``with ScratchDatabases(admin_url) as urls``."""

    def __init__(self, admin_url: str, *, services: tuple[str, ...] = SERVICES) -> None:
        self.admin_url, self.services = admin_url, services
        self._names: list[str] = []

    def __enter__(self) -> dict[str, str]:
        urls = {}
        for service in self.services:
            name = f"nuan_scratch_{service}_{uuid.uuid4().hex[:12]}"
            urls[service] = create_database(self.admin_url, name, template=migrated_template(self.admin_url, service))
            self._names.append(name)
        return urls

    def __exit__(self, *_: object) -> None:
        for name in self._names:
            _DROPPING.submit(drop_database, self.admin_url, name)
