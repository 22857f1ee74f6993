"""A file is kept with what it proves: a certificate, a signed form, the photo of a seal."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from services.accounts.domain.document import cleaned_name, recognised
from services.accounts.storage.documents import add_document, assert_subject, keep_content, same_document
from shared.chassis.unit_of_work import Work


@dataclass(frozen=True, slots=True)
class AttachDocument:
    """``name`` is the file's as it was sent; ``bytes_max`` the limit of this installation."""

    subject: str
    subject_no: str
    title: str
    name: str
    content: bytes
    bytes_max: int


def attach_document(command: AttachDocument, work: Work) -> dict[str, Any]:
    """Keep it; the same file once more for the same thing is the document that is there.

    Refuses `document_empty`, `document_too_large`, `document_type_refused`, `document_name_lies`, `not_found`.
    """
    media_type = recognised(command.content, bytes_max=command.bytes_max)
    name = cleaned_name(command.name, media_type)
    assert_subject(work, command.subject, command.subject_no)
    sha256 = hashlib.sha256(command.content)
    document_id = same_document(work, command.subject, command.subject_no, command.content)
    already = document_id is not None
    if document_id is None:
        keep_content(work, command.content, media_type=media_type.name)
        document_id = add_document(work, subject=command.subject, subject_no=command.subject_no, title=command.title,
                                   name=name, sha256=sha256.digest())  # fmt: skip
    return {"document_id": document_id, "name": name, "media_type": media_type.name, "bytes": len(command.content),
            "sha256": sha256.hexdigest(), "already": already}  # fmt: skip
