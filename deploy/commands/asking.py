"""How commands speak to running services: over HTTP, signed with the keys of this machine as its operator."""

from __future__ import annotations

import getpass
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import requests

from deploy.local.environment import PORTS
from deploy.local.paths import home
from shared.chassis.auth import Keys, staff_token
from shared.chassis.service_client import PassedOn, ServiceAway

OPERATOR_ROLES = ("cashier", "clerk", "supervisor", "finance", "auditor", "system_admin")


class Office:
    """Asks the services in the name of whoever sits at this machine and may read its keys."""

    def __init__(self) -> None:
        keys = Keys(Path(os.environ.get("NUAN_KEYS") or home() / "keys"))
        login = f"cli-{getpass.getuser()}"
        self._token = staff_token(keys, login=login, person=login, roles=OPERATOR_ROLES, signed_in_at=int(time.time()))
        self._session = requests.Session()

    def get(self, service: str, path: str, **query: Any) -> Any:
        return self._ask("GET", service, path, params=query)

    def post(self, service: str, path: str, body: Any, *, key: str | None = None) -> Any:
        return self._ask("POST", service, path, json=body, headers={"Idempotency-Key": key or uuid.uuid4().hex})

    def upload(
        self, service: str, path: str, *, name: str, content: bytes, key: str | None = None, **fields: Any
    ) -> Any:
        return self._ask("POST", service, path, files={"file": (name, content)}, data=fields,
                         headers={"Idempotency-Key": key or uuid.uuid4().hex})  # fmt: skip

    def download(self, service: str, path: str) -> tuple[str, bytes]:
        """A file's name and bytes."""
        answer = self._send("GET", service, path)
        if answer.status_code >= 400:
            raise PassedOn(answer.json(), answer.status_code)
        return answer.headers["X-File-Name"], answer.content

    def blocks(self, service: str, path: str) -> Iterator[bytes]:
        """A file's bytes, however many they are."""
        with self._send("GET", service, path, stream=True) as answer:
            if answer.status_code >= 400:
                raise PassedOn(answer.json(), answer.status_code)
            yield from answer.iter_content(1 << 20)

    def _ask(self, method: str, service: str, path: str, **words: Any) -> Any:
        answer = self._send(method, service, path, **words)
        content = answer.json()
        if answer.status_code >= 400:
            raise PassedOn({**content, "facts": {**content.get("facts", {}), **_places(content)}}, answer.status_code)
        return content

    def _send(self, method: str, service: str, path: str, **words: Any) -> requests.Response:
        url = os.environ.get(f"NUAN_{service.upper()}_URL", f"http://127.0.0.1:{PORTS[service]}") + path
        headers = {"Authorization": f"Bearer {self._token}", **words.pop("headers", {})}
        try:
            return self._session.request(method, url, headers=headers, timeout=(2, 600), **words)
        except requests.RequestException as error:
            raise ServiceAway(
                f"{service} does not answer; start it with `nuan up`", error=type(error).__name__
            ) from error


def _places(content: dict[str, Any]) -> dict[str, str]:
    return {error["place"]: error["reason"] for error in content.get("errors", [])}
