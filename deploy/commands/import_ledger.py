"""``nuan import FILE``: the customer ledger of an old charging system, by the rules of docs/ledger-columns.md."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from deploy.commands.output import answers, console, progress_bar
from deploy.local.environment import prepare
from services.accounts.bootstrap import CONFLICTS
from services.accounts.importing import ImportReport
from services.accounts.importing import import_ledger as take_over
from shared.chassis.runtime import start
from shared.chassis.unit_of_work import Caller

SHOWN_REFUSALS = 20


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Judge everything, write nothing.")
@click.pass_context
@answers
def import_ledger(context: click.Context, file: Path, dry_run: bool) -> tuple[dict[str, Any] | None, int]:
    """Import FILE (CSV in GB18030 or UTF-8, or .xlsx). The good rows come in, the others are listed with the reason.

    The same file again changes nothing; an import that was interrupted is run again. Exit 1 when rows were refused.
    """
    runtime = start(prepare(bus=False, services=["accounts"]).settings("accounts"), statement_seconds=120)
    runtime.commands.conflicts.update(CONFLICTS)
    with progress_bar() as progress:
        task = progress.add_task("导入" if not dry_run else "试导", total=1000, rate="")
        report = take_over(
            file, runtime.commands, caller=Caller("cli:import"), dry_run=dry_run, folder=runtime.settings.work_folder,
            progress=lambda rows, share: progress.update(task, completed=int(share * 1000), rate=f"{rows} 行"),
        )  # fmt: skip
    code = 1 if report.refused else 0
    if context.params["as_json"]:
        return report.told(), code
    _show(report, dry_run=dry_run)
    return None, code


def _show(report: ImportReport, *, dry_run: bool) -> None:
    told = report.told()
    for refused in told["refused"][:SHOWN_REFUSALS]:
        console.print(f"  行 {refused['row']} (line {refused['line']}) {refused.get('column')}: {refused['reason']}  {refused['value']!r}",
                      markup=False, highlight=False)  # fmt: skip
    if len(told["refused"]) > SHOWN_REFUSALS:
        console.print(f"  … {len(told['refused']) - SHOWN_REFUSALS} more; --json lists them all")
    did = "would be imported" if dry_run else "imported"
    console.print(f"[bold]{told['imported']}[/bold] of {told['rows']} rows {did}, {told['unchanged']} were there already, "
                  f"{told['normalised']} put right, {len(told['refused'])} refused")  # fmt: skip
    console.print(
        f"  面积 {told['totals']['building_area']} m²  欠费 {told['totals']['arrears']}  预存 {told['totals']['prepayment']}"
    )
