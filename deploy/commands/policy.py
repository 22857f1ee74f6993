"""``nuan policy``: tariff policies are checked, shown, compared and rehearsed before anybody switches one on."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import click

from deploy.commands.asking import Office
from deploy.commands.output import answers, console, progress_bar
from deploy.commands.rehearsal import Rehearsed
from deploy.commands.text_file import text_of
from deploy.commands.typed import DAY
from services.accounts.domain.policy import ParameterUnknown, Policy, plain_entry
from services.accounts.domain.policy_difference import differences
from services.accounts.domain.policy_parameters import PARAMETERS
from services.accounts.domain.policy_remarks import remarks
from services.accounts.policies import REFERENCE, load_policy, policy_names, read_pack
from shared.kernel.errors import InvalidInput, Refusal
from shared.kernel.season import parse_season, season_label

IN_FORCE = "current"
"""Instead of a pack: the policy in force, asked of the service."""

PAGE_HOMES = 2000


class DayInvalid(InvalidInput):
    code = "day_invalid"
    remedy = "Write the day as YYYY-MM-DD."


@click.group()
def policy() -> None:
    """Check, show, compare and rehearse tariff policies.

    A pack is named as Nuan brings it (shenyang), as the FILE of another (./our_city.yaml), or as `current`: the
    policy in force.
    """


@policy.command()
@click.argument("packs", nargs=-1)
@answers
def check(packs: tuple[str, ...]) -> tuple[dict[str, Any], int]:
    """Read PACKS (all that Nuan brings, when none is named) as strictly as the service does.

    Exit 0: all can be used; 1: one cannot. Remarks (no legal document, nothing follows a value) fail nothing.
    """
    checked = [_checked(name) for name in packs or policy_names()]
    return {"packs": checked}, 0 if all(pack["ok"] for pack in checked) else 1


@policy.command()
@click.argument("pack")
@click.argument("parameters", nargs=-1)
@click.option("--on", "day", default="", help="Only what holds on this day (YYYY-MM-DD).")
@answers
def show(pack: str, parameters: tuple[str, ...], day: str) -> dict[str, Any]:
    """Show the values of PACK with their ground: all, or the PARAMETERS that are named."""
    shown, on = _policy(pack), _day(day)
    for name in parameters:
        if name not in PARAMETERS:
            raise ParameterUnknown(f"there is no parameter {name}", parameter=name)
    return {
        **_head(shown),
        "parameters": {
            name: [plain_entry(name, entry) for entry in shown.entries[name] if on is None or entry.holds_on(on)]
            for name in parameters or PARAMETERS
        },
    }


@policy.command()
@click.argument("before")
@click.argument("after")
@click.option("--on", "day", default="", help="Only what holds on this day (YYYY-MM-DD).")
@answers
def diff(before: str, after: str, day: str) -> tuple[dict[str, Any], int]:
    """Which parameters have another value in AFTER than in BEFORE. Exit 0: none; 1: some."""
    was, becomes = _policy(before), _policy(after)
    found = differences(was, becomes, on=_day(day))
    document = {
        "before": _head(was),
        "after": _head(becomes),
        "differences": [difference._asdict() for difference in found],
    }
    return document, 1 if found else 0


@policy.command()
@click.argument("draft")
@click.option("--set", "changes", multiple=True, metavar="PARAMETER=VALUE", help="Another value, as YAML; repeatable.")
@click.option("--season", default="", help="The season to bill (2025-2026); without it, the current one.")
@answers
def rehearse(draft: str, changes: tuple[str, ...], season: str) -> dict[str, Any]:
    """Bill every account under the DRAFT pack and under the policy in force, and write nothing.

    Shows who would pay more or less, by how much and why: by class, by compound, by cause, and the largest changes.
    """
    asked: dict[str, Any] = {**_asked(draft), "set": dict(_change(text) for text in changes), "limit": PAGE_HOMES}
    if season:
        asked["season"] = season_label(parse_season(season))
    office, rehearsed = Office(), Rehearsed()
    with progress_bar() as progress:
        task = progress.add_task(f"试算 {asked['name']}", total=None, rate="")
        while rehearsed.next is not None:
            rehearsed.add(office.post("accounts", "/policies/rehearsals", {**asked, **rehearsed.following}))
            progress.update(task, total=rehearsed.accounts, completed=rehearsed.seen)
    return rehearsed.document()


def _asked(draft: str) -> dict[str, str]:
    if not _is_file(draft):
        return {"name": load_policy(draft).name}
    text = text_of(draft)
    return {"name": read_pack(text, Path(draft).stem).name, "pack": text}


def _change(text: str) -> tuple[str, str]:
    parameter, equals, value = text.partition("=")
    if not equals or parameter not in PARAMETERS:
        raise ParameterUnknown(f"--set takes PARAMETER=VALUE, not {text}", parameter=parameter)
    return parameter, value


def _checked(name: str) -> dict[str, Any]:
    try:
        read = _policy(name)
    except Refusal as refusal:
        console.print(f"[red]✗[/red] {refusal.detail}", highlight=False)
        console.print(f"  → {refusal.remedy}", markup=False)
        facts: dict[str, Any] = {
            key: refusal.facts[key] for key in ("file", "line", "parameter", "value") if key in refusal.facts
        }
        told = {"code": refusal.code, "detail": refusal.detail, "remedy": refusal.remedy}
        return {"pack": name, "ok": False, **told, **facts}
    found = [remark._asdict() for remark in remarks(read, load_policy(REFERENCE))]
    return {"pack": name, "ok": True, **_head(read), "remarks": found}


def _head(shown: Policy) -> dict[str, Any]:
    return {
        "name": shown.name,
        "version": shown.version,
        "title": shown.title,
        "document": shown.document,
        "valid_from": shown.valid_from.isoformat(),
        **({"valid_until": shown.valid_until.isoformat()} if shown.valid_until else {}),
        **({"zones": {zone: list(stations) for zone, stations in shown.zones.items()}} if shown.zones else {}),
    }


def _policy(name: str) -> Policy:
    """A pack by its name, from a file, or as it is in force."""
    if name == IN_FORCE:
        answer = Office().get("accounts", "/policies/current")
        content = {key: answer[key] for key in ("title", "document", "valid_from", "zones", "parameters")}
        return read_pack(json.dumps({"policy": answer["name"], **content}), answer["name"])
    return read_pack(text_of(name), Path(name).stem) if _is_file(name) else load_policy(name)


def _is_file(name: str) -> bool:
    return name.endswith((".yaml", ".yml")) or "/" in name


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return DAY.convert(text, None, None)
    except click.BadParameter:
        raise DayInvalid(f"{text} is no day", place="--on", value=text) from None
