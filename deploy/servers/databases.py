"""The databases and roles of a real PostgreSQL server, made by its administrator from the very URLs that are used later.

For each service: a database, an *owner* that runs its migrations, a *login* that the service signs in with, and the
app role that the login works as. The login owns nothing and inherits nothing: what it may do is granted in the schema.
"""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from shared.chassis.database import app_role
from shared.chassis.settings import BadSetting

Connection = psycopg.Connection[tuple[object, ...]]


@dataclass(frozen=True)
class Roles:
    service: str
    database: str
    owner: str
    login: str


def create_database(service: str, *, admin_url: str, owner_url: str, service_url: str) -> Roles:
    """Make what the two URLs name, or bring it to what they say (a new password is set); safe to repeat."""
    owner, login = _account(service, "OWNER_DATABASE_URL", owner_url), _account(service, "DATABASE_URL", service_url)
    if owner.database != login.database:
        raise BadSetting("names another database than the owner's URL", place=_variable(service, "DATABASE_URL"))
    if owner.username == login.username:
        raise BadSetting("the service may not sign in as the owner", place=_variable(service, "DATABASE_URL"))
    roles = Roles(service, str(owner.database), str(owner.username), str(login.username))
    with psycopg.connect(plain(admin_url), autocommit=True, connect_timeout=10) as connection:
        connection.execute("SELECT pg_advisory_lock(20251105)")
        _ensure_role(connection, app_role(service), "NOLOGIN")
        _ensure_role(connection, roles.owner, "LOGIN", password=str(owner.password))
        _ensure_role(connection, roles.login, "LOGIN NOINHERIT", password=str(login.password))
        _run(connection, "GRANT {} TO {}", app_role(service), roles.login)
        _ensure_database(connection, roles)
    return roles


def plain(url: str) -> str:
    """A SQLAlchemy URL as libpq reads it."""
    return url.replace("postgresql+psycopg://", "postgresql://", 1)


def _variable(service: str, what: str) -> str:
    return f"NUAN_{service.upper()}_{what}"


def _account(service: str, what: str, url: str) -> URL:
    parts = make_url(url)
    if not (parts.username and parts.password and parts.database):
        raise BadSetting("must name a user, a password and a database", place=_variable(service, what))
    return parts


def _ensure_role(connection: Connection, role: str, attributes: str, *, password: str | None = None) -> None:
    known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
    if known is None:
        _run(connection, f"CREATE ROLE {{}} {attributes}", role)
    if password is not None:
        # Encrypted here: the server's log may show the statement.
        secret = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
        connection.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(secret)))


def _ensure_database(connection: Connection, roles: Roles) -> None:
    known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (roles.database,)).fetchone()
    if known is None:
        # An administrator that is no superuser gives away only what he could be himself.
        superuser = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
        lent = superuser != (True,)
        if lent:
            _run(connection, "GRANT {} TO CURRENT_USER", roles.owner)
        _run(connection, "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'",
             roles.database, roles.owner)  # fmt: skip
        _run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", roles.database)
        _run(connection, "GRANT CONNECT ON DATABASE {} TO {}", roles.database, roles.login)
        if lent:
            _run(connection, "REVOKE {} FROM CURRENT_USER", roles.owner)


def _run(connection: Connection, statement: str, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
