"""Files that belong to something, each content once, and the withdrawal of those that should not be there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of
from shared.kernel.errors import InvalidInput, NotFound, Refusal, refused_at

_SUBJECTS = {
    "account": "SELECT FROM heat_accounts WHERE account_no = %s",
    "connection": "SELECT FROM connection_applications WHERE application_id = %s::bigint",
    "suspension": "SELECT FROM suspension_applications WHERE application_id = %s::bigint",
    "relief": "SELECT FROM relief_cases WHERE case_id = %s::bigint",
    "work_order": "SELECT FROM work_orders WHERE work_order_id = %s::bigint",
    "approval": "SELECT FROM approvals WHERE approval_id = %s::bigint",
}
_KEEP = """
INSERT INTO contents (sha256, command_id, media_type, size_bytes, content)
VALUES (sha256(%(content)s), %(command_id)s, %(media_type)s, length(%(content)s), %(content)s) ON CONFLICT (sha256) DO NOTHING
"""
_SAME = """
SELECT d.document_id FROM documents d LEFT JOIN document_withdrawals w USING (document_id)
WHERE d.subject = %s AND d.subject_no = %s AND d.sha256 = sha256(%s) AND w.document_id IS NULL LIMIT 1
"""
_KNOWN = """
SELECT d.document_id, w.document_id FROM documents d LEFT JOIN document_withdrawals w USING (document_id)
WHERE d.document_id = ANY(%s)
"""


class DocumentWithdrawn(Refusal):
    code = "document_withdrawn"
    status = 409
    remedy = "It was withdrawn before; who and why stand beside it."


@row_of("documents")
class DocumentRow(NamedTuple):
    document_id: int
    command_id: int
    subject: str
    subject_no: str
    title: str
    name: str
    sha256: bytes


@row_of("document_withdrawals")
class WithdrawalRow(NamedTuple):
    document_id: int
    command_id: int
    reason: str


def assert_subject(work: Work, subject: str, subject_no: str) -> None:
    """Refuses `not_found`: something can only be attached to what there is."""
    numbered = subject_no.isascii() and subject_no.isdigit() and len(subject_no) <= 18
    numbered = numbered and (
        subject == "account" or subject_no == str(int(subject_no))
    )  # one thing, one way to write it
    if not numbered or not work.rows(_SUBJECTS[subject], (subject_no,)):
        raise NotFound(f"there is no such {subject.replace('_', ' ')}", place="subject_no", subject=subject,
                       subject_no=subject_no[:20])  # fmt: skip


def same_document(work: Work, subject: str, subject_no: str, content: bytes) -> int | None:
    """The document of the same thing with the same bytes, unless it was withdrawn."""
    rows = work.rows(_SAME, (subject, subject_no, content))
    return rows[0][0] if rows else None


def keep_content(work: Work, content: bytes, *, media_type: str) -> None:
    """The bytes lie here once, whoever sends them and however often."""
    work.cursor.execute(_KEEP, {"content": content, "command_id": work.command_id, "media_type": media_type})


def add_document(work: Work, *, subject: str, subject_no: str, title: str, name: str, sha256: bytes) -> int:
    document_id = work.new_ids(1)[0]
    work.add([DocumentRow(document_id, work.command_id, subject, subject_no, title, name, sha256)])
    return document_id


def withdraw(work: Work, document_ids: Sequence[int], *, reason: str) -> None:
    """All of the list, or none. Refuses `not_found`, `document_withdrawn`, and one that stands twice."""
    withdrawn = dict(work.rows(_KNOWN, (list(document_ids),)))
    for number, document_id in enumerate(document_ids):
        with refused_at(f"documents/{number}", document_id=document_id):
            if document_id not in withdrawn:
                raise NotFound("there is no such document")
            if withdrawn[document_id] is not None:
                raise DocumentWithdrawn("this document was withdrawn")
            if document_ids.index(document_id) != number:
                raise InvalidInput("this document stands twice in the list", value=document_id)
    work.add(WithdrawalRow(document_id, work.command_id, reason) for document_id in document_ids)
