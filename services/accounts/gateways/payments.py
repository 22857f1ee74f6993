"""What accounts asks of payments: who owes what past its due day, now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple, Protocol

from services.accounts.domain.dunning import Late
from shared.chassis.service_client import ServiceAway
from shared.kernel.errors import Refusal
from shared.kernel.money import parse_yuan
from shared.kernel.season import season_label
from shared.messages.accounts import SELF


class PaymentsUnavailable(Refusal):
    code = "payments_unavailable"
    status = 503
    remedy = "Nothing was changed. Try again in a moment: whether something is owed must be known first."


class Overdue(NamedTuple):
    """What one payer of an account owes past its due day, late fee included; ``since`` is the oldest of these days.

    ``held_by`` is the bank that is collecting from the account.
    """

    payer: str
    overdue_fen: int
    since: date | None
    held_by: str | None = None


OverdueOf = Callable[[Sequence[str]], dict[str, list[Overdue]]]
"""By account number, its payers; the household always, the others when they owe something."""


OpenOf = Callable[[Sequence[str]], dict[str, dict[str, int]]]
"""By account number, what the household has not paid of each season, without late fee: season label → fen."""


class RefundOrder(NamedTuple):
    """Refunds of a season that were asked for together and are not carried out."""

    order_id: int
    state: str
    amount: str


RefundOrdersOf = Callable[[int], list[RefundOrder]]
"""By season, the orders of its refunds that are open."""

OPEN_ORDERS = ("listing", "requested", "approved")


class Client(Protocol):
    """A signed client of one service (`shared.chassis.service_client.ServiceClient`)."""

    def get(self, path: str, **query: Any) -> Any: ...

    def post(self, path: str, body: Any, *, key: str | None = None) -> Any: ...


class Payments:
    def __init__(self, client: Client) -> None:
        self._client = client

    def overdue(self, account_nos: Sequence[str]) -> dict[str, list[Overdue]]:
        """What is overdue today. Refuses `payments_unavailable`, and `unknown_account` until payments has heard of it."""
        return {
            answer["account_no"]: [_overdue(payer, answer.get("in_bank_collection")) for payer in answer["payers"]]
            for answer in self._owed(account_nos)
        }

    def open_of_seasons(self, account_nos: Sequence[str]) -> dict[str, dict[str, int]]:
        """What the households have not paid of each season. Refuses `payments_unavailable`, `unknown_account`."""
        return {
            answer["account_no"]: {
                season["season"]: parse_yuan(season["principal"])
                for payer in answer["payers"] if payer["payer"] == SELF for season in payer.get("seasons", ())
            }
            for answer in self._owed(account_nos)
        }  # fmt: skip

    def _owed(self, account_nos: Sequence[str]) -> list[dict[str, Any]]:
        try:
            return list(self._client.post("/owed", {"account_nos": list(account_nos)}))
        except ServiceAway as away:
            raise PaymentsUnavailable("payments does not answer") from away

    def open_refund_orders(self, season: int) -> list[RefundOrder]:
        """Runs of the season that nobody has carried out, refused or withdrawn. Refuses `payments_unavailable`."""
        found = []
        try:
            for state in OPEN_ORDERS:
                page = self._client.get("/refund-orders", season=season_label(season), state=state, limit=1000)
                found += [RefundOrder(order["order_id"], order["state"], order["amount"]) for order in page["orders"]]
        except ServiceAway as away:
            raise PaymentsUnavailable("payments does not answer") from away
        return found


def _overdue(payer: dict[str, Any], bank: str | None) -> Overdue:
    since = payer["overdue_since"]
    return Overdue(payer["payer"], parse_yuan(payer["overdue"]), date.fromisoformat(since) if since else None,
                   bank)  # fmt: skip


def household_overdue_fen(payers: Sequence[Overdue]) -> int:
    """What the present owner owes past its due day."""
    return sum(payer.overdue_fen for payer in payers if payer.payer == SELF)


def late_of(payers: Sequence[Overdue]) -> list[Late]:
    """Those of the payers who owe something past its due day."""
    return [Late(payer.payer, payer.overdue_fen, payer.since) for payer in payers if payer.overdue_fen and payer.since]
