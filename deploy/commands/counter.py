"""What the counter does, typed: ``nuan owed``, ``pay``, ``reverse``, ``statement``, ``trial-balance``."""

from __future__ import annotations

from datetime import date
from typing import Any

import click

from deploy.commands.asking import Office
from deploy.commands.output import answers
from deploy.commands.typed import DAY, NUMBER


@click.command()
@click.argument("accounts", nargs=-1, required=True)
@click.option("--day", type=DAY, help="As of this day; today if none is named.")
@click.option("--payer", help="What this payer owes; every payer if none is named.")
@click.option("--channel", help="The discount that this channel gets.")
@answers
def owed(accounts: tuple[str, ...], day: date | None, payer: str | None, channel: str | None) -> Any:
    """What settles the ACCOUNTS: principal, late fee and discount, by payer and season."""
    asked = {"day": _iso(day), "payer": payer, "channel": channel}
    return Office().post("payments", "/owed", {"account_nos": list(accounts), **_given(asked)})


@click.command()
@click.argument("account")
@click.argument("amount")
@click.argument("channel")
@click.option("--payer", help="Who pays, when it is not the household.")
@click.option("--season", help="For this season alone, as 2025-2026.")
@click.option("--outlet", help="Whose receipt number it takes, as HALL-1.")
@click.option("--keep-old-debt", metavar="REASON", help="Pass over an older season.")
@click.option("--force", metavar="REASON", help="Take it although a bank is collecting.")
@click.option("--key", help="Idempotency-Key: the same key again answers the same and takes nothing twice.")
@answers
def pay(account: str, amount: str, channel: str, key: str | None, **options: str | None) -> Any:
    """Take AMOUNT (yuan, as 2330.38) for ACCOUNT through CHANNEL (cash, pos, transfer …)."""
    payment = {"account_no": account, "amount": amount, "channel": channel, **_given(options)}
    return Office().post("payments", "/payments", {"payments": [payment]}, key=key)["payments"][0]


@click.command()
@click.argument("payment_id", type=NUMBER)
@click.option("--reason", required=True)
@click.option("--of-earlier-day", is_flag=True, help="It was taken before today.")
@click.option("--key", help="Idempotency-Key.")
@answers
def reverse(payment_id: int, reason: str, of_earlier_day: bool, key: str | None) -> Any:
    """Take the payment PAYMENT_ID back, as if it had never been made."""
    reversal = {"payment_id": payment_id, "reason": reason, **({"at": "hall"} if of_earlier_day else {})}
    return Office().post("payments", "/payments/reversals", {"reversals": [reversal]}, key=key)["reversals"][0]


@click.command()
@click.argument("account")
@click.option("--day", type=DAY, help="As of this day; today if none is named.")
@answers
def statement(account: str, day: date | None) -> Any:
    """Everything that was billed to ACCOUNT, paid for it and taken back."""
    return Office().get("payments", f"/accounts/{account}/statement", **_given({"day": _iso(day)}))


@click.command("trial-balance")
@answers
def trial_balance() -> tuple[Any, int]:
    """Debits and credits of every ledger account. Exit 1 when they differ."""
    balance = Office().get("payments", "/ledger/trial-balance")
    return balance, 0 if balance["balanced"] else 1


def _given(options: dict[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in options.items() if value is not None}


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
