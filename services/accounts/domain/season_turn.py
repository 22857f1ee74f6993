"""A season's books: open, being closed, closed; and what refuses when they are."""

from __future__ import annotations

from shared.kernel.errors import NotFound, Refusal
from shared.kernel.lifecycle import Lifecycle, Move

OPEN, CLOSING, CLOSED = "open", "closing", "closed"

SEASON = Lifecycle(
    "season",
    initial=OPEN,
    moves=[
        Move("begin_closing", (OPEN,), CLOSING),
        Move("close", (CLOSING,), CLOSED),
        Move("reopen", (CLOSING, CLOSED), OPEN),
    ],
)
"""While a season is being closed homes are billed by name only, so that the list of what stands in the way grows shorter."""


OPEN_REFUNDS = "open_refunds"
OPEN_REFUNDS_TITLE = "未执行完的退费单 · orders of refunds that are not carried out"
"""What stands in the way of closing and is known in payments."""


class SeasonClosed(Refusal):
    code = "season_closed"
    status = 409
    remedy = "Ask for the season to be reopened (POST /approvals, kind reopen_season), or correct the current season."


class SeasonClosing(Refusal):
    code = "season_closing"
    status = 409
    remedy = "Bill the homes that are missing by their numbers."


class SeasonRuns(Refusal):
    code = "season_runs"
    status = 409
    remedy = "Close a season after its last day with heat."


class SeasonNotBilled(Refusal):
    code = "season_not_billed"
    status = 409
    remedy = "Bill the season first."


class SeasonNotReady(Refusal):
    code = "season_not_ready"
    status = 409
    remedy = "Settle what stands in the way (GET /season-turns/<season>/hindrances), then close again."


class UnknownHindrance(NotFound):
    code = "unknown_hindrance"
    remedy = "Look at the season: it names what stands in the way."


class NotWithoutBill(Refusal):
    code = "not_without_bill"
    remedy = "Leave out the homes that have their bill, or that the season does not charge."
