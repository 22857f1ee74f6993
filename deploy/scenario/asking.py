"""How a story speaks to the services: their public HTTP interfaces, signed in as the person who may."""

from __future__ import annotations

import uuid
from typing import Any

import requests

from deploy.local.in_process import InProcessSystem


class StoryRefused(Exception):
    """A service refused; ``code`` is what a scenario's ``!!`` names."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


class Asking:
    """One signed-in supervisor for the whole story; every request that moves money has a key of its own."""

    ROLES = ("cashier", "clerk", "supervisor", "finance", "system_admin")

    def __init__(self, system: InProcessSystem) -> None:
        self.system = system
        self._session = requests.Session()
        self._token = system.token(*self.ROLES)
        self._second = system.token(*self.ROLES, login="story-second")

    def get(self, service: str, path: str, **query: Any) -> Any:
        return self._answered(self._session.get(
            self.system.urls[service] + path, params=query, headers=self._headers(), timeout=30
        ))  # fmt: skip

    def post(self, service: str, path: str, body: Any, *, key: str | None = None, second: bool = False,
             role: str | None = None) -> Any:  # fmt: skip
        """``second``: as another person, who agrees to what the first one asked for; ``role``: the only one he has."""
        token = self._second if second else self._token
        if role is not None:
            token = self.system.token(role, login="story-second" if second else "story")
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key or uuid.uuid4().hex}
        return self._answered(self._session.post(
            self.system.urls[service] + path, json=body, headers=headers, timeout=60
        ))  # fmt: skip

    def upload(self, service: str, path: str, *, name: str, content: bytes, **fields: str) -> Any:
        headers = {**self._headers(), "Idempotency-Key": uuid.uuid4().hex}
        return self._answered(self._session.post(
            self.system.urls[service] + path, files={"file": (name, content)}, data=fields, headers=headers, timeout=60
        ))  # fmt: skip

    def download(self, service: str, path: str) -> tuple[str, bytes]:
        """A file's name and bytes."""
        answer = self._session.get(self.system.urls[service] + path, headers=self._headers(), timeout=60)
        if answer.status_code >= 400:
            self._answered(answer)
        return answer.headers["X-File-Name"], answer.content

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def _answered(self, answer: requests.Response) -> Any:
        content = answer.json()
        if answer.status_code < 400:
            return content
        detail = content.get("detail", "")
        if errors := content.get("errors"):
            detail = f"{detail} {errors}"
        raise StoryRefused(str(content.get("code")), f"{detail} {content.get('facts', '')}")
