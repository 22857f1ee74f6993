"""``nuan bill SEASON``: the season run, with live progress; resumed by running it again."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import click

from deploy.commands.asking import Office
from deploy.commands.output import answers, progress_bar
from deploy.local.environment import prepare
from shared.kernel.season import parse_season, season_label


@click.command()
@click.argument("season")
@click.argument("accounts", nargs=-1)
@click.option("--preview", is_flag=True, help="Compute everything, write no bill.")
@click.option(
    "--workers", default=0, type=click.IntRange(0, 16), help="Further processes that bill beside the service's own."
)
@answers
def bill(season: str, accounts: tuple[str, ...], preview: bool, workers: int) -> tuple[dict[str, Any], int]:
    """Bill SEASON (2025-2026): every home that is charged, or the ACCOUNTS that are named.

    A home that cannot be billed is parked and the run goes on; then the exit code is 1. Running it again bills only
    what is not billed.
    """
    office = Office()
    asked: dict[str, Any] = {"season": season_label(parse_season(season)), "mode": "preview" if preview else "issue"}
    if accounts:
        asked["accounts"] = list(accounts)
    run = office.post("accounts", "/billing-runs", asked)
    helpers = _helpers(run["run_id"], workers) if run["state"] != "done" else []
    with progress_bar() as progress:
        task = progress.add_task(f"开账 {asked['season']}", total=run.get("accounts"), rate="")
        while run["state"] != "done":
            time.sleep(0.3)
            run = office.get("accounts", f"/billing-runs/{run['run_id']}")
            progress.update(task, completed=run["done"], rate=f"{run.get('rate') or ''}")
    for helper in helpers:
        helper.wait()
    return run, 1 if run["parked"] else 0


def _helpers(run_id: int, count: int) -> list[subprocess.Popen[bytes]]:
    variables = prepare(services=["accounts"]).process_variables() if count else {}
    return [
        subprocess.Popen([sys.executable, "-m", "services.accounts", "bill", str(run_id)], env=variables)
        for _ in range(count)
    ]
