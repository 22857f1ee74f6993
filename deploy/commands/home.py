"""``nuan home …``: what happens to a home, typed. The commands are made from one table, `VERBS`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from deploy.commands.asking import Office
from deploy.commands.output import answers, progress_bar
from deploy.commands.typed import DAY, NUMBER, content_of
from services.accounts.domain.account_lock import LOCK_KINDS
from services.accounts.domain.illegal_use import FINDINGS
from services.accounts.domain.new_account import ID_NUMBERS
from services.accounts.domain.price_class import PRICE_CLASSES

PLACES = ("compound", "building", "unit", "heat_station")
Item = Callable[[str, dict[str, Any]], Any]


@dataclass(frozen=True)
class Option:
    """One field of the request. ``each``: it stands in every item of the list, not beside it."""

    flag: str
    field: str
    help: str = ""
    type: Any = None
    required: bool = False
    each: bool = False


@dataclass(frozen=True)
class Verb:
    """``items`` is the key of the list in the body of ``path``; ``batch`` the name under which many are done at once."""

    help: str
    path: str
    options: tuple[Option, ...] = ()
    items: str = "accounts"
    batch: str | None = None
    reason: bool = True
    item: Item | None = None

    def body(self, accounts: tuple[str, ...], told: dict[str, Any]) -> dict[str, Any]:
        """The request for these accounts: fields of each stand in its item, the others beside the list."""
        each = {option.field for option in self.options if option.each}
        of_item = {name: value for name, value in told.items() if name in each}
        beside = {name: value for name, value in told.items() if name not in each}
        if self.item is not None:
            return {**beside, self.items: [self.item(account, of_item) for account in accounts]}
        whole = [{"account_no": account, **of_item} for account in accounts] if each else list(accounts)
        return {**beside, self.items: whole}


def _merger(account: str, told: dict[str, Any]) -> dict[str, Any]:
    return {"account_no": told["into"], "other_no": account}


def _division(account: str, told: dict[str, Any]) -> dict[str, Any]:
    remaining = {
        name.removeprefix("remaining_"): value for name, value in told.items() if name.startswith("remaining_")
    }
    part = {name: value for name, value in told.items() if not name.startswith("remaining_")}
    return {"account_no": account, "remaining": remaining, "part": part}


def _areas(prefix: str, words: str) -> tuple[Option, ...]:
    flag = f"--{prefix.replace('_', '-')}"
    return (
        Option(f"{flag}building-area", f"{prefix}building_area", f"{words} m², as 89.63.", required=True, each=True),
        *(Option(f"{flag}{name}-area", f"{prefix}{name}_area", "m².", each=True)
          for name in ("inner", "usable", "certified")),
    )  # fmt: skip


_OWNER = (
    Option("--id-type", "id_type", type=click.Choice(list(ID_NUMBERS)), each=True),
    Option("--id-no", "id_no", each=True),
    Option("--phone", "phone", each=True),
)
_CLASS = click.Choice(list(PRICE_CLASSES))
_KIND = Option("--kind", "kind", "Why: it says what is blocked.", click.Choice(list(LOCK_KINDS)), required=True)

VERBS: dict[str, Verb] = {
    "suspend": Verb("Suspend ACCOUNTS for a season and those after it.", "/accounts/suspensions", (
        Option("--season", "season", "The first one, as 2025-2026.", required=True, each=True),
        Option("--seasons", "seasons", "How many; as the policy renews if none is named.", NUMBER, each=True),
    ), "suspensions", "suspend"),
    "resume": Verb("Give suspended or cut-off ACCOUNTS heat again.", "/accounts/resumptions", batch="resume"),
    "notice": Verb("Serve dunning notices on ACCOUNTS.", "/accounts/notices", batch="notice", reason=False),
    "cut": Verb("Cut ACCOUNTS off for arrears, after their notices.", "/accounts/cuts", batch="cut"),
    "disconnect": Verb("Disconnect ACCOUNTS for good.", "/accounts/disconnections", batch="disconnect"),
    "inspect": Verb("Charge ACCOUNTS without a right to heat that were found using it.", "/accounts/inspections", (
        Option("--finding", "finding", type=click.Choice(list(FINDINGS))),
        Option("--used-since", "used_since", "Proven use, where the policy charges by days.", DAY),
    ), batch="inspect"),
    "area": Verb("Correct the areas of ACCOUNTS that were measured again.", "/accounts/areas", _areas("", "The whole,"),
                 "areas"),
    "class": Verb("Change what ACCOUNTS are used for.", "/accounts/class-changes", (
        Option("--class", "price_class", type=_CLASS, required=True, each=True),
        Option("--since", "since", "The first day of the new class; today if none is named.", DAY, each=True),
    ), "changes", "class"),
    "transfer": Verb("Give ACCOUNTS another owner.", "/accounts/transfers", (
        Option("--name", "name", required=True, each=True), *_OWNER,
        Option("--split", "split", "days: the season is divided.", click.Choice(["days"]), each=True),
        Option("--assumed-by", "assumed_by", "The agreement by which the debt is taken over.", each=True),
    ), "transfers"),
    "merge": Verb("End ACCOUNTS in another one, which has their areas from today on.", "/accounts/mergers", (
        Option("--into", "into", "The account that stays.", required=True, each=True),
    ), "mergers", item=_merger),
    "split": Verb("Give a part of ACCOUNTS an account of its own.", "/accounts/divisions", (
        *_areas("remaining_", "What the home keeps,"), *_areas("", "The part,"),
        Option("--room", "room", "Of the part.", required=True, each=True), Option("--unit", "unit", each=True),
        Option("--number", "account_no", "Its ten digits; the next free number if none is given.", each=True),
        Option("--class", "price_class", type=_CLASS, each=True),
        Option("--name", "name", "The owner of the part; that of the home if none is named.", each=True), *_OWNER,
    ), "divisions", item=_division),
    "lock": Verb("Lock ACCOUNTS.", "/accounts/locks", (_KIND,), batch="lock"),
    "unlock": Verb("Take a lock off ACCOUNTS.", "/accounts/lock-releases", (_KIND,), batch="unlock"),
}  # fmt: skip


@click.group()
def home() -> None:
    """What happens to a home: suspended, resumed, cut, sold, merged, divided, locked …

    ACCOUNTS are named one by one (all of them or none), or chosen by place or from a list: then each is done or told why
    not, in the background, and the command waits for it.
    """


@home.command("batch")
@click.argument("batch_id", type=NUMBER)
@answers
def batch(batch_id: int) -> tuple[Any, int]:
    """How far the batch BATCH_ID is, and who was refused. Exit 1 when somebody was."""
    return _told(Office(), batch_id)


@home.command("on")
@click.argument("account")
@click.argument("day", type=DAY)
@answers
def on_day(account: str, day: Any) -> Any:
    """Everything that was true of ACCOUNT on DAY."""
    return Office().get("accounts", f"/accounts/{account}/on/{day.isoformat()}")


@home.command("locks")
@click.argument("account")
@answers
def locks(account: str) -> Any:
    """Every lock that was ever on ACCOUNT."""
    return Office().get("accounts", f"/accounts/{account}/locks")


def _command(name: str, verb: Verb) -> click.Command:
    @answers
    def run(accounts: tuple[str, ...], preview: bool, key: str | None, file: str | None = None, **told: Any) -> Any:
        place = {field: value for field in PLACES if (value := told.pop(field, None)) is not None}
        given = {field: _plain(value) for field, value in told.items() if value is not None}
        if sum(map(bool, (accounts, place, file))) != 1:
            raise click.UsageError("Name accounts, or choose them by place, or from a file.")
        if accounts:
            body = {**verb.body(accounts, given), **({"preview": True} if preview else {})}
            return Office().post("accounts", verb.path, body, key=key)
        return _batch(verb, given, place=place, file=file, mode="preview" if preview else "do", key=key)

    parameters: list[click.Parameter] = [click.Argument(["accounts"], nargs=-1, required=verb.batch is None)]
    parameters += [
        click.Option([option.flag, option.field], help=option.help, type=option.type, required=option.required)
        for option in verb.options
    ]
    if verb.reason:
        parameters.append(click.Option(["--reason"], required=True))
    if verb.batch is not None:
        parameters += [
            click.Option([f"--at-{field.replace('_', '-')}", field], help="All accounts there.") for field in PLACES
        ]
        parameters.append(click.Option(["--file"], help="A list of account numbers, CSV or .xlsx.", type=click.Path()))
    parameters.append(
        click.Option(["--preview"], is_flag=True, help="Tell what it would do to the bills, and do nothing.")
    )
    parameters.append(click.Option(["--key"], help="Idempotency-Key: the same key again does nothing twice."))
    run.__name__ = name
    made = click.command(name, help=verb.help)(run)
    made.params = [*parameters, *made.params]
    return made


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _batch(
    verb: Verb, given: dict[str, Any], *, place: dict[str, str], file: str | None, mode: str, key: str | None
) -> Any:
    office, asked = Office(), {"verb": verb.batch, "mode": mode}
    if file is not None:
        content = content_of(Path(file))
        begun = office.upload("accounts", "/account-batches/files", name=Path(file).name, content=content, key=key,
                              **{**asked, "request": json.dumps(given)})  # fmt: skip
    else:
        begun = office.post("accounts", "/account-batches", {**asked, "request": given, "where": place}, key=key)
    return _told(office, begun["batch_id"])


def _told(office: Office, batch_id: int) -> tuple[Any, int]:
    """The batch when it is done, with the accounts that were refused. Exit 1 when there are some."""
    report = office.get("accounts", f"/account-batches/{batch_id}")
    with progress_bar() as progress:
        task = progress.add_task(f"{report['verb']} {report['mode']}", total=report["accounts"], rate="")
        while report["state"] != "done":
            time.sleep(0.3)
            report = office.get("accounts", f"/account-batches/{batch_id}")
            progress.update(task, completed=report["accounts"] - report["waiting"])
    refused = office.get("accounts", f"/account-batches/{batch_id}/outcomes", outcome="refused", limit=1000)
    return {**report, "refused_accounts": refused["outcomes"]}, 1 if report["refused"] else 0


for _name, _verb in VERBS.items():
    home.add_command(_command(_name, _verb))
