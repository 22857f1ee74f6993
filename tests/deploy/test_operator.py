"""The `nuan` command beside a deployment: it works with one service's settings, and starts nothing of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest

from shared.chassis.auth import make_keys
from shared.chassis.migrate import schema_head
from shared.chassis.settings import SERVICES
from tests.deploy.made_server import Server
from tests.deploy.manifests import ROOT


@pytest.fixture
def variables(server: Server, tmp_path: Path) -> dict[str, str]:
    """What accounts-web of docker-compose.yml is told, here in a trial: this server may be without checksums."""
    make_keys(tmp_path / "keys", issuers=SERVICES)
    plain_environment = {name: value for name, value in os.environ.items() if not name.startswith("NUAN_")}
    return {
        **plain_environment,
        "NUAN_ENVIRONMENT": "story-operator",
        "NUAN_HOME": str(tmp_path / "home"),
        "NUAN_KEYS": str(tmp_path / "keys"),
        "NUAN_ACCOUNTS_DATABASE_URL": server.url("accounts"),
        "NUAN_BUS_URL": "amqp://nuan:x@127.0.0.1:9/nuan",
        **{f"NUAN_{service.upper()}_URL": "http://127.0.0.1:9" for service in SERVICES},
    }


def nuan(variables: dict[str, str], *words: str, typed: str = "") -> tuple[int, dict[str, Any]]:
    done = subprocess.run([sys.executable, "-m", "deploy.cli", *words, "--json"], cwd=ROOT, env=variables, input=typed,
                          capture_output=True, text=True, check=False, timeout=60)  # fmt: skip
    return done.returncode, json.loads(done.stdout)


def test_staff_are_added_with_the_settings_of_accounts_alone(variables: dict[str, str], tmp_path: Path) -> None:
    words = ("staff", "add", "zhang", "--person", "Zhang", "--role", "cashier")
    assert nuan(variables, *words, typed="correct horse battery\n")[0] == 0
    again, answer = nuan(variables, *words, typed="correct horse battery\n")
    assert (again, answer["refusal"]["code"]) == (1, "login_taken")
    assert not (tmp_path / "home" / "postgres").exists()
    assert not (tmp_path / "home" / "keys").exists()


def test_the_event_log_is_verified_with_the_settings_of_one_service(variables: dict[str, str]) -> None:
    assert nuan(variables, "bus", "verify", "accounts") == (0, {"service": "accounts", "first_broken": None})


def test_a_login_that_may_not_change_the_schema_is_told_to_have_it_changed(
    variables: dict[str, str], server: Server
) -> None:
    with psycopg.connect(server.url("accounts", owner=True), autocommit=True) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'older'")
        try:
            code, answer = nuan(variables, "bus", "verify", "accounts")
        finally:
            connection.execute("UPDATE alembic_version SET version_num = %s", (schema_head("accounts"),))
    assert (code, answer["refusal"]["code"]) == (1, "unsafe_database")
    assert "nuan db migrate" in answer["refusal"]["detail"]
