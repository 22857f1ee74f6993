"""Somebody wants a list as a file; the worker writes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.accounts.domain.export import EXPORT, OPEN_MOST
from services.accounts.storage.exports import add_export, open_exports_of
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import Refusal


class TooManyExports(Refusal):
    code = "too_many_exports"
    status = 409
    remedy = "Wait until one of your exports is done; GET /exports lists them."


@dataclass(frozen=True, slots=True)
class RequestExport:
    """``filters`` are loaded values that JSON can hold; everything is of the declared list ``resource``."""

    resource: str
    format: str
    filters: Mapping[str, Any]
    columns: tuple[str, ...]


def request_export(command: RequestExport, work: Work) -> dict[str, Any]:
    """Refused: `too_many_exports`."""
    waiting = open_exports_of(work, work.caller.actor)
    if waiting >= OPEN_MOST:
        raise TooManyExports("as many exports of yours as may be are waiting", waiting=waiting)
    export_id = add_export(work, resource=command.resource, format_=command.format, filters=command.filters,
                           columns=command.columns)  # fmt: skip
    return {"export_id": export_id, "resource": command.resource, "format": command.format, "state": EXPORT.initial}
