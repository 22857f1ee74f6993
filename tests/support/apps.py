"""The three services' apps without a server or a database behind them: for what can be asked of their routes alone."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flask import Flask

from shared.chassis.auth import Keys, make_keys
from shared.chassis.database import open_engine
from shared.chassis.ids import Ids
from shared.chassis.runtime import Runtime
from shared.chassis.settings import SERVICES, Settings
from shared.chassis.unit_of_work import Commands

NOWHERE = "postgresql://nobody@127.0.0.1:9/nothing"


def app_without_database(service: str, folder: Path) -> tuple[Flask, Keys]:
    """The app as production builds it; its database would be asked only by a view. Keys are made in ``folder``."""
    make_keys(folder / "keys", issuers=SERVICES)
    (folder / "clock").write_text(date(2025, 10, 20).isoformat())
    settings = Settings(
        service=service, database_url=NOWHERE, bus_url="memory://", keys_folder=folder / "keys",
        urls=dict.fromkeys(SERVICES, "http://127.0.0.1:9"), environment="story-test", story_clock=folder / "clock",
        work_folder=folder / "work" / service,
    )  # fmt: skip
    engine = open_engine(NOWHERE, service=service)
    ids, clock, keys = Ids(engine), settings.clock(), Keys(settings.keys_folder)
    runtime = Runtime(settings, engine, ids, keys, clock, Commands(engine, ids=ids, clock=clock))
    app: Flask = importlib.import_module(f"services.{service}.bootstrap").web(runtime)
    return app, keys


@dataclass(frozen=True)
class Route:
    """One method of one path: ``POST /payments``."""

    service: str
    method: str
    path: str
    endpoint: str
    allowed: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"


def routes_of(app: Flask) -> Iterator[Route]:
    """Every route that somebody wrote, in the order of their paths; HEAD and OPTIONS come with GET by themselves."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint)):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            view = app.view_functions[rule.endpoint]
            allowed = tuple(getattr(view, "allowed", ()))
            yield Route(app.import_name, method, rule.rule, rule.endpoint, allowed)
