"""Reports of a season for a terminal: figures, and a bar for each rate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import JustifyMethod
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from deploy.commands.output import paper
from services.accounts.domain.season_report import GROUPINGS, STATES

BAR_CELLS = 20
GROUPS_SHOWN = 60


def bar(percent: str | None, *, cells: int = BAR_CELLS) -> str:
    """``50.00`` → ten of twenty cells; nothing is an empty bar."""
    whole, _, hundredths = (percent or "0.00").partition(".")
    filled = min(cells, max(0, round(cells * int(whole + hundredths) / 10_000)))
    return "█" * filled + "░" * (cells - filled)


def show_standing(report: Mapping[str, Any]) -> None:
    """A report of a day, or a month end."""
    title = f"暖 · {report['season']} · {report.get('month') or report['on']}"
    paper.print(Panel(_whole(report["whole"]), title=title, expand=False))
    groups = report["groups"]
    paper.print(_groups(report["by"], groups[:GROUPS_SHOWN]))
    if len(groups) > GROUPS_SHOWN:
        paper.print(f"  … {len(groups) - GROUPS_SHOWN} 组未列出 more; --json lists them all")


def show_variance(answer: Mapping[str, Any]) -> None:
    source = "月末冻结 as frozen" if answer["source"] == "month_end" else "截至目前 as known now"
    table = Table(title=f"收费计划 plan · {answer['season']} · {answer['month']} · {source}", title_justify="left")
    for heading in ("范围", "名称 name"):
        table.add_column(heading)
    for heading in ("计划 plan %", "实际 actual %", "差 variance"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for each in answer["targets"]:
        behind = (each["variance"] or "").startswith("-")
        table.add_row(each["scope"], escape(each["name"]), each["planned_rate"], each["collection_rate"] or "–",
                      each["variance"] or "–", f"[{'red' if behind else 'green'}]{bar(each['collection_rate'])}[/]")  # fmt: skip
    paper.print(table)


def show_turn(answer: Mapping[str, Any]) -> None:
    """What stands in the way of closing a season, or what was done."""
    paper.print(f"采暖季 season {answer['season']}: [bold]{answer['state']}[/bold]")
    found = answer.get("hindrances", [])
    if isinstance(found, Mapping):
        found = [{"title": kind, "count": count, "first": []} for kind, count in found.items()]
    for hindrance in found:
        mark = "[red]✗[/red]" if hindrance["count"] else "[green]✓[/green]"
        paper.print(f"  {mark} {hindrance['title']}: {hindrance['count']}")
        for case in hindrance["first"]:
            paper.print(f"      {case['subject']}  {case['detail']}", markup=False)
    for name, value in answer.get("figures", {}).items():
        paper.print(f"  {name}: {value}", markup=False)
    for move in answer.get("turns", ()):
        paper.print(
            f"  {move['moved_on']}  {move['from']} → {move['to']}  {move['by']}: {move['reason']}", markup=False
        )


def _whole(whole: Mapping[str, Any]) -> Table:
    table = Table.grid(padding=(0, 3))
    sides: tuple[JustifyMethod, ...] = ("left", "right", "right", "left")
    for justify in sides:
        table.add_column(justify=justify)
    most = max((state["homes"] for state in whole["states"].values()), default=0) or 1
    for state, name in STATES.items():
        homes = whole["states"][state]["homes"]
        share = f"{100 * homes / most:.2f}"
        table.add_row(
            f"{name} {state}", f"{homes} 户", f"{whole['states'][state]['area']} m²", f"[cyan]{bar(share)}[/cyan]"
        )
    table.add_row("合计 homes", f"[bold]{whole['homes']}[/bold] 户", f"{whole['area']} m²", "")
    table.add_row("用热率 heat use", "", _pct(whole["heat_use_rate"]), f"[cyan]{bar(whole['heat_use_rate'])}[/cyan]")
    table.add_row("应收 billed", f"{whole['billed_homes']} 户", whole["billed"], f"{whole['billed_area']} m²")
    table.add_row("实收 received", "", whole["received"], "")
    table.add_row("优惠 discount", "", whole["discount"], "")
    table.add_row("未收 open", "", whole["open"], "")
    table.add_row(
        "收费率 collection", "", _pct(whole["collection_rate"]), f"[green]{bar(whole['collection_rate'])}[/green]"
    )
    table.add_row("违约金 late fee", "", whole["late_fee"], "")
    table.add_row("陈欠 arrears", "", whole["arrears"], "")
    return table


def _groups(by: str, groups: Iterable[Mapping[str, Any]]) -> Table:
    table = Table()
    for name in GROUPINGS[by]:
        table.add_column(name)
    for heading in ("户 homes", "供热 heated", "报停 suspended", "面积 m²", "应收 billed", "实收 received", "收费率 %"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for group in groups:
        states = group["states"]
        table.add_row(*(escape(group[name]) or "–" for name in GROUPINGS[by]), str(group["homes"]),
                      str(states["heated"]["homes"]), str(states["suspended"]["homes"]), group["area"], group["billed"],
                      group["received"], group["collection_rate"] or "–",
                      f"[green]{bar(group['collection_rate'], cells=10)}[/green]")  # fmt: skip
    return table


def _pct(percent: str | None) -> str:
    return "–" if percent is None else f"{percent} %"
