"""``nuan prove --minutes N``: payments under faults, and whether the promises held."""

from __future__ import annotations

import random
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from deploy.commands.output import answers, console
from deploy.prove.chaos import run


@click.command()
@click.option("--minutes", default=1.0, show_default=True, type=click.FloatRange(0.2, 24 * 60))
@click.option("--seed", default=None, type=int, help="Draw the same faults again.")
@click.option("--keep", is_flag=True, help="Keep the folder with logs and data.")
@answers
def prove(minutes: float, seed: int | None, keep: bool) -> tuple[dict[str, Any], int]:
    """Writers pay while everything is killed at random, twice a second. Exit 1 when a promise is not held.

    PostgreSQL, RabbitMQ (when this machine has the program) and the services are this run's own.
    """
    chosen = random.SystemRandom().randrange(2**31) if seed is None else seed
    folder = tempfile.mkdtemp(prefix="nuan-prove-")
    console.print(f"seed {chosen}, in {folder}", style="dim")
    promises = run(
        Path(folder), seconds=minutes * 60, seed=chosen, told=lambda words: console.print(words, style="dim")
    )
    if not keep:
        shutil.rmtree(folder, ignore_errors=True)
    document = {"promises": [asdict(promise) for promise in promises], "seed": chosen}
    return document, 0 if all(promise.held for promise in promises) else 1
