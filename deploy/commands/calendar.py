"""``nuan calendar``: the working days of a year are shown, checked and declared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from deploy.commands.asking import Office
from deploy.commands.output import answers
from deploy.commands.text_file import text_of
from services.accounts.domain.calendar_file import read_calendar
from services.accounts.domain.working_days import CalendarYear


@click.group()
def calendar() -> None:
    """Holidays and make-up workdays, as the yearly notice tells them."""


@calendar.command(name="import")
@click.argument("file")
@click.option("--dry-run", is_flag=True, help="Read the file and say what it says; declare nothing.")
@answers
def import_(file: str, dry_run: bool) -> Any:
    """Declare the year that FILE holds; deadlines that wait are counted again.

    A line is `year 2027`, `document NOTICE`, `放假 NAME DAY [LAST_DAY]` or `上班 NAME DAY`; # begins a remark.
    """
    year = read_calendar(text_of(file), Path(file).name)
    body = _declaration(year)
    if dry_run:
        return {**body, "declared": False}
    return Office().post("accounts", "/calendar/years", body)


@calendar.command()
@click.argument("year", type=click.IntRange(1950, 2199))
@answers
def show(year: int) -> Any:
    """Show the days of YEAR that differ from the usual week, and who told them."""
    return Office().get("accounts", f"/calendar/years/{year}")


def _declaration(year: CalendarYear) -> dict[str, Any]:
    days = [{"day": day.isoformat(), "kind": kind, "name": name} for day, kind, name in year.days]
    return {"year": year.year, "document": year.document, "days": days}
