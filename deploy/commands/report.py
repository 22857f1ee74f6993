"""``nuan report``: how a season stands, month ends, and plans of collection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from deploy.commands.asking import Office
from deploy.commands.output import answers
from deploy.commands.season_pages import show_standing, show_variance
from deploy.commands.typed import DAY, content_of
from services.accounts.domain.season_report import GROUPINGS

PAGE_GROUPS = 5000

BY = click.option("--by", type=click.Choice(list(GROUPINGS)), default="compound", show_default=True)


@click.group()
def report() -> None:
    """How a season stands: homes and areas by state, billed, collected; month ends; plans."""


@report.command()
@BY
@click.option("--on", "day", type=DAY, help="As of this day (YYYY-MM-DD); without it, today.")
@click.option("--season", help="2025-2026; without it, the one whose billing had opened by that day.")
@click.option("--branch")
@click.option("--compound")
@click.option("--building")
@click.option("--station", "heat_station")
@click.option("--class", "price_class")
@answers
def standing(by: str, day: Any, **asked: str | None) -> Any:
    """What stands on a day, grouped; every sum is the sum of its groups."""
    query = {"by": by, **({"on": day.isoformat()} if day else {}), **_given(asked)}
    return _answer(_all_pages("/reports/standing", query))


@report.command("freeze")
@click.argument("month")
@click.option("--reason", required=True)
@click.option("--preview", is_flag=True, help="Work it out and keep nothing.")
@answers
def freeze(month: str, reason: str, preview: bool) -> Any:
    """Freeze the report of MONTH (2025-11), once; what is put right later stands in the next one as restated."""
    return Office().post("accounts", "/month-ends", {"month": month, "reason": reason, "preview": preview})


@report.command("month")
@click.argument("month")
@BY
@click.option("--kind", type=click.Choice(["standing", "movement", "restated"]), default="standing", show_default=True)
@answers
def month_end(month: str, by: str, kind: str) -> Any:
    """The report of MONTH as it was frozen, what the month added, or what was put right of the month before."""
    return _answer(_all_pages(f"/month-ends/{month}", {"by": by, "kind": kind}))


@report.command("months")
@answers
def months() -> Any:
    """The month ends that were frozen."""
    return Office().get("accounts", "/month-ends")


@report.command("proof")
@click.argument("month")
@answers
def proof(month: str) -> tuple[Any, int]:
    """Make the hash of MONTH again from the rows that are kept. Exit 1: they are not what was frozen."""
    answer = Office().get("accounts", f"/month-ends/{month}/proof")
    return answer, 0 if answer["holds"] else 1


@report.command("plan")
@click.argument("season")
@click.argument("month")
@answers
def plan(season: str, month: str) -> Any:
    """Planned and actual collection rates of SEASON by the end of MONTH (2025-11), or by today."""
    query = {"season": season, "month": month}
    return _answer(_all_pages("/plans/variance", query, rows="targets"), show=show_variance)


@report.command("plans-from")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Read and check everything, keep nothing.")
@answers
def plans_from(file: Path, dry_run: bool) -> Any:
    """Plan collection rates from FILE (CSV or .xlsx), all of it or nothing."""
    return Office().upload("accounts", "/plans/imports", name=file.name, content=content_of(file),
                           dry_run="true" if dry_run else "false")  # fmt: skip


def _given(asked: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in asked.items() if value is not None}


def _all_pages(path: str, query: dict[str, Any], *, rows: str = "groups") -> dict[str, Any]:
    """The first page with the rows of all of them."""
    office, query = Office(), {**query, "limit": PAGE_GROUPS}
    document: dict[str, Any] = office.get("accounts", path, **query)
    while document["next"] is not None:
        page = office.get("accounts", path, **query, after=document["next"])
        document = {**document, rows: [*document[rows], *page[rows]], "next": page["next"]}
    return {name: value for name, value in document.items() if name != "next"}


def _answer(document: dict[str, Any], *, show: Any = show_standing) -> Any:
    if click.get_current_context().params["as_json"]:
        return document
    show(document)
    return None
