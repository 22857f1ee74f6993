"""``nuan bus …``: how far every stream is, and what a person decides about parked items and halted streams."""

from __future__ import annotations

import dataclasses
import getpass
import importlib
import json
from pathlib import Path
from typing import Any

import click
import structlog

from deploy.commands.output import answers
from deploy.local.at_rest import state_of
from deploy.local.environment import prepare
from deploy.servers.broker import definitions as broker_definitions
from shared.chassis.consumer import Consumer
from shared.chassis.database import transaction
from shared.chassis.event_log import first_broken
from shared.chassis.restart import restart_at
from shared.chassis.runtime import Runtime, start
from shared.chassis.settings import SERVICES, required
from shared.kernel.errors import InvalidInput

logger = structlog.get_logger()

SERVICE = click.argument("service", type=click.Choice(SERVICES))
PRODUCER = click.argument("producer", type=click.Choice(SERVICES))


@click.group()
def bus() -> None:
    """Streams, parked items, the event logs."""


@bus.command()
@answers
def status() -> dict[str, Any]:
    """Heads, positions, parked items of every service that answers."""
    environment = prepare(bus=False, services=())
    return {service: state_of(environment, service) or "does not answer" for service in SERVICES}


@bus.command()
@SERVICE
@answers
def verify(service: str) -> tuple[dict[str, Any], int]:
    """Verify the hash chain of a service's event log; exit 1 and the first bad position when it is broken."""
    with transaction(_runtime(service).engine) as cursor:
        broken = first_broken(cursor)
    return {"service": service, "first_broken": broken}, 0 if broken is None else 1


@bus.command()
@SERVICE
@answers
def parked(service: str) -> dict[str, Any]:
    """The items that could not be applied, and those that wait behind them."""
    with transaction(_runtime(service).engine) as cursor:
        rows = cursor.execute(
            "SELECT producer, pos, item, stream, type, reason, tries, first_at FROM parked"
            " WHERE resolved_at IS NULL ORDER BY producer, pos, item LIMIT 1000"
        ).fetchall()
    names = ("producer", "pos", "item", "stream", "type", "reason", "tries", "first_at")
    return {"parked": [dict(zip(names, row, strict=True)) for row in rows]}


@bus.command()
@SERVICE
@PRODUCER
@click.argument("stream")
@answers
def retry(service: str, producer: str, stream: str) -> dict[str, Any]:
    """After a fix: apply the parked items of one STREAM (an account number), oldest first."""
    consumer = _consumer(_runtime(service), producer)
    return {"applied": consumer.retry_parked(stream, by=_me())}


@bus.command()
@SERVICE
@PRODUCER
@click.argument("pos", type=int)
@click.argument("item", type=int)
@click.option("--reason", required=True, help="Why this item is never applied.")
@click.option("--approved-by", required=True, help="The second person, who agrees.")
@answers
def skip(service: str, producer: str, pos: int, item: int, reason: str, approved_by: str) -> dict[str, Any]:
    """Give up a parked item for good: two persons and a reason. The database refuses one person twice."""
    if approved_by.strip() in ("", _me()):
        raise InvalidInput("a second person approves", place="--approved-by", value=approved_by)
    with transaction(_runtime(service).engine) as cursor:
        cursor.execute(
            "UPDATE parked SET resolved_at = now(), resolution = 'skipped', resolved_by = %s, approved_by = %s,"
            " reason = reason || ' · skipped: ' || %s"
            " WHERE producer = %s AND pos = %s AND item = %s AND resolved_at IS NULL",
            (_me(), approved_by, reason, producer, pos, item),
        )
        return {"skipped": cursor.rowcount}


@bus.command()
@SERVICE
@PRODUCER
@click.option("--reason", required=True, help="What was found and done (deploy/runbooks/restored.md).")
@click.option(
    "--at", "pos", type=click.IntRange(min=0), help="Go on after this position of the producer's log as it is now."
)
@answers
def resume(service: str, producer: str, reason: str, pos: int | None) -> dict[str, Any]:
    """Let a halted stream go on, after a person has repaired what stopped it.

    Where the producer was restored to the past its old positions are void: then --at names where to go on.
    """
    if not reason.strip():
        raise InvalidInput("say what was found", place="--reason")
    runtime = _runtime(service)
    if pos is not None:
        restart_at(_consumer(runtime, producer), pos)
    with transaction(runtime.engine) as cursor:
        cursor.execute("UPDATE positions SET halted = NULL WHERE producer = %s AND halted IS NOT NULL", (producer,))
    logger.warning("stream_resumed", service=service, producer=producer, at=pos, by=_me(), reason=reason)
    return {"resumed": producer, "at": pos, "reason": reason}


@bus.command()
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write them into this file.")
@answers
def definitions(out: Path | None) -> dict[str, Any]:
    """RabbitMQ's definitions for the virtual host and the user of NUAN_BUS_URL; the password only as a hash."""
    document = broker_definitions(required("NUAN_BUS_URL"))
    if out is None:
        return document
    out.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return {"written": str(out)}


def _consumer(runtime: Runtime, producer: str) -> Consumer:
    """The consumer of a worker that is made and not started."""
    service = runtime.settings.service
    settings = dataclasses.replace(runtime.settings, worker_bind=None)
    worker = importlib.import_module(f"services.{service}.bootstrap").worker(
        dataclasses.replace(runtime, settings=settings)
    )
    consumers: list[Consumer] = [consumer for consumer in worker.consumers if consumer.producer == producer]
    if not consumers:
        raise InvalidInput(f"{service} does not listen to {producer}", place="producer")
    return consumers[0]


def _runtime(service: str) -> Runtime:
    return start(prepare(services=[service]).settings(service))


def _me() -> str:
    return f"cli:{getpass.getuser()}"
