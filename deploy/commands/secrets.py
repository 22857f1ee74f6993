"""``nuan secrets FOLDER``: the passwords and URLs of a production, made once (docker-compose.yml reads them)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from deploy.commands.output import answers
from deploy.servers.secrets import make_secrets


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--postgres", default="postgres:5432", show_default=True, help="HOST:PORT that the URLs name.")
@click.option("--rabbitmq", default="rabbitmq:5672", show_default=True, help="HOST:PORT that the bus URL names.")
@answers
def secrets(folder: Path, postgres: str, rabbitmq: str) -> dict[str, Any]:
    """Make the secret files that are missing in FOLDER; none is ever replaced or shown."""
    return {"folder": str(folder), "written": make_secrets(folder, postgres=postgres, rabbitmq=rabbitmq)}
