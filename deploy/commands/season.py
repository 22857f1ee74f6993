"""``nuan season``: closing the books of a season, and opening them again."""

from __future__ import annotations

from typing import Any

import click

from deploy.commands.asking import Office
from deploy.commands.output import answers
from deploy.commands.season_pages import show_turn

REASON = click.option("--reason", required=True)
PREVIEW = click.option("--preview", is_flag=True, help="Say what would be done, and what stands in the way.")


@click.group()
def season() -> None:
    """Close the books of a season, see what stands in the way, open them again."""


@season.command("list")
@answers
def seasons() -> Any:
    """Every season that was billed, and whether its books are open."""
    return Office().get("accounts", "/season-turns")


@season.command()
@click.argument("season")
@answers
def show(season: str) -> Any:
    """The history of SEASON (2025-2026), and what stands in the way of closing it."""
    return _answer(Office().get("accounts", f"/season-turns/{season}"))


@season.command()
@click.argument("season")
@REASON
@PREVIEW
@answers
def begin(**asked: Any) -> Any:
    """Begin to close SEASON: from then on its homes are billed by name only."""
    return _turn("closing", asked)


@season.command()
@click.argument("season")
@REASON
@PREVIEW
@answers
def close(**asked: Any) -> Any:
    """Close SEASON. In earnest a second person does it (POST /approvals, kind close_season); a preview is anybody's."""
    return _turn("closures", asked)


@season.command()
@click.argument("season")
@REASON
@PREVIEW
@answers
def reopen(**asked: Any) -> Any:
    """Open the books of SEASON again. In earnest a second person does it (kind reopen_season)."""
    return _turn("reopenings", asked)


def _turn(verb: str, asked: dict[str, Any]) -> Any:
    return _answer(Office().post("accounts", f"/season-turns/{verb}", asked))


def _answer(document: dict[str, Any]) -> Any:
    if click.get_current_context().params["as_json"]:
        return document
    show_turn(document)
    return None
