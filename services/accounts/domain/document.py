"""What a file must be to be kept as a document, and by which name it is kept."""

from __future__ import annotations

import re
from typing import NamedTuple

from shared.kernel.errors import Refusal

SUBJECTS: dict[str, str] = {
    "account": "户 · heat account",
    "connection": "入网申请 · application for a connection",
    "suspension": "报停申请 · application for a suspension",
    "relief": "减免 · relief case",
    "work_order": "工单 · work order",
    "approval": "审批 · request for approval",
}
"""What a document may be attached to."""

NAME_LENGTH_MAX = 120
_HIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_BLANK = " .\t\u3000"
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,8})\Z", re.ASCII)


class DocumentEmpty(Refusal):
    code = "document_empty"
    remedy = "Send the file again; what came holds nothing."


class DocumentTooLarge(Refusal):
    code = "document_too_large"
    status = 413
    remedy = "Scan it smaller, or in parts (the limit is NUAN_DOCUMENT_BYTES_MAX)."


class DocumentTypeRefused(Refusal):
    code = "document_type_refused"
    remedy = "Send a whole PDF, JPEG or PNG; the bytes decide, not the name."


class DocumentNameLies(Refusal):
    code = "document_name_lies"
    remedy = "Give the file the ending of what it is, or send the file that was meant."


class MediaType(NamedTuple):
    """How files of a type begin, what they must hold near their end, and how their names may end (the first is usual)."""

    name: str
    begins: bytes
    ends: bytes
    extensions: tuple[str, ...]


MEDIA_TYPES = (
    MediaType("application/pdf", b"%PDF-", b"%%EOF", ("pdf",)),
    MediaType("image/jpeg", b"\xff\xd8\xff", b"\xff\xd9", ("jpg", "jpeg", "jpe", "jfif")),
    MediaType("image/png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", b"IEND\xaeB`\x82", ("png",)),
)
_END_WITHIN = 4096
"""Scanners and cameras write some bytes behind the end; a file that was cut off has no end there."""


def recognised(content: bytes, *, bytes_max: int) -> MediaType:
    """What the bytes are. Refuses `document_empty`, `document_too_large`, `document_type_refused`."""
    if not content:
        raise DocumentEmpty("the file is empty", place="file")
    if len(content) > bytes_max:
        raise DocumentTooLarge(f"a document has at most {bytes_max} bytes", place="file", bytes=len(content),
                               bytes_max=bytes_max)  # fmt: skip
    for media_type in MEDIA_TYPES:
        if content.startswith(media_type.begins):
            if media_type.ends not in content[-_END_WITHIN:]:
                raise DocumentTypeRefused(f"this {media_type.extensions[0]} has no end: it was cut off", place="file")
            return media_type
    raise DocumentTypeRefused("this is no PDF, JPEG or PNG", place="file")


def cleaned_name(sent: str, media_type: MediaType) -> str:
    """The last part of the name that was sent, without what cannot be seen, with the ending of what the file is.

    Refuses `document_name_lies` where it has the ending of something else.
    """
    last = re.split(r"[/\\]", sent)[-1]
    name = _HIDDEN.sub("", last).strip().rstrip(_BLANK)
    extension = _EXTENSION.search(name)
    if extension is None:
        return _named(name, media_type.extensions[0])
    if extension[1].lower() not in media_type.extensions:
        raise DocumentNameLies(f"this is a {media_type.name}", place="file", name=name[:NAME_LENGTH_MAX],
                               is_a=media_type.name)  # fmt: skip
    return _named(name[: extension.start()], extension[1].lower())


def _named(stem: str, extension: str) -> str:
    plain = stem.strip(_BLANK)[: NAME_LENGTH_MAX - 10].rstrip(_BLANK)
    return f"{plain or 'document'}.{extension}"
