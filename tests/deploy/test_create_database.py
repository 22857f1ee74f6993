"""`nuan db create`: what the URLs name is made, by whoever may make it, and stays when it is asked for again."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from deploy.servers.databases import create_database, plain
from shared.chassis.database import app_role
from shared.chassis.settings import BadSetting
from tests.deploy.made_server import Server


def made(server: Server, *, admin_url: str = "", **passwords: str) -> None:
    create_database("payments", admin_url=admin_url or server.admin_url,
                    owner_url=server.url("payments", owner=True), service_url=server.url("payments", **passwords))  # fmt: skip


def secret_of(server: Server, role: str) -> str:
    with psycopg.connect(plain(server.admin_url)) as connection:
        row = connection.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", (role,)).fetchone()
    return "" if row is None else str(row[0])


def test_making_again_sets_the_password_that_is_told_and_changes_nothing_else(unmade: Server) -> None:
    made(unmade)
    first = secret_of(unmade, f"{unmade.mark}_payments")
    made(unmade, password="another")
    second = secret_of(unmade, f"{unmade.mark}_payments")
    assert first.startswith("SCRAM-SHA-256$") and second.startswith("SCRAM-SHA-256$")
    assert first != second


def test_an_administrator_need_not_be_a_superuser(unmade: Server) -> None:
    steward = f"{unmade.mark}_steward"
    with psycopg.connect(plain(unmade.admin_url), autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE PASSWORD 'p'").format(sql.Identifier(steward))
        )
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (app_role("payments"),)).fetchone()
        if known is not None and connection.info.server_version >= 160000:
            connection.execute(
                sql.SQL("GRANT {} TO {} WITH ADMIN OPTION").format(
                    sql.Identifier(app_role("payments")), sql.Identifier(steward)
                )
            )
    url = make_url(unmade.admin_url).set(username=steward, password="p")
    made(unmade, admin_url=url.render_as_string(hide_password=False))
    with psycopg.connect(unmade.url("payments")) as connection:
        assert connection.execute("SELECT current_user").fetchone() == (f"{unmade.mark}_payments",)


def test_an_owner_that_signs_in_for_the_service_is_refused(unmade: Server) -> None:
    with pytest.raises(BadSetting) as refusal:
        create_database("payments", admin_url=unmade.admin_url, owner_url=unmade.url("payments", owner=True),
                        service_url=unmade.url("payments", owner=True))  # fmt: skip
    assert refusal.value.facts["place"] == "NUAN_PAYMENTS_DATABASE_URL"


def test_a_url_without_password_is_refused(unmade: Server) -> None:
    with pytest.raises(BadSetting) as refusal:
        create_database("payments", admin_url=unmade.admin_url, owner_url="postgresql://owner@127.0.0.1/nuan_payments",
                        service_url=unmade.url("payments"))  # fmt: skip
    assert refusal.value.facts["place"] == "NUAN_PAYMENTS_OWNER_DATABASE_URL"
