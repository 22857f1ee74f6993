"""The files that came and went."""

from __future__ import annotations

from typing import Any

from shared.chassis.unit_of_work import Work


def files(work: Work, *, outcome: str | None, batch_no: int | None, before: int, limit: int) -> dict[str, Any]:
    """The newest first, refused ones with their reason; ``next`` is what to ask ``before``."""
    rows = work.rows(
        "SELECT f.file_id, f.name, f.sha256, f.bytes, f.kind, f.outcome, f.bank, f.batch_no, f.refusal, c.actor, c.at"
        " FROM files f JOIN commands c USING (command_id) WHERE (%(outcome)s::text IS NULL OR f.outcome = %(outcome)s)"
        " AND (%(batch_no)s::bigint IS NULL OR f.batch_no = %(batch_no)s) AND f.file_id < %(before)s"
        " ORDER BY f.file_id DESC LIMIT %(limit)s",
        {"outcome": outcome, "batch_no": batch_no, "before": before, "limit": limit},
    )
    return {
        "files": [
            {"file_id": file_id, "name": name, "sha256": bytes(sha256).hex(), "bytes": size, "kind": kind,
             "outcome": what, "bank": bank, "batch_no": number, "refusal": refusal, "by": actor, "at": at.isoformat()}
            for file_id, name, sha256, size, kind, what, bank, number, refusal, actor, at in rows
        ],
        "next": rows[-1][0] if len(rows) == limit else None,
    }  # fmt: skip
