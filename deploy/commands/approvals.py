"""``nuan approvals``: what waits for a second person, what it would do, and the decision on it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

from deploy.commands.asking import Office
from deploy.commands.output import answers
from deploy.commands.typed import NUMBER, content_of
from shared.chassis.codec import strict_json
from shared.kernel.errors import InvalidInput

SEEN = re.compile(r"[0-9a-f]{8,64}")


@click.group()
def approvals() -> None:
    """Ask for what two people must agree to, read what waits, and decide."""


@approvals.command("list")
@click.option("--state", default="open", show_default=True, help="open, approved, rejected, withdrawn or all.")
@click.option("--mine", is_flag=True, help="Only what is yours to decide.")
@click.option("--overdue", is_flag=True, help="Only what has waited too long.")
@click.option("--kind", help="As correct_area.")
@click.option("--maker", help="As staff:zhang.")
@click.option("--after", type=NUMBER, help="The last request of the page before.")
@click.option("--limit", type=NUMBER, default=50, show_default=True)
@answers
def list_requests(state: str, mine: bool, overdue: bool, **asked: Any) -> Any:
    """Requests of every kind, the oldest first; the first page tells the sums of all."""
    query = {name: value for name, value in asked.items() if value is not None}
    flags = {name: "true" for name, given in (("mine", mine), ("overdue", overdue)) if given}
    return Office().get("accounts", "/approvals", **query, **flags, **({} if state == "all" else {"state": state}))


@approvals.command()
@click.argument("approval_id", type=NUMBER)
@answers
def show(approval_id: int) -> Any:
    """One request whole."""
    return Office().get("accounts", f"/approvals/{approval_id}")


@approvals.command()
@click.argument("approval_id", type=NUMBER)
@click.option("--now", is_flag=True, help="As it would be now, not as it was asked for.")
@click.option("--after", type=NUMBER, default=0, help="The last line of the page before.")
@click.option("--limit", type=NUMBER, default=100, show_default=True)
@answers
def effect(approval_id: int, now: bool, after: int, limit: int) -> Any:
    """What a request does to the bills, home by home."""
    flags = {"now": "true"} if now else {}
    return Office().get("accounts", f"/approvals/{approval_id}/effect", after=after, limit=limit, **flags)


@approvals.command()
@click.argument("kind")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--reason", required=True)
@answers
def ask(kind: str, file: Path, reason: str) -> Any:
    """Ask for KIND with the JSON in FILE: the body of the verb's own route."""
    content = strict_json(content_of(file).decode("utf-8", "replace"))
    return Office().post("accounts", "/approvals", {"kind": kind, "content": content, "reason": reason})


@approvals.command()
@click.argument("approval_id", type=NUMBER)
@click.option(
    "--seen", required=True, metavar="HASH", help="The effect_hash that was read: its first eight digits or more."
)
@click.option("--remark")
@answers
def approve(approval_id: int, seen: str, remark: str | None) -> Any:
    """Agree to what was read; it is done at once."""
    if not SEEN.fullmatch(seen):
        raise InvalidInput("eight digits of the effect_hash or more, as `nuan approvals show` tells it", place="--seen")
    office = Office()
    asked = office.get("accounts", f"/approvals/{approval_id}")
    known = {
        asked["effect_hash"],
        office.get("accounts", f"/approvals/{approval_id}/effect", now="true")["effect_hash"],
    }
    effect_hash = next((each for each in known if each is not None and each.startswith(seen)), None)
    if effect_hash is None:
        raise InvalidInput("this is not what it does; read `nuan approvals effect --now`", place="--seen", value=seen)
    return _decided(office, asked, "approve", remark, effect_hash=effect_hash)


@approvals.command()
@click.argument("approval_id", type=NUMBER)
@click.option("--remark")
@answers
def reject(approval_id: int, remark: str | None) -> Any:
    """Say no."""
    office = Office()
    return _decided(office, office.get("accounts", f"/approvals/{approval_id}"), "reject", remark)


@approvals.command()
@click.argument("approval_id", type=NUMBER)
@click.option("--remark")
@answers
def withdraw(approval_id: int, remark: str | None) -> Any:
    """Take a request of one's own back."""
    return Office().post("accounts", "/approvals/withdrawals", {"approval_id": approval_id, **_remark(remark)})


@approvals.command()
@answers
def rules() -> Any:
    """Every kind: from when on it needs a second person, and who decides up to which amount."""
    return Office().get("accounts", "/approval-rules")


def _decided(office: Office, asked: dict[str, Any], verb: str, remark: str | None, **more: str) -> tuple[Any, int]:
    decision = {
        "approval_id": asked["approval_id"],
        "verb": verb,
        "content_hash": asked["content_hash"],
        **_remark(remark),
        **more,
    }
    (told,) = office.post("accounts", "/approvals/decisions", {"decisions": [decision]})["decisions"]
    return told, 1 if "refusal" in told else 0


def _remark(remark: str | None) -> dict[str, str]:
    return {} if remark is None else {"remark": remark}
