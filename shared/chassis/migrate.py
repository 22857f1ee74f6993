"""Schema changes, run as the owner: Alembic revisions of one service, each a frozen SQL file or plain statements."""

from __future__ import annotations

from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

from shared.chassis.database import app_role

ROOT = Path(__file__).resolve().parents[2]
CHASSIS_SCHEMA_V1 = Path(__file__).with_name("schema_v1.sql")


def schema_head(service: str) -> str:
    """The revision that this code works with."""
    head = ScriptDirectory.from_config(_config(service)).get_current_head()
    if head is None:
        raise RuntimeError(f"{service} has no migrations")
    return head


def migrate(service: str, url: str, *, revision: str = "head") -> None:
    """Bring the database at ``url`` (its owner's URL) to ``revision``, creating the app role if there is none."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    try:
        with engine.begin() as connection:
            connection.execute(text("SET lock_timeout = '5s'"))
            connection.execute(text("SELECT pg_advisory_xact_lock(20251101)"))
            _ensure_role(connection, app_role(service))
            config = _config(service)
            config.attributes["connection"] = connection
            command.upgrade(config, revision)
            connection.execute(text(f"GRANT SELECT ON alembic_version TO {app_role(service)}"))
    finally:
        engine.dispose()


def run_sql(connection: Connection, path: Path, *, service: str) -> None:
    """Run a frozen SQL file; ``{app}`` in it stands for the service's role."""
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        raise RuntimeError("migrations run on psycopg")
    driver.execute(path.read_text(encoding="utf-8").replace("{app}", app_role(service)).encode())


def _ensure_role(connection: Connection, role: str) -> None:
    connection.execute(text(
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role} NOLOGIN; END IF;"
        " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    ))  # fmt: skip
    connection.execute(text(
        f"DO $$ BEGIN IF NOT pg_has_role('{role}', 'MEMBER') THEN GRANT {role} TO CURRENT_USER; END IF;"
        " EXCEPTION WHEN insufficient_privilege THEN NULL; END $$"  # an owner that never works as the service
    ))  # fmt: skip


def _config(service: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "services" / service / "storage" / "migrations"))
    config.set_main_option("path_separator", "os")
    return config
