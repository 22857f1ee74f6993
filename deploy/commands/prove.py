"""``nuan prove --minutes N``: payments under faults, and whether the promises held."""

from __future__ import annotations

import random
import shutil
import signal
from dataclasses import asdict
from typing import Any, NoReturn

import click

from deploy.commands.output import answers, console
from deploy.prove.chaos import run
from deploy.prove.stage import Stage, new_folder


@click.command()
@click.option("--minutes", default=1.0, show_default=True, type=click.FloatRange(0.2, 24 * 60))
@click.option("--seed", default=None, type=click.IntRange(0), help="Draw the same faults again.")
@click.option("--keep", is_flag=True, help="Keep the folder with logs, books and data.")
@answers
def prove(minutes: float, seed: int | None, keep: bool) -> tuple[dict[str, Any], int]:
    """Clients pay and bill while everything is killed at random. Exit 1 when a promise is not held.

    PostgreSQL, the broker (RabbitMQ when this machine has it, the embedded queue otherwise) and the services are this
    run's own.
    """
    signal.signal(signal.SIGTERM, _end)  # so that what was started is ended too
    chosen = random.SystemRandom().randrange(2**31) if seed is None else seed
    folder = new_folder()
    console.print(f"seed {chosen}, in {folder}", style="dim")
    try:
        promises = run(
            Stage(folder, chosen), seconds=minutes * 60, told=lambda words: console.print(words, style="dim")
        )
    except (KeyboardInterrupt, SystemExit):
        shutil.rmtree(folder, ignore_errors=True)
        raise
    held = all(promise.held for promise in promises)
    if held and not keep:
        shutil.rmtree(folder, ignore_errors=True)
    else:
        console.print(f"logs, books and data stay in {folder}", style="dim")
    return {"promises": [asdict(promise) for promise in promises], "seed": chosen}, 0 if held else 1


def _end(*_: object) -> NoReturn:
    raise SystemExit(143)
