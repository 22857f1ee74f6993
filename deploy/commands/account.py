"""``nuan account …``: heat accounts, one at a time; many come with ``nuan import``."""

from __future__ import annotations

from typing import Any

import click

from deploy.commands.asking import Office
from deploy.commands.output import answers
from services.accounts.domain.price_class import PRICE_CLASSES


@click.group()
def account() -> None:
    """Open heat accounts, look at them and their bills."""


@account.command("open")
@click.option("--number", "account_no", help="Its ten digits; the next free number if none is given.")
@click.option("--name", required=True, help="Whose contract it is.")
@click.option("--compound", required=True)
@click.option("--building", required=True)
@click.option("--unit")
@click.option("--room", required=True)
@click.option("--floor", type=int)
@click.option("--area", "building_area", required=True, help="Building area in m², as 89.63.")
@click.option("--inner-area", help="m².")
@click.option("--usable-area", help="m².")
@click.option("--height", "storey_height", help="Metres, as 2.85.")
@click.option(
    "--class", "price_class", type=click.Choice(list(PRICE_CLASSES)), default="residential", show_default=True
)
@click.option("--connected-on", help="The first day with heat, YYYY-MM-DD, when it is not long ago.")
@click.option("--key", help="Idempotency-Key: the same key again opens nothing twice.")
@answers
def open_account(key: str | None, **facts: Any) -> Any:
    """Open a connected, active account."""
    told = {name: value for name, value in facts.items() if value is not None}
    return Office().post("accounts", "/accounts", {"accounts": [told]}, key=key)


@account.command()
@click.argument("account_no")
@answers
def show(account_no: str) -> Any:
    """What is known of ACCOUNT_NO; personal numbers are masked."""
    return Office().get("accounts", f"/accounts/{account_no}")


@account.command()
@click.argument("account_no")
@answers
def state(account_no: str) -> Any:
    """The state of ACCOUNT_NO and every move that led to it."""
    return Office().get("accounts", f"/accounts/{account_no}/state")


@account.command()
@click.argument("account_no")
@answers
def bills(account_no: str) -> Any:
    """The bills of ACCOUNT_NO, each with its explanation."""
    return Office().get("accounts", f"/accounts/{account_no}/bills")
