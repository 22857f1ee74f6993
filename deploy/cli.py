"""``nuan``: everything that a person types. Each command is a module in `deploy/commands`."""

from __future__ import annotations

import importlib
from typing import Any

import click

COMMANDS = {
    "up": "deploy.commands.up:up",
    "down": "deploy.commands.up:down",
    "status": "deploy.commands.up:status",
    "demo": "deploy.commands.demo:demo",
    "import": "deploy.commands.import_ledger:import_ledger",
    "bill": "deploy.commands.bill:bill",
    "bank": "deploy.commands.bank:bank",
    "scenario": "deploy.commands.scenario:scenario",
    "db": "deploy.commands.db:db",
    "bus": "deploy.commands.bus:bus",
    "keys": "deploy.commands.keys:keys",
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
    return nuan(args=arguments, prog_name="nuan")


if __name__ == "__main__":
    main()
