"""A suspension that is asked for and answered later: the day of asking decides what is in time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shared.kernel.errors import Refusal
from shared.kernel.lifecycle import Lifecycle, Move

ASKED, GRANTED = "asked", "granted"
SUSPENSION_APPLICATION = Lifecycle("suspension that is asked for", initial=ASKED, moves=[
    Move("grant", (ASKED,), GRANTED),
    Move("decline", (ASKED,), "declined"),
    Move("withdraw", (ASKED,), "withdrawn"),
    Move("lapse", (GRANTED,), "lapsed"),
])  # fmt: skip
"""Lapsed: what the home keeps owing was not paid in time, so it was never suspended."""


class AlreadyAsked(Refusal):
    code = "already_asked"
    status = 409
    remedy = "Answer the application that is there, or take it back first."


class SuspensionPaid(Refusal):
    code = "suspension_paid"
    status = 409
    remedy = "What the home keeps owing was paid: the suspension stands."


@dataclass(frozen=True, slots=True)
class SuspensionApplication:
    """``seasons`` None: as the policy renews. ``granted_on`` is the first day of the period that was granted."""

    application_id: int
    account_no: str
    season: int
    seasons: int | None
    asked_on: date
    state: str
    granted_on: date | None = None
