"""``nuan export RESOURCE``: a list of accounts as a file, asked for, waited for and fetched."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any

import click

from deploy.commands.asking import Office
from deploy.commands.output import answers, progress_bar
from services.accounts.formats.exported_cell import export_formats
from services.accounts.queries.listings import listings
from shared.kernel.errors import Refusal

ASK_EVERY_SECONDS = 0.5


class ExportFailed(Refusal):
    code = "export_failed"
    remedy = "Look into the log of the worker of accounts, then ask again."


class FileExists(Refusal):
    code = "file_exists"
    remedy = "Name another file, or move this one away: nothing is written over."


def _filters(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    pairs = [each.partition("=") for each in given]
    if wrong := next((name for name, sign, _ in pairs if not sign), None):
        raise click.BadParameter(f"{wrong!r} is not NAME=VALUE")
    return {name: value for name, _, value in pairs}


@click.command()
@click.argument("resource", type=click.Choice(list(listings())))
@click.option("--format", "format_", type=click.Choice(list(export_formats())), default="xlsx", show_default=True)
@click.option(
    "--where",
    "filters",
    multiple=True,
    metavar="NAME=VALUE",
    callback=_filters,
    help="A filter of the list; repeatable.",
)
@click.option("--columns", help="Names of columns with commas between; all of them if none is named.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="The file; RESOURCE-NUMBER.FORMAT if none is named."
)
@answers
def export(
    resource: str, format_: str, filters: dict[str, str], columns: str | None, out: Path | None
) -> dict[str, Any]:
    """Write a list to a file: rows of one moment, personal numbers masked.

    The lists, their columns and filters: docs/reference/variants.md. A week later the service has forgotten the file.
    """
    if out is not None and out.exists():
        raise FileExists("this file is there already", file=str(out))
    office = Office()
    asked = {"resource": resource, "format": format_, "filters": filters}
    if columns:
        asked["columns"] = columns.split(",")
    export_id = office.post("accounts", "/exports", asked)["export_id"]
    told = _waited_for(office, export_id)
    target = out or Path(f"{resource}-{export_id}.{format_}")
    with target.open("xb") as file:
        target.chmod(0o600)
        sha256 = hashlib.sha256()
        for block in office.blocks("accounts", f"/exports/{export_id}/file"):
            sha256.update(block)
            file.write(block)
    if sha256.hexdigest() != told["sha256"]:
        raise ExportFailed("the file did not arrive as it was written", file=str(target))
    return {"file": str(target), "rows": told["rows"], "bytes": told["bytes"], "sha256": told["sha256"]}


def _waited_for(office: Office, export_id: int) -> dict[str, Any]:
    with progress_bar() as progress:
        task = progress.add_task("导出", total=None, rate="")
        while True:
            told: dict[str, Any] = office.get("accounts", f"/exports/{export_id}")
            progress.update(task, completed=told["rows"], rate=f"{told['rows']} 行")
            if told["state"] == "done":
                return told
            if told["state"] not in ("queued", "running"):
                raise ExportFailed("the list could not be written", state=told["state"], reason=told["reason"])
            time.sleep(ASK_EVERY_SECONDS)
