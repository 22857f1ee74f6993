"""Exports: one's own, or everybody's, and how far each is."""

from __future__ import annotations

from typing import Any

from services.accounts.queries.page_cursor import cursor_of, key_of
from services.accounts.storage.exports import Export, UnknownExport, export_of, exports_before
from shared.chassis.unit_of_work import Work

__all__ = ["UnknownExport", "exports_page", "readable_export", "shown_export"]

_LATEST = 2**63 - 1


def readable_export(work: Work, export_id: int, *, reader: str, reads_all: bool) -> Export:
    """Refuses `unknown_export`, also for one that is somebody else's: its number tells a stranger nothing."""
    export = export_of(work, export_id)
    if export.maker != reader and not reads_all:
        raise UnknownExport("there is no such export", export_id=export_id)
    return export


def exports_page(work: Work, *, maker: str | None, after: str | None, limit: int) -> dict[str, Any]:
    """The latest first; ``maker`` None: everybody's."""
    filters = {"maker": maker}
    before = key_of(after, ["bigint"], listing="exports", filters=filters)[0] if after else _LATEST
    found = exports_before(work, before, maker=maker, limit=limit + 1)
    more = len(found) > limit
    return {
        "items": [shown_export(export) for export in found[:limit]],
        "next": cursor_of([found[limit - 1].export_id], listing="exports", filters=filters) if more else None,
    }


def shown_export(export: Export) -> dict[str, Any]:
    return {
        "export_id": export.export_id,
        "resource": export.resource,
        "format": export.format,
        "columns": export.columns,
        "maker": export.maker,
        "state": export.state,
        "rows": export.rows,
        "bytes": export.size_bytes,
        "sha256": export.sha256.hex() if export.sha256 else None,
        "asked_at": export.asked_at.isoformat(),
        "expires_at": export.expires_at.isoformat() if export.expires_at else None,
        "reason": export.reason,
    }
