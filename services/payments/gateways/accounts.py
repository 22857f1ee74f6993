"""What payments asks of accounts: by which rules of the tariff policy money is paid back today."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Protocol

from services.payments.domain.refund import RefundRules
from shared.chassis.service_client import ServiceAway
from shared.kernel.errors import Refusal
from shared.kernel.money import parse_yuan
from shared.kernel.season import parse_season, season_label
from shared.kernel.two_people import ApprovalLimit


class AccountsUnavailable(Refusal):
    code = "accounts_unavailable"
    status = 503
    remedy = "Nothing was changed. Try again in a moment: the rules of the policy in force must be known first."


RulesOf = Callable[[int | None], RefundRules]
"""The rules of today; of a season the day until which it is to be paid back, None: of the current one."""


class Client(Protocol):
    """A signed client of one service (`shared.chassis.service_client.ServiceClient`)."""

    def get(self, path: str, **query: Any) -> Any: ...


class Accounts:
    def __init__(self, client: Client) -> None:
        self._client = client

    def refund_rules(self, season: int | None = None) -> RefundRules:
        """Refuses `accounts_unavailable`."""
        query = {} if season is None else {"season": season_label(season)}
        try:
            told = self._client.get("/refund-rules", **query)
        except ServiceAway as away:
            raise AccountsUnavailable("accounts does not answer") from away
        closed, begins = told["choice_closed_for"], told["season_begins_on"]
        return RefundRules(
            told["route"],
            tuple(ApprovalLimit(row["role"], _fen(row["limit"])) for row in told["limits"]),
            date.fromisoformat(told["due_on"]),
            parse_season(closed) if closed else None,
            date.fromisoformat(begins) if begins else None,
        )


def _fen(yuan: str | None) -> int | None:
    return None if yuan is None else parse_yuan(yuan)
