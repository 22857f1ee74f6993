"""A season's books are closed: its open items are carried, its suspensions end or go on, its bills stay as they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.season_turn import OPEN_REFUNDS, OPEN_REFUNDS_TITLE, SEASON, SeasonNotReady, SeasonRuns
from services.accounts.gateways.payments import RefundOrdersOf
from services.accounts.storage.bill_corrections import corrections_due, post_corrections
from services.accounts.storage.carried_items import carry_over, open_items
from services.accounts.storage.hindrances import HINDRANCES, hindrance_counts
from services.accounts.storage.in_force import InForce
from services.accounts.storage.lapsed_suspensions import REASON, lapse_suspensions
from services.accounts.storage.season_standing import read_patiently
from services.accounts.storage.season_turns import add_turn, locked_state
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label


@dataclass(frozen=True, slots=True)
class CloseSeason:
    """``refund_orders_of`` tells which refunds of the season are open (`gateways.payments`)."""

    season: int
    reason: str
    refund_orders_of: RefundOrdersOf
    preview: bool = False


def close_season(command: CloseSeason, work: Work) -> dict[str, Any]:
    """What is open stays owed in payments, and is kept as it is now: the arrears of a former season from here on.

    A preview answers what stands in the way instead of refusing. Refuses `transition_refused`, `season_runs`,
    `season_not_ready` (with the counts), `payments_unavailable`.
    """
    label = season_label(command.season)
    refund_orders = command.refund_orders_of(command.season)  # before anybody waits for our lock
    read_patiently(work)
    before = locked_state(work, command.season)
    after = SEASON.after("close", before)
    in_force = InForce(work)
    season = in_force.season(command.season)
    if season.end_on >= work.today:
        raise SeasonRuns(f"{label} runs until {season.end_on}", season=label, end_on=season.end_on.isoformat())
    counts = {**hindrance_counts(work, season), OPEN_REFUNDS: len(refund_orders)}
    if any(counts.values()) and not command.preview:
        titles = {kind: hindrance.title for kind, hindrance in HINDRANCES.items()} | {OPEN_REFUNDS: OPEN_REFUNDS_TITLE}
        told = "; ".join(f"{titles[kind]}: {count}" for kind, count in counts.items() if count)
        raise SeasonNotReady(f"{label} cannot be closed. {told}", season=label, **counts)
    carried = open_items(work, command.season)
    lapsed = lapse_suspensions(work, season, in_force)
    corrections = corrections_due(work, lapsed.not_renewed, from_season=command.season + 1)
    figures = {
        "bills": carried.bills,
        "billed": format_yuan(carried.billed_fen),
        "open_items": carried.items,
        "open_accounts": carried.accounts,
        "open": format_yuan(carried.open_fen),
        "suspensions_ended": lapsed.ended + len(lapsed.not_renewed),
        "suspensions_renewed": lapsed.renewed,
        "left_unbilled": _left_unbilled(work, command.season),
    }
    if not command.preview:
        turn_id = add_turn(work, command.season, verb="close", before=before, after=after, reason=command.reason,
                           figures=figures)  # fmt: skip
        carry_over(work, turn_id, command.season)
        post_corrections(work, corrections, reason=REASON)
    return {"season": label, "state": after, "hindrances": counts, "figures": figures}


def _left_unbilled(work: Work, season: int) -> int:
    rows = work.rows("SELECT count(DISTINCT account_no)::integer FROM left_unbilled WHERE season = %s", (season,))
    return int(rows[0][0])
