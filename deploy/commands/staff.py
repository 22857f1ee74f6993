"""``nuan staff add``: a login for somebody who works here, made on the machine itself."""

from __future__ import annotations

import getpass
import sys
from typing import Any

import click

from deploy.commands.output import answers
from deploy.local.environment import prepare
from services.accounts.use_cases.add_staff import AddStaff, LoginTaken, add_staff
from shared.chassis.auth import ROLES
from shared.chassis.runtime import start
from shared.chassis.unit_of_work import Caller
from shared.kernel.errors import InvalidInput


@click.group()
def staff() -> None:
    """People who sign in."""


@staff.command()
@click.argument("login")
@click.option("--person", required=True, help="Who it is: the same name for all logins of one person.")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(ROLES))
@answers
def add(login: str, person: str, roles: tuple[str, ...]) -> Any:
    """Add LOGIN. The password is asked for, or read from standard input; never from the command line."""
    password = getpass.getpass("password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if not password:
        raise InvalidInput("no password was given", place="standard input")
    runtime = start(prepare(bus=False, services=["accounts"]).settings("accounts"))
    runtime.commands.conflicts["staff_pkey"] = LoginTaken("this login has been given to somebody")
    answer = runtime.commands.run(add_staff, AddStaff(login, person, password, roles), caller=Caller("cli:staff"))
    return {"added": login, "person": person, "roles": list(roles), "status": answer.status}
