"""A new connection, from the application to the day on which heat is let in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.accounts.domain.new_account import NewAccount
from shared.kernel.lifecycle import Lifecycle, Move

CONTRACTED = "contracted"
CONNECTION = Lifecycle("connection", initial="applied", moves=[
    Move("survey", ("applied",), "surveyed"),
    Move("reject", ("applied", "surveyed"), "rejected"),
    Move("notify", ("surveyed",), "surveyed"),
    Move("notify", ("rejected",), "rejected"),
    Move("contract", ("surveyed",), CONTRACTED),
    Move("accept", (CONTRACTED,), "accepted"),
    Move("withdraw", ("applied", "surveyed", CONTRACTED), "withdrawn"),
    Move("lapse", (CONTRACTED,), "withdrawn"),
])  # fmt: skip
"""Surveyed: heat can be supplied there; contracted: both sides signed; accepted: the account is active. Lapsed: not paid in time."""


@dataclass(frozen=True, slots=True)
class Application:
    """``account`` is the account that it asks for; ``account_no`` that of the account it became."""

    application_id: int
    state: str
    account: NewAccount
    account_no: str | None = None


@dataclass(frozen=True, slots=True)
class Acceptance:
    application_id: int
    warranty_until: date | None = None
