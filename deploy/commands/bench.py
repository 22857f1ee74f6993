"""``nuan bench NAME``: our speed as a ratio to what PostgreSQL itself does, both measured in one run."""

from __future__ import annotations

from typing import Any

import click

from deploy.commands.output import answers, console
from deploy.local.scratch import scratch_server


@click.group()
def bench() -> None:
    """Measure. Every benchmark measures its floor in the same run; the ratio is what counts."""


def _told(words: str) -> None:
    console.print(words, style="dim")


@bench.command()
@click.option("--direct", is_flag=True, help="Call the use case; otherwise through HTTP, signed in.")
@click.option("--visit", default=1, show_default=True, type=click.IntRange(1, 1000), help="Homes in one call.")
@click.option("--seconds", default=10, show_default=True, type=click.IntRange(2, 600))
@answers
def pay(direct: bool, visit: int, seconds: int) -> dict[str, Any]:
    """Payments a second at 8 clients, against pgbench's TPC-B. More is better."""
    from deploy.bench.pay import measure

    measured = measure(scratch_server(), direct=direct, visit=visit, seconds=seconds, told=_told)
    name = "pay" + (" --direct" if direct else "") + (f" --visit {visit}" if visit > 1 else "")
    return {
        "bench": name, "unit": "homes/s against TPC-B transactions/s",
        "floor": round(measured.floor, 1), "ours": round(measured.ours, 1),
        "ratio": round(measured.ours / measured.floor, 3),
        "p50_ms": round(measured.p50_ms, 2), "p99_ms": round(measured.p99_ms, 2),
    }  # fmt: skip


@bench.command()
@click.option("--accounts", default=1_000_000, show_default=True, type=click.IntRange(2, 5_000_000))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 16), help="Processes, and floor's too.")
@click.option(
    "--mixed", is_flag=True, help="Homes of every kind: classes, heights, parts, relief, meters, suspensions, cuts."
)
@answers
def billing(accounts: int, workers: int, mixed: bool) -> dict[str, Any]:
    """Seconds of a season run, accounts to ledger, against the same rows written in sets. Less is better."""
    from deploy.bench.billing import measure

    homes = "mixed" if mixed else "plain"
    measured = measure(scratch_server(), accounts=accounts, workers=workers, homes=homes, told=_told)
    name = "billing" + (" --mixed" if mixed else "")
    return _in_seconds(name, measured.floor, measured.ours, measured.peaks_mb, accounts=accounts, workers=workers)


@bench.command("bank-return")
@click.option("--lines", default=1_000_000, show_default=True, type=click.IntRange(2, 5_000_000))
@click.option("--workers", default=2, show_default=True, type=click.IntRange(1, 16), help="Of the floor.")
@answers
def bank_return(lines: int, workers: int) -> dict[str, Any]:
    """Seconds of a bank's result, file to ledger and back to accounts, against the same rows in sets. Less is better."""
    from deploy.bench.bank_return import measure

    measured = measure(scratch_server(), lines=lines, workers=workers, told=_told)
    return _in_seconds("bank-return", measured.floor, measured.ours, measured.peaks_mb, lines=lines, workers=workers)


def _in_seconds(name: str, floor: float, ours: float, peaks_mb: dict[str, float], **extent: int) -> dict[str, Any]:
    return {
        "bench": name, "unit": "seconds against seconds in sets",
        "floor": round(floor, 2), "ours": round(ours, 2), "ratio": round(ours / floor, 3), **extent,
        "peak_mb": max(peaks_mb.values()), "peaks_mb": peaks_mb,
    }  # fmt: skip
