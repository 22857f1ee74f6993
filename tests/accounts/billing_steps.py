"""Steps that tests of billing share."""

from __future__ import annotations

from typing import Any

from shared.messages.accounts import BillsIssued
from tests.accounts.conftest import AccountsService

SEASON = "2025-2026"


def open_homes(service: AccountsService, *homes: dict[str, Any]) -> list[str]:
    status, answer = service.post("/accounts", {"accounts": list(homes)})
    assert status == 201, answer
    return list(answer["account_nos"])


def bill(service: AccountsService, *named: str, season: str = SEASON, mode: str = "issue") -> dict[str, Any]:
    body = {"season": season, "mode": mode, **({"accounts": list(named)} if named else {})}
    status, answer = service.post("/billing-runs", body)
    assert status == 201, answer
    return dict(answer)


def counts(answer: dict[str, Any]) -> tuple[int, int, int]:
    return answer["billed"], answer["already"], answer["parked"]


def bills_issued(service: AccountsService) -> list[BillsIssued]:
    return [event for event in service.events() if isinstance(event, BillsIssued)]
