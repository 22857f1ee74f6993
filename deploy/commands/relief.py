"""``nuan relief import FILE``: a government list of people who get relief, matched against our homes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from deploy.commands.output import answers, console
from deploy.local.environment import prepare
from services.accounts.bootstrap import CONFLICTS
from services.accounts.domain.relief_list import MATCHED, OUTCOMES
from services.accounts.relief_importing import MatchReport, import_relief_list
from shared.chassis.runtime import start
from shared.chassis.unit_of_work import Caller

SHOWN_ROWS = 20


@click.group()
def relief() -> None:
    """Relief: who else bears a share of what homes cost."""


@relief.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--kind", required=True, help="The kind of relief of all rows, as low_income.")
@click.option("--reason", default="list of an office", show_default=True, help="Why: the office and the letter.")
@click.option("--payer", help="Who bears it, if not the payer of the policy.")
@click.option("--preview", is_flag=True, help="Match everything, grant nothing.")
@click.pass_context
@answers
def import_(context: click.Context, file: Path, kind: str, reason: str, payer: str | None,
            preview: bool) -> tuple[dict[str, Any] | None, int]:  # fmt: skip
    """Import FILE (CSV in GB18030 or UTF-8, or .xlsx). Who is found gets the relief, the others are listed with the reason.

    The same file again changes nothing; an import that was interrupted is run again. Exit 1 when a row did not match.
    """
    runtime = start(prepare(bus=False, services=["accounts"]).settings("accounts"), statement_seconds=120)
    runtime.commands.conflicts.update(CONFLICTS)
    report = import_relief_list(file, runtime.commands, caller=Caller("cli:relief"), kind=kind, reason=reason,
                                payer=payer, preview=preview)  # fmt: skip
    code = 0 if report.all_matched else 1
    if context.params["as_json"]:
        return report.told(), code
    _show(report)
    return None, code


def _show(report: MatchReport) -> None:
    told = report.told()
    others = [row for row in told["rows"] if row["outcome"] != MATCHED]
    for row in others[:SHOWN_ROWS]:
        console.print(f"  行 {row['row']} (line {row['line']}) {row['outcome']}: {row['reason']}", markup=False,
                      highlight=False)  # fmt: skip
    if len(others) > SHOWN_ROWS:
        console.print(f"  … {len(others) - SHOWN_ROWS} more; --json lists them all")
    console.print("  ".join(f"{outcome} {told[outcome]}" for outcome in OUTCOMES))
