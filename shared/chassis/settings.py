"""What a service must be told, read from the environment (``NUAN_…``) and checked before anything starts.

Each value may lie in a file instead, as secrets do: ``NUAN_BUS_URL_FILE=/run/secrets/bus_url``.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from urllib.parse import urlsplit

from shared.kernel.clock import Clock, StoryClock, SystemClock
from shared.kernel.errors import Refusal

SERVICES = ("accounts", "payments", "bank_gateway")
BUS_SCHEMES = ("amqp", "pgmq", "memory")
TRIAL_ENVIRONMENTS = ("story", "demo", "bench")
"""Environments whose names begin so hold no real money: there an owner may sign in for a service, and a policy may be
changed on the fly; elsewhere it is a file that was reviewed."""


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
    bind: str | None = None
    worker_bind: str | None = None
    web_workers: int = 1
    web_threads: int = 8
    document_bytes_max: int = 10_000_000

    @property
    def is_trial(self) -> bool:
        return self.environment.startswith(TRIAL_ENVIRONMENTS)

    @property
    def web_bind(self) -> str:
        """Where this service's web half listens: what is set, else the place that its URL names."""
        parts = urlsplit(self.urls[self.service])
        return self.bind or f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"

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
    settings = Settings(
        service=service,
        database_url=_url(f"NUAN_{service.upper()}_DATABASE_URL", ("postgresql", "postgresql+psycopg")),
        bus_url=_url("NUAN_BUS_URL", BUS_SCHEMES),
        keys_folder=Path(_text("NUAN_KEYS")),
        urls={name: _url(f"NUAN_{name.upper()}_URL", ("http", "https")) for name in SERVICES},
        environment=_environment("NUAN_ENVIRONMENT", "production"),
        pool_size=_number("NUAN_POOL_SIZE", 10, least=2, most=200),
        poll_seconds=_number("NUAN_POLL_MILLISECONDS", 2000, least=10, most=60_000) / 1000,
        story_clock=_path("NUAN_STORY_CLOCK"),
        work_folder=_path("NUAN_WORK_FOLDER"),
        bind=_address("NUAN_BIND"),
        worker_bind=_address("NUAN_WORKER_BIND"),
        web_workers=_number("NUAN_WEB_WORKERS", 1, least=1, most=32),
        web_threads=_number("NUAN_WEB_THREADS", 8, least=1, most=64),
        document_bytes_max=_number("NUAN_DOCUMENT_BYTES_MAX", 10_000_000, least=10_000, most=100_000_000),
    )
    if settings.story_clock and not settings.environment.startswith("story"):
        raise BadSetting("a story clock is only for environments named story…", place="NUAN_STORY_CLOCK")
    _check_keys(settings.keys_folder, service)
    return settings


def written(name: str) -> str | None:
    """The value of a variable, or of the file that ``<name>_FILE`` names; None when neither is set."""
    value, file = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if not file:
        return value
    if value:
        raise BadSetting(f"is set, and {name}_FILE too; keep one of them", place=name)
    try:
        return Path(file).read_text(encoding="utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"its file cannot be read: {type(error).__name__}", place=f"{name}_FILE", value=file) from None


def required(name: str) -> str:
    """`written`, refused with `bad_setting` when it is not there, or has blanks or a line end around it."""
    return _text(name)


def _check_keys(folder: Path, service: str) -> None:
    if not folder.is_dir():
        raise BadSetting("this folder does not exist", place="NUAN_KEYS", value=str(folder))
    if not any(folder.glob(f"{service}.*.key")):
        raise BadSetting(f"this folder holds no private key of {service}", place="NUAN_KEYS", value=str(folder))
    unknown = [name for name in SERVICES if not any(folder.glob(f"{name}.*.pub"))]
    if unknown:
        raise BadSetting(
            f"this folder holds no public key of {', '.join(unknown)}", place="NUAN_KEYS", value=str(folder)
        )


def _text(name: str, default: str | None = None) -> str:
    value = written(name) or default
    if not value:
        raise BadSetting("is not set", place=name)
    if value != value.strip() or any(ord(character) < 32 for character in value):
        raise BadSetting("has blanks or a line end around it", place=name)
    return value


def _url(name: str, schemes: tuple[str, ...]) -> str:
    value = _text(name)
    parts = urlsplit(value)
    if parts.scheme not in schemes:
        raise BadSetting(f"must begin with one of {', '.join(f'{scheme}://' for scheme in schemes)}", place=name)
    try:
        parts.port  # noqa: B018 - reading it is the check
    except ValueError:
        raise BadSetting("its port must be a number from 0 to 65535", place=name) from None
    if parts.scheme.startswith("http") and not parts.hostname:
        raise BadSetting("names no host", place=name)
    if parts.scheme.startswith("postgresql") and not parts.path.strip("/"):
        raise BadSetting("names no database", place=name)
    return value


def _path(name: str) -> Path | None:
    return Path(_text(name)).absolute() if written(name) else None  # whatever folder one is in later


def _address(name: str) -> str | None:
    value = written(name)
    if not value:
        return None
    if not re.fullmatch(r"[A-Za-z0-9.:\[\]-]+:[0-9]{1,5}", value) or int(value.rsplit(":", 1)[1]) > 65535:
        raise BadSetting("must be HOST:PORT, as in 0.0.0.0:8101", place=name, value=value)
    return value


def _environment(name: str, default: str) -> str:
    value = _text(name, default)
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,60}", value):
        raise BadSetting("must be a word of small letters, digits, - and _", place=name, value=value)
    return value


def _number(name: str, default: int, *, least: int, most: int) -> int:
    text = written(name) or str(default)
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise BadSetting(f"must be a whole number from {least} to {most}", place=name, value=text)
    return int(text)
