"""``nuan audit``: who did what, when and why, and what was there before."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from deploy.commands.asking import Office
from deploy.commands.output import answers
from deploy.commands.typed import DAY, NUMBER


@click.group()
def audit() -> None:
    """Look into the audit of accounts."""


@audit.command("list")
@click.option("--account", "account_no", help="Commands that had to do with this account.")
@click.option("--actor", help="As staff:zhang.")
@click.option("--verb", help="As suspend_account.")
@click.option("--from", "from_on", type=DAY, help="The first business day.")
@click.option("--until", "until_on", type=DAY, help="The day after the last.")
@click.option("--approval", "approval_id", type=NUMBER, help="The number of a request.")
@click.option("--after", type=NUMBER, help="The last command of the page before.")
@click.option("--limit", type=NUMBER, default=50, show_default=True)
@answers
def list_entries(**asked: Any) -> Any:
    """What was asked for and done, the newest first."""
    return Office().get(
        "accounts", "/audit", **{name: _text(value) for name, value in asked.items() if value is not None}
    )


@audit.command()
@click.argument("command_id", type=NUMBER)
@click.option("--after", type=NUMBER, default=0, help="The last change of the page before.")
@click.option("--limit", type=NUMBER, default=100, show_default=True)
@answers
def show(command_id: int, after: int, limit: int) -> Any:
    """COMMAND_ID whole: what was asked and answered, and the rows that it changed."""
    return Office().get("accounts", f"/audit/{command_id}", after=after, limit=limit)


def _text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
