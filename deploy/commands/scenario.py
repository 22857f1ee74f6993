"""``nuan scenario FILE…``: worked examples run against the real services, each on databases of its own."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from deploy.commands.output import answers, console
from deploy.local.scratch import scratch_server
from deploy.scenario.run import DIFFERS, INVALID, NOT_SUPPORTED, Outcome, run_files

MARKS = {
    "ok": "[green]✓[/green]",
    DIFFERS: "[red]✗[/red]",
    NOT_SUPPORTED: "[yellow]–[/yellow]",
    INVALID: "[red]?[/red]",
}


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@answers
def scenario(files: tuple[Path, ...]) -> tuple[dict[str, Any], int]:
    """Run scenario FILES. Exit 0: all ok; 1: one differs; 2: one is not supported or cannot be read."""
    outcomes = run_files(files, admin_url=scratch_server(), told=_tell)
    found = {outcome.outcome for outcome in outcomes}
    code = 1 if DIFFERS in found else 2 if found & {NOT_SUPPORTED, INVALID} else 0
    return {"files": [asdict(outcome) for outcome in outcomes]}, code


def _tell(outcome: Outcome) -> None:
    console.print(f"{MARKS[outcome.outcome]} {Path(outcome.file).name}", highlight=False)
    if outcome.line or outcome.actual:
        console.print(f"    line {outcome.line}: expected {outcome.expected}, actual {outcome.actual}", markup=False)
