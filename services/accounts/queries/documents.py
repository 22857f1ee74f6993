"""Documents of one thing, oldest first, and the bytes of one."""

from __future__ import annotations

from typing import Any, NamedTuple

from shared.chassis.unit_of_work import Work
from shared.kernel.errors import NotFound

_DOCUMENTS = """
SELECT d.document_id, d.subject, d.subject_no, d.title, d.name, c.media_type, c.size_bytes, encode(d.sha256, 'hex'),
       added.actor, added.at, w.reason, gone.actor, gone.at
FROM documents d JOIN contents c USING (sha256) JOIN commands added ON added.command_id = d.command_id
LEFT JOIN document_withdrawals w USING (document_id) LEFT JOIN commands gone ON gone.command_id = w.command_id
"""
_OF_SUBJECT = (
    _DOCUMENTS + " WHERE d.subject = %s AND d.subject_no = %s AND d.document_id > %s ORDER BY d.document_id LIMIT %s"
)


class Content(NamedTuple):
    name: str
    media_type: str
    content: bytes


def documents_of(work: Work, *, subject: str, subject_no: str, after: int, limit: int) -> dict[str, Any]:
    """Those that were withdrawn too; ``next`` is what to ask ``after``, None at the end."""
    rows = work.rows(_OF_SUBJECT, (subject, subject_no, after, limit))
    return {"documents": [_shown(row) for row in rows], "next": rows[-1][0] if len(rows) == limit else None}


def document(work: Work, document_id: int) -> dict[str, Any]:
    """Refuses `not_found`."""
    rows = work.rows(_DOCUMENTS + " WHERE d.document_id = %s", (document_id,))
    if not rows:
        raise NotFound("there is no such document", document_id=document_id)
    return _shown(rows[0])


def document_content(work: Work, document_id: int) -> Content:
    """Refuses `not_found`. A withdrawn one can still be read by those who may: it is proof of what was there."""
    rows = work.rows(
        "SELECT d.name, c.media_type, c.content FROM documents d JOIN contents c USING (sha256) WHERE d.document_id = %s",
        (document_id,),
    )
    if not rows:
        raise NotFound("there is no such document", document_id=document_id)
    name, media_type, content = rows[0]
    return Content(name, media_type, bytes(content))


def _shown(row: tuple[Any, ...]) -> dict[str, Any]:
    document_id, subject, subject_no, title, name, media_type, size, sha256, by, at, reason, gone_by, gone_at = row
    withdrawn = None if reason is None else {"reason": reason, "by": gone_by, "at": gone_at.isoformat()}
    return {
        "document_id": document_id, "subject": subject, "subject_no": subject_no, "title": title, "name": name,
        "media_type": media_type, "bytes": size, "sha256": sha256, "by": by, "at": at.isoformat(), "withdrawn": withdrawn,
    }  # fmt: skip
