"""Calls to another service: signed, bounded in time, one clear refusal when it does not answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import requests

from shared.chassis.auth import Keys, service_token
from shared.chassis.codec import canonical
from shared.chassis.consumer import Page
from shared.chassis.event_log import Entry, LogDiffers
from shared.kernel.errors import Refusal

CONNECT_SECONDS, READ_SECONDS = 2, 30


class ServiceAway(Refusal):
    code = "service_away"
    status = 503
    remedy = "Try again in a moment; nothing was changed here."


class PassedOn(Refusal):
    """Another service refused; its code, status and facts are passed on as they came."""

    def __init__(self, problem: dict[str, Any], status: int) -> None:
        super().__init__(str(problem.get("detail", "")), **problem.get("facts", {}))
        self.code = str(problem.get("code", "refused"))  # type: ignore[misc]
        self.status = status  # type: ignore[misc]
        self.remedy = str(problem.get("remedy", ""))  # type: ignore[misc]


class ServiceClient:
    """Asks one other service in the name of this one."""

    def __init__(self, *, keys: Keys, service: str, audience: str, url: str) -> None:
        self.keys, self.service, self.audience, self.url = keys, service, audience, url.rstrip("/")
        self._session = requests.Session()

    def get(self, path: str, **query: Any) -> Any:
        return self._ask("GET", path, b"", query, {})

    def post(self, path: str, body: Any, *, key: str | None = None) -> Any:
        headers = {"Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return self._ask("POST", path, canonical(body).encode(), {}, headers)

    def _ask(self, method: str, path: str, body: bytes, query: dict[str, Any], headers: dict[str, str]) -> Any:
        token = service_token(self.keys, service=self.service, audience=self.audience, body=body)
        try:
            answer = self._session.request(
                method, self.url + path, params=query, data=body or None,
                headers={**headers, "Authorization": f"Bearer {token}"},
                timeout=(CONNECT_SECONDS, READ_SECONDS), allow_redirects=False,
            )  # fmt: skip
        except requests.RequestException as error:
            raise ServiceAway(f"{self.audience} does not answer", error=type(error).__name__) from error
        if answer.status_code >= 500 or 300 <= answer.status_code < 400:  # a redirect would take our token with it
            raise ServiceAway(f"{self.audience} answered {answer.status_code}")
        try:
            content = answer.json()
        except ValueError as error:
            raise ServiceAway(f"{self.audience} answered something that is not JSON") from error
        if answer.status_code >= 400:
            raise PassedOn(content, answer.status_code)
        return content


class HttpLogReader:
    """Another service's event log over HTTP (``GET /log``)."""

    def __init__(self, client: ServiceClient) -> None:
        self.client = client

    def after(self, pos: int, hash_: bytes) -> Page:
        try:
            page = self.client.get("/log", after=pos, hash=hash_.hex(), limit=500)
        except PassedOn as refusal:
            if refusal.code == LogDiffers.code:
                raise LogDiffers(refusal.detail) from refusal
            raise
        return Page(page["epoch"], page["head"], [_entry(member) for member in page["entries"]])


def _entry(member: dict[str, Any]) -> Entry:
    return Entry(
        member["pos"], UUID(member["event_id"]), member["type"], member["schema"], member["body"],
        member["actor"], member["cause"], datetime.fromisoformat(member["at"]), bytes.fromhex(member["hash"]),
    )  # fmt: skip
