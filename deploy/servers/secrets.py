"""The secrets of a production, a file each: passwords made here, in the URLs that the processes are told."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from shared.chassis.settings import SERVICES

FILE_MODE = 0o644
"""Readable by the container's user; the folder around them is its owner's alone."""


def make_secrets(folder: Path, *, postgres: str, rabbitmq: str) -> list[str]:
    """Write every file that is missing (HOST:PORT of the two servers go into the URLs); the names of those written."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    password = _kept(folder, "admin_password") or secrets.token_urlsafe(24)
    wanted = {
        "admin_password": password,
        "admin_database_url": f"postgresql://nuan_admin:{password}@{postgres}/postgres",
        "bus_url": f"amqp://nuan:{secrets.token_urlsafe(24)}@{rabbitmq}/nuan",
    }
    for service in SERVICES:
        place = f"{postgres}/nuan_{service}"
        wanted[f"{service}_owner_database_url"] = (
            f"postgresql://nuan_{service}_owner:{secrets.token_urlsafe(24)}@{place}"
        )
        wanted[f"{service}_database_url"] = f"postgresql://nuan_{service}:{secrets.token_urlsafe(24)}@{place}"
    return [name for name, value in wanted.items() if _write(folder / name, value)]


def _kept(folder: Path, name: str) -> str | None:
    path = folder / name
    return path.read_text(encoding="ascii").strip() if path.is_file() else None


def _write(path: Path, value: str) -> bool:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(value + "\n")
    path.chmod(FILE_MODE)
    return True
