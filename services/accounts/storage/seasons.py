"""Heating seasons: by the policy's own dates, unless other dates or prices were declared for the season."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from services.accounts.domain.policy import Policy
from services.accounts.domain.season_dates import HeatingSeason, declared_season, season_of
from services.accounts.storage.rows import SeasonRow
from shared.chassis.unit_of_work import Work


class Declaration(NamedTuple):
    season_id: int
    season: int
    start_on: date
    end_on: date
    prices: dict[str, str]


_DECLARED = "SELECT season_id, season, start_on, end_on, prices FROM seasons WHERE "


def declaration_in_force(work: Work, season: int) -> Declaration | None:
    rows = work.rows(_DECLARED + "season = %s ORDER BY declared_at DESC, season_id DESC LIMIT 1", (season,))
    return Declaration(*rows[0]) if rows else None


def declaration(work: Work, season_id: int) -> Declaration:
    return Declaration(*work.rows(_DECLARED + "season_id = %s", (season_id,))[0])


def add_declaration(work: Work, *, season: int, start_on: date, end_on: date, prices: Mapping[str, str]) -> int:
    """The number of the declaration."""
    (season_id,) = work.new_ids(1)
    work.add([SeasonRow(season_id, work.command_id, season, start_on, end_on, dict(prices))])
    return season_id


def heating_season(policy: Policy, season: int, declared: Declaration | None) -> HeatingSeason:
    """The season as this policy reads the declaration, or as it dates the season itself."""
    if declared is None:
        return season_of(policy, season)
    return declared_season(
        policy, season=season, start_on=declared.start_on, end_on=declared.end_on, prices=declared.prices
    )
