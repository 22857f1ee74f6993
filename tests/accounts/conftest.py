"""What tests of accounts share: the service on a fresh database, asked over its own HTTP routes."""

from __future__ import annotations

import dataclasses
import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask.testing import FlaskClient

from deploy.local.databases import ScratchDatabases
from services.accounts.bootstrap import web
from services.accounts.gateways.payments import Client
from shared.chassis.auth import make_keys, staff_token
from shared.chassis.codec import decode
from shared.chassis.database import transaction
from shared.chassis.runtime import Runtime, start
from shared.chassis.settings import SERVICES, Settings
from shared.messages.accounts import EVENTS

if TYPE_CHECKING:
    from tests.accounts.lifecycle_desk import Desk


class AccountsService:
    """``service.post("/accounts", {...}, roles=["clerk"])`` → ``(status, body)``; tables and events are read
    directly.
    """

    def __init__(self, runtime: Runtime, clock: Path, payments: Client | None = None) -> None:
        self.runtime, self._clock = runtime, clock
        self.client: FlaskClient = web(runtime, payments).test_client()

    def set_day(self, day: date) -> None:
        self._clock.write_text(day.isoformat())

    def token(self, *roles: str, login: str = "zhang", person: str = "") -> str:
        now = int(time.time())
        return staff_token(self.runtime.keys, login=login, person=person or login, roles=roles, signed_in_at=now)

    def get(self, path: str, *, roles: Sequence[str] = ("supervisor",)) -> tuple[int, Any]:
        answer = self.client.get(path, headers=self._headers(roles))
        return answer.status_code, json.loads(answer.data)

    def post(self, path: str, body: Any, *, roles: Sequence[str] = ("supervisor",), key: str | None = None,
             login: str = "zhang") -> tuple[int, Any]:  # fmt: skip
        headers = {**self._headers(roles, login), "Idempotency-Key": key or uuid.uuid4().hex}
        answer = self.client.post(path, json=body, headers=headers)
        return answer.status_code, json.loads(answer.data)

    def _headers(self, roles: Sequence[str], login: str = "zhang") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(*roles, login=login)}"} if roles else {}

    def rows(self, sql: str, values: Any = ()) -> list[tuple[Any, ...]]:
        with transaction(self.runtime.engine) as cursor:
            return cursor.execute(sql, values).fetchall()

    def as_owner(self, sql: str, values: Any = ()) -> None:
        """What the service itself may not do."""
        with transaction(self.runtime.engine) as cursor:
            cursor.execute("SET LOCAL ROLE NONE")
            cursor.execute(sql, values)

    def events(self) -> list[Any]:
        """What was told to the others and is not sequenced yet, oldest first."""
        types = {event.NAME: event for event in EVENTS}
        return [decode(types[name], body) for name, body in self.rows("SELECT type, body FROM outbox ORDER BY seq")]

    def content(self) -> dict[str, str]:
        """A hash of every table's rows: equal hashes mean that nothing was written."""
        tables = self.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        return {
            table: self.rows(f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table} t")[0][
                0
            ]
            for (table,) in tables
        }


@pytest.fixture
def service(make_runtime: Callable[..., Runtime], tmp_path: Path) -> AccountsService:
    """The accounts service on 2025-10-20."""
    return AccountsService(make_runtime("accounts", day=date(2025, 10, 20)), tmp_path / "clock")


@pytest.fixture
def in_earnest(make_runtime: Callable[..., Runtime], tmp_path: Path) -> AccountsService:
    """The accounts service on 2025-10-20 as a heating company runs it: nothing is a trial."""
    runtime = make_runtime("accounts", day=date(2025, 10, 20))
    settings = dataclasses.replace(runtime.settings, environment="production")
    return AccountsService(dataclasses.replace(runtime, settings=settings), tmp_path / "clock")


def a_home(number: int = 1, **given: Any) -> dict[str, Any]:
    """A flat of 89.63 m² in 幸福小区, as `POST /accounts` takes it."""
    return {"name": "王秀英", "compound": "幸福小区", "building": "3", "unit": "2", "room": str(100 + number),
            "building_area": "89.63", **given}  # fmt: skip


@pytest.fixture(scope="module")
def one_accounts_service(admin_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Runtime, Path]]:
    """The runtime of accounts on one database, for all tests of a module, and the file that its clock reads."""
    folder = tmp_path_factory.mktemp("accounts")
    make_keys(folder / "keys", issuers=SERVICES)
    (folder / "clock").write_text("2025-10-20")
    with ScratchDatabases(admin_url, services=("accounts",)) as urls:
        runtime = start(Settings(
            service="accounts", database_url=urls["accounts"], bus_url="memory://", keys_folder=folder / "keys",
            urls=dict.fromkeys(SERVICES, "http://127.0.0.1:9"), environment="story-test", story_clock=folder / "clock",
            work_folder=folder / "work",
        ))  # fmt: skip
        yield runtime, folder / "clock"
        runtime.engine.dispose()


@pytest.fixture
def desk(one_accounts_service: tuple[Runtime, Path]) -> Desk:
    """The office's desk on 2025-10-20, under the reference policy; its homes are new, its database is the module's."""
    from tests.accounts.lifecycle_desk import Desk

    desk = Desk(*one_accounts_service)
    desk.set_day(date(2025, 10, 20))
    desk.post("/policies", {"name": "default", "set": {}})
    return desk


@pytest.fixture
def policy(desk: Desk) -> Callable[..., None]:
    """``policy(suspend_renewal="YEARLY")``: the reference policy with other values is in force."""

    def put(**values: str) -> None:
        status, answer = desk.post("/policies", {"name": "default", "set": values})
        assert status == 201, answer

    return put
