"""``nuan``: everything that a person types. Each command is a module in `deploy/commands`."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from deploy.commands.output import as_document, speak_plainly

COMMANDS = {
    "up": "deploy.commands.up:up",
    "down": "deploy.commands.up:down",
    "status": "deploy.commands.up:status",
    "demo": "deploy.commands.demo:demo",
    "import": "deploy.commands.import_ledger:import_ledger",
    "relief": "deploy.commands.relief:relief",
    "account": "deploy.commands.account:account",
    "home": "deploy.commands.home:home",
    "bill": "deploy.commands.bill:bill",
    "export": "deploy.commands.export:export",
    "owed": "deploy.commands.counter:owed",
    "pay": "deploy.commands.counter:pay",
    "reverse": "deploy.commands.counter:reverse",
    "statement": "deploy.commands.counter:statement",
    "trial-balance": "deploy.commands.counter:trial_balance",
    "bank": "deploy.commands.bank:bank",
    "policy": "deploy.commands.policy:policy",
    "approvals": "deploy.commands.approvals:approvals",
    "audit": "deploy.commands.audit:audit",
    "calendar": "deploy.commands.calendar:calendar",
    "report": "deploy.commands.report:report",
    "season": "deploy.commands.season:season",
    "scenario": "deploy.commands.scenario:scenario",
    "db": "deploy.commands.db:db",
    "bus": "deploy.commands.bus:bus",
    "keys": "deploy.commands.keys:keys",
    "secrets": "deploy.commands.secrets:secrets",
    "staff": "deploy.commands.staff:staff",
    "bench": "deploy.commands.bench:bench",
    "prove": "deploy.commands.prove:prove",
}


class Lazy(click.Group):
    """Loads a command's module when it is called, so that each starts fast."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="nuan")
def nuan() -> None:
    """Nuan (暖): billing, payments and bank collection for district heating.

    Every command takes --json and then prints one JSON document. Exit 0: done; 1: refused or differing;
    2: misuse or not supported.
    """


def main(arguments: list[str] | None = None) -> Any:
    """Run one command line; misuse is exit 2, told on standard error, and as the one document with ``--json``."""
    words = sys.argv[1:] if arguments is None else arguments
    speak_plainly()
    try:
        return nuan(args=words, prog_name="nuan", standalone_mode=False)
    except click.exceptions.Exit as done:
        raise SystemExit(done.exit_code) from None
    except click.ClickException as misuse:
        if "--json" in words:
            print(as_document({"misuse": {"detail": misuse.format_message()}}))  # noqa: T201
        else:
            misuse.show()
        raise SystemExit(2) from None
    except (click.Abort, KeyboardInterrupt):
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
