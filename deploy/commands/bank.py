"""``nuan bank …``: debit files, results and bank days."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from deploy.commands.asking import Office
from deploy.commands.output import answers
from deploy.commands.typed import DAY, NUMBER, content_of
from services.bank_gateway import formats
from services.bank_gateway.domain.check import check_files
from shared.kernel.errors import InvalidInput
from shared.kernel.registry import declarations, declared


@click.group()
def bank() -> None:
    """Send debit files, take results, reconcile days, check files."""


@bank.command()
@click.option("--profile", required=True, help="The layout, as chinapay.")
@click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE", help="A parameter of the profile, as merchant=…."
)
@click.argument("send", type=click.Path(path_type=Path))
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@answers
def check(profile: str, settings: tuple[str, ...], send: Path, results: tuple[Path, ...]) -> tuple[dict[str, Any], int]:
    """Judge a SEND file and its RESULTS as an import would; nothing is posted. Exit 1 when one is refused."""
    layout = declared(declarations(formats, attribute="FORMAT"), profile, place="--profile")
    document = check_files(bank_format=layout, parameters=_parameters(settings), send_path=send, result_paths=results)
    refused = any(result["outcome"] == "refused" for result in document["results"])
    return document, 1 if refused else 0


def _parameters(settings: tuple[str, ...]) -> dict[str, str]:
    parameters = {}
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals or not name:
            raise InvalidInput("a parameter is NAME=VALUE", place="--set", value=setting)
        parameters[name] = value
    return parameters


@bank.command()
@click.argument("code")
@click.option("--name", required=True, help="The bank's name as the ledger writes it.")
@click.option("--profile", required=True)
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Who we are to it, as merchant=….")
@click.option("--bank-code", default="", help="The number by which its files know the bank.")
@answers
def declare(code: str, name: str, profile: str, settings: tuple[str, ...], bank_code: str) -> Any:
    """Declare a bank CODE with its layout and the company's parameters in it."""
    body = {"code": code, "name": name, "profile": profile, "parameters": _parameters(settings), "bank_code": bank_code}
    return Office().post("bank_gateway", "/banks", body)


@bank.command()
@click.argument("account_no")
@click.argument("code")
@click.argument("bank_account")
@click.option("--holder", required=True, help="Whose bank account it is.")
@answers
def mandate(account_no: str, code: str, bank_account: str, holder: str) -> Any:
    """Register that ACCOUNT_NO is collected from BANK_ACCOUNT at the bank CODE; an older mandate is replaced."""
    told = {"account_no": account_no, "bank": code, "bank_account": bank_account, "holder": holder}
    return Office().post("bank_gateway", "/mandates", {"mandates": [told]})


@bank.command()
@click.argument("account_nos", nargs=-1, required=True)
@answers
def revoke(account_nos: tuple[str, ...]) -> Any:
    """Revoke the mandates of ACCOUNT_NOS."""
    return Office().post("bank_gateway", "/mandates/revocations", {"account_nos": list(account_nos)})


@bank.command()
@click.argument("code")
@click.option("--keep", is_flag=True, help="Build only; hand over later.")
@answers
def send(code: str, keep: bool) -> Any:
    """Claim what is owed through the bank CODE and write its debit file."""
    return Office().post("bank_gateway", "/batches", {"bank": code, "hand_over": not keep})


@bank.command("hand-over")
@click.argument("batch_no", type=NUMBER)
@answers
def hand_over(batch_no: int) -> Any:
    """Hand over a file that was only built."""
    return Office().post("bank_gateway", f"/batches/{batch_no}/hand-over", {})


@bank.command()
@click.argument("batch_no", type=NUMBER)
@click.argument("account_nos", nargs=-1)
@answers
def withdraw(batch_no: int, account_nos: tuple[str, ...]) -> Any:
    """Take a batch, or the items of ACCOUNT_NOS, back before it is handed over."""
    asked = {"account_nos": list(account_nos)} if account_nos else {}
    return Office().post("bank_gateway", f"/batches/{batch_no}/withdrawals", asked)


@bank.command()
@answers
def overdue() -> Any:
    """Batches that their bank should have answered by now, the newest first."""
    return Office().get("bank_gateway", "/batches", overdue="true", limit=500)


@bank.command()
@click.argument("batch_no", type=NUMBER)
@click.option("--reason", required=True, help="The bank's word, and who gave it.")
@answers
def recall(batch_no: int, reason: str) -> Any:
    """Free the homes of an overdue batch that the bank did not take and will not."""
    return Office().post("bank_gateway", f"/batches/{batch_no}/recalls", {"reason": reason})


@bank.command("return")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@answers
def return_(file: Path) -> Any:
    """Take a result FILE: judged whole, then posted."""
    return Office().upload("bank_gateway", "/batches/results", name=file.name, content=content_of(file))


@bank.command()
@click.argument("code")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@answers
def adopt(code: str, file: Path) -> Any:
    """Take over a batch that an old system sent: its send FILE waits for its result here."""
    return Office().upload("bank_gateway", "/batches/adoptions", name=file.name, content=content_of(file), bank=code)


@bank.command()
@click.argument("code")
@click.argument("day", type=DAY, metavar="DAY")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@answers
def reconcile(code: str, day: date, file: Path) -> Any:
    """Reconcile the DAY of bank CODE with its day-end FILE."""
    return Office().upload(
        "bank_gateway",
        "/bank-days/files",
        name=file.name,
        content=content_of(file),
        bank=code,
        day=day.isoformat(),
    )


@bank.command()
@click.argument("batch_no", type=NUMBER)
@answers
def show(batch_no: int) -> Any:
    """How far a batch is."""
    return Office().get("bank_gateway", f"/batches/{batch_no}")
