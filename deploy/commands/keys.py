"""``nuan keys …``: the services' signing keys of a production, made and changed (deploy/runbooks/key-rotation.md)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from deploy.commands.output import answers
from deploy.servers import keys as folders
from shared.chassis.settings import SERVICES

ROOT = click.argument("root", type=click.Path(file_okay=False, path_type=Path))
SERVICE = click.argument("service", type=click.Choice(SERVICES))


@click.group()
def keys() -> None:
    """Signing keys: a folder ROOT/<service> each, with its own private key and everybody's public keys."""


@keys.command()
@ROOT
@answers
def make(root: Path) -> dict[str, Any]:
    """Make what is missing; what is there stays."""
    return {"signing": folders.make_all(root)}


@keys.command()
@ROOT
@SERVICE
@answers
def announce(root: Path, service: str) -> dict[str, Any]:
    """First step: the next key is made, its public half told to all. Restart all services."""
    return {"announced": folders.announce(root, service)}


@keys.command()
@ROOT
@SERVICE
@answers
def sign(root: Path, service: str) -> dict[str, Any]:
    """Second step: the announced key signs. Restart SERVICE."""
    return {"signing": folders.sign(root, service)}


@keys.command()
@ROOT
@SERVICE
@answers
def retire(root: Path, service: str) -> dict[str, Any]:
    """Third step, 15 minutes later: older keys are removed. Restart all services."""
    return {"retired": folders.retire(root, service)}
