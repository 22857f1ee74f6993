"""The command line of a service's process: ``python -m services.<name> web|worker``."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Flask

from shared.chassis.logging import configure_logging
from shared.chassis.runtime import Runtime, Worker, serve, start
from shared.chassis.settings import read_settings
from shared.kernel.errors import Refusal


def run(service: str, *, web: Callable[[Runtime], Flask], worker: Callable[[Runtime], Worker]) -> None:
    """Run one half of a service until signalled; a refusal at start is one line on standard error and exit 78."""
    configure_logging(service)
    half = sys.argv[1] if len(sys.argv) == 2 else ""
    try:
        settings = read_settings(service)
        if half == "web":
            address = urlsplit(settings.urls[service])
            start(settings).engine.dispose()  # refuse before anything listens
            serve(lambda: web(start(settings)), bind=os.environ.get("NUAN_BIND", f"{address.hostname}:{address.port}"),
                  workers=int(os.environ.get("NUAN_WEB_WORKERS", "1")))  # fmt: skip
        elif half == "worker":
            worker(start(settings, statement_seconds=120)).run_until_signalled()
        else:
            raise SystemExit(f"usage: python -m services.{service} web|worker")
    except Refusal as refusal:
        facts = ", ".join(f"{name}={value}" for name, value in refusal.facts.items())
        print(f"{service}: {refusal.detail} ({refusal.code}: {facts}). {refusal.remedy}", file=sys.stderr)
        raise SystemExit(78) from None
