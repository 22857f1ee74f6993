"""What a story asks for first and gets later: connections and suspensions, with the days by which something is due."""

from __future__ import annotations

from typing import Any

from deploy.scenario.asking import Asking, StoryRefused


class Applied:
    """The last application of each kind, by the story's name for the home. A step tells ``due``, the day of what is due next."""

    def __init__(self, ask: Asking) -> None:
        self._ask = ask
        self._connections: dict[str, int] = {}
        self._suspensions: dict[str, int] = {}

    def apply(self, name: str, home: dict[str, Any], *, reason: str) -> dict[str, Any]:
        answer = self._ask.post("accounts", "/connections", {"applications": [home], "reason": reason})
        self._connections[name] = answer["applications"][0]["application_id"]
        return _told(answer)

    def step(self, name: str, verb: str, *, reason: str, **words: Any) -> dict[str, Any]:
        body = {"applications": [self._number(self._connections, name)], "reason": reason, **words}
        return _told(self._ask.post("accounts", f"/connections/{verb}", body))

    def contract(self, name: str, charges: dict[str, str], *, reason: str) -> dict[str, Any]:
        """``charges`` are what the contract asks for, in yuan; none, where it asks for nothing."""
        asked = [{"application_id": self._number(self._connections, name), **charges}] if charges else []
        return self.step(name, "contracts", charges=asked, reason=reason)

    def contract_paid(self, name: str, receipt: str, *, reason: str) -> dict[str, Any]:
        payment = {"application_id": self._number(self._connections, name), "receipt": receipt}
        return _told(self._ask.post("accounts", "/connections/payments", {"payments": [payment], "reason": reason}))

    def accept(self, name: str, *, reason: str) -> None:
        acceptance = {"application_id": self._number(self._connections, name)}
        self._ask.post("accounts", "/connections/acceptances", {"acceptances": [acceptance], "reason": reason})

    def ask_suspension(self, name: str, asked: dict[str, Any], *, reason: str) -> dict[str, Any]:
        answer = self._ask.post("accounts", "/suspension-applications", {"applications": [asked], "reason": reason})
        self._suspensions[name] = answer["applications"][0]["application_id"]
        return _told(answer)

    def answer_suspension(self, name: str, *, granted: bool, reason: str) -> dict[str, Any]:
        body = {"applications": [self._number(self._suspensions, name)], "granted": granted, "reason": reason}
        return _told(self._ask.post("accounts", "/suspension-applications/answers", body))

    def lapse_suspension(self, name: str, *, reason: str) -> None:
        body = {"applications": [self._number(self._suspensions, name)], "reason": reason}
        self._ask.post("accounts", "/suspension-applications/lapses", body)

    @staticmethod
    def _number(numbers: dict[str, int], name: str) -> int:
        if name not in numbers:
            raise StoryRefused("not_found", f"{name} has asked for nothing")
        return numbers[name]


def _told(answer: dict[str, Any]) -> dict[str, Any]:
    (application,) = answer["applications"]
    deadline = application.get("deadline") or {}
    return {**application, "due": deadline.get("due_on", "none")}
