"""What a service must be told, read from the environment (``NUAN_…``) and checked before anything starts."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlsplit

from shared.kernel.clock import Clock, StoryClock, SystemClock
from shared.kernel.errors import Refusal

SERVICES = ("accounts", "payments", "bank_gateway")
BUS_SCHEMES = ("amqp", "pgmq", "memory")


class BadSetting(Refusal):
    code = "bad_setting"
    status = 500
    remedy = "Correct the environment variable that is named (deploy/settings.example.env lists them all)."


@dataclass(frozen=True)
class Settings:
    """One service's settings. URLs hold passwords: they are never logged or shown."""

    service: str
    database_url: str = field(repr=False)
    bus_url: str = field(repr=False)
    keys_folder: Path
    urls: dict[str, str]
    environment: str = "production"
    pool_size: int = 10
    poll_seconds: float = 2.0
    story_clock: Path | None = None
    work_folder: Path | None = None

    def clock(self) -> Clock:
        return FileClock(self.story_clock) if self.story_clock else SystemClock()


class FileClock:
    """A story's clock, shared by processes: the day that a file holds. Only for environments named ``story…``."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def today(self) -> date:
        return date.fromisoformat(self.path.read_text(encoding="ascii").strip())

    def now(self) -> datetime:
        return StoryClock(self.today()).now()


def read_settings(service: str) -> Settings:
    """The settings of ``service``; refuses what is missing, malformed or has a stray line end."""
    prefix = f"NUAN_{service.upper()}"
    settings = Settings(
        service=service,
        database_url=_url(f"{prefix}_DATABASE_URL", ("postgresql", "postgresql+psycopg")),
        bus_url=_url("NUAN_BUS_URL", BUS_SCHEMES),
        keys_folder=Path(_text("NUAN_KEYS")),
        urls={name: _url(f"NUAN_{name.upper()}_URL", ("http", "https")) for name in SERVICES},
        environment=_text("NUAN_ENVIRONMENT", "production"),
        pool_size=_number("NUAN_POOL_SIZE", 10, least=2, most=200),
        poll_seconds=_number("NUAN_POLL_MILLISECONDS", 2000, least=10, most=60_000) / 1000,
        story_clock=Path(story) if (story := os.environ.get("NUAN_STORY_CLOCK")) else None,
        work_folder=Path(folder) if (folder := os.environ.get("NUAN_WORK_FOLDER")) else None,
    )
    if settings.story_clock and not settings.environment.startswith("story"):
        raise BadSetting("a story clock is only for environments named story…", place="NUAN_STORY_CLOCK")
    if not settings.keys_folder.is_dir():
        raise BadSetting("this folder does not exist", place="NUAN_KEYS")
    return settings


def _text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None or value == "":
        raise BadSetting("is not set", place=name)
    if value != value.strip() or any(ord(character) < 32 for character in value):
        raise BadSetting("has blanks or a line end around it", place=name)
    return value


def _url(name: str, schemes: tuple[str, ...]) -> str:
    value = _text(name)
    if urlsplit(value).scheme not in schemes:
        raise BadSetting(f"must begin with one of {', '.join(f'{scheme}://' for scheme in schemes)}", place=name)
    return value


def _number(name: str, default: int, *, least: int, most: int) -> int:
    text = os.environ.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise BadSetting(f"must be a whole number from {least} to {most}", place=name, value=text)
    return int(text)
