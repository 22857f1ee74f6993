"""In which state a season's books are, and whether they may be written to: the one place that asks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, NamedTuple

from services.accounts.domain.season_turn import CLOSED, CLOSING, SEASON, SeasonClosed, SeasonClosing
from shared.chassis.codec import canonical
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of
from shared.kernel.season import season_label

_LOCKS = 20251107
"""The first half of the advisory locks of seasons; the second is the season."""

_WRITERS = "SELECT pg_advisory_xact_lock_shared(%s, season) FROM unnest(%s::integer[]) AS season"
_TURNER = "SELECT pg_advisory_xact_lock(%s, %s)"
_STATES = """
SELECT DISTINCT ON (season) season, to_state FROM season_turns JOIN commands k USING (command_id)
WHERE season = ANY(%s) ORDER BY season, k.at DESC, turn_id DESC
"""


@row_of("season_turns")
class TurnRow(NamedTuple):
    turn_id: int
    command_id: int
    season: int
    verb: str
    from_state: str
    to_state: str
    moved_on: date
    reason: str
    figures: str


@row_of("left_unbilled")
class LeftUnbilledRow(NamedTuple):
    naming_id: int
    command_id: int
    season: int
    account_no: str
    reason: str


@row_of("carried_items")
class CarriedRow(NamedTuple):
    turn_id: int
    bill_no: int
    payer: str
    account_no: str
    open_fen: int


def assert_books_open(work: Work, seasons: Collection[int]) -> None:
    """Whoever writes to a season's bills asks here, and nobody closes it until the work ends. Refuses `season_closed`."""
    if not seasons:
        return
    for season, state in states_of(work, seasons).items():
        if state == CLOSED:
            label = season_label(season)
            raise SeasonClosed(f"the books of {label} are closed", season=label)


def assert_run_open(work: Work, season: int) -> None:
    """A run over everybody. Refuses `season_closed`, `season_closing`."""
    assert_books_open(work, [season])
    if states_of(work, [season])[season] == CLOSING:
        label = season_label(season)
        raise SeasonClosing(f"the books of {label} are being closed", season=label)


def states_of(work: Work, seasons: Collection[int]) -> dict[int, str]:
    """The state of each season, which nobody changes until the work ends."""
    numbers = sorted(seasons)
    work.rows(_WRITERS, (_LOCKS, numbers))
    return dict.fromkeys(numbers, SEASON.initial) | dict(work.rows(_STATES, (numbers,)))


def locked_state(work: Work, season: int) -> str:
    """The state of a season that is about to change: whoever writes to its bills has finished."""
    work.rows(_TURNER, (_LOCKS, season))
    return str(dict(work.rows(_STATES, ([season],))).get(season, SEASON.initial))


def add_turn(
    work: Work, season: int, *, verb: str, before: str, after: str, reason: str, figures: Mapping[str, Any]
) -> int:
    """The number of the turn."""
    turn_id = work.new_ids(1)[0]
    work.add(
        [TurnRow(turn_id, work.command_id, season, verb, before, after, work.today, reason, canonical(dict(figures)))]
    )
    return turn_id
