"""``nuan demo``: a heating season happens on this machine, in a data folder of its own."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import click

from deploy.commands.asking import Office
from deploy.commands.output import answers, console, paper, progress_bar
from deploy.demo import closing_page
from deploy.demo.story import Season
from deploy.local.at_rest import wait_until_at_rest
from deploy.local.environment import Environment, prepare
from deploy.local.paths import DEMO, home
from deploy.local.postgres import LocalPostgres
from deploy.local.processes import start_all, stop_all


@click.command()
@click.option(
    "--premises", default=3000, show_default=True, type=click.IntRange(100, 200_000), help="Homes in the city."
)
@click.option("--seed", default=20251101, show_default=True, help="Another seed, another city.")
@click.option("--exit", "end", is_flag=True, help="End when the story is told; otherwise the services stay up.")
@click.pass_context
@answers
def demo(context: click.Context, premises: int, seed: int, end: bool) -> tuple[dict[str, Any] | None, int]:
    """Watch a season: import, billing, counter, bank debit, reconciliation, the books. Under two minutes."""
    started = time.monotonic()
    folder = home() / DEMO
    os.environ["NUAN_HOME"] = str(folder)
    environment = _fresh(folder)
    clock = folder / "clock"
    season = Season(
        Office(), set_day=lambda day: _move(clock, day.isoformat()), settle=lambda: wait_until_at_rest(environment),
        folder=folder, premises=premises, seed=seed,
    )  # fmt: skip
    try:
        for day, title, step in season.steps():
            season.tell(day)
            console.print(f"[bold]{day}[/bold]  {title}")
            with progress_bar() as progress:
                step(progress)
    except BaseException:
        stop_all(environment)
        raise
    figures = season.figures
    document = closing_page.as_document(figures)
    document["seconds"] = round(time.monotonic() - started, 1)
    if end:
        stop_all(environment)
        if environment.server is not None:
            environment.server.stop()
    else:
        document["services"] = {service: f"{environment.variables[f'NUAN_{service.upper()}_URL']}/docs"
                                for service in ("accounts", "payments", "bank_gateway")}  # fmt: skip
    code = 0 if figures.trial_balance["balanced"] else 1
    if context.params["as_json"]:
        return document, code
    closing_page.show(figures, paper)
    _say_what_runs(document)
    return None, code


def _fresh(folder: Path) -> Environment:
    """An empty data folder with everything started in it; what an earlier demonstration left is ended and removed."""
    stop_all(Environment(folder, {}, None))
    server = LocalPostgres(folder)
    server.stop(mode="immediate")
    shutil.rmtree(server.folder, ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    _move(folder / "clock", "2025-07-01")
    console.print("PostgreSQL … 三个服务 …", style="dim")
    os.environ.update({"NUAN_STORY_CLOCK": str(folder / "clock"), "NUAN_ENVIRONMENT": "story-demo"})
    environment = prepare()
    start_all(environment)
    return environment


def _move(clock: Path, day: str) -> None:
    coming = clock.with_suffix(".coming")
    coming.write_text(day, encoding="ascii")
    coming.replace(clock)


def _say_what_runs(document: dict[str, Any]) -> None:
    if "services" not in document:
        return
    paper.print("\n服务仍在运行 the services stay up (nuan down 停止 stops them):")
    for service, url in document["services"].items():
        paper.print(f"  {service:13} {url}")
