"""What is written down of every file that came or went."""

from __future__ import annotations

from typing import Any, NamedTuple

from psycopg.types.json import Jsonb

from services.bank_gateway.domain.bank_file import FileRefusal
from services.bank_gateway.storage.rows import FileRow
from shared.chassis.unit_of_work import Work


class StoredFile(NamedTuple):
    file_id: int
    name: str
    sha256: bytes
    size: int


def read_file(work: Work, file_id: int) -> StoredFile:
    row = work.rows("SELECT file_id, name, sha256, bytes FROM files WHERE file_id = %s", (file_id,))[0]
    return StoredFile(row[0], row[1], bytes(row[2]), row[3])


def refuse_accepted(work: Work, *, sha256: bytes, name: str) -> None:
    """Refuse bytes that were accepted before, under whatever name (`duplicate_file`)."""
    if work.rows("SELECT 1 FROM files WHERE sha256 = %s AND outcome = 'accepted' AND kind <> 'bank_day'", (sha256,)):
        raise FileRefusal("duplicate_file", file=name[:120], value=sha256.hex())


def add_file(work: Work, *, sha256: bytes, name: str, size: int, kind: str, outcome: str, bank: str | None = None,
             batch_no: int | None = None, refusal: dict[str, Any] | None = None) -> int:  # fmt: skip
    """Write a file down; its number."""
    file_id = work.new_ids(1)[0]
    direction = "out" if outcome == "written" else "in"
    told = None if refusal is None else Jsonb(refusal)
    work.add([FileRow(file_id, work.command_id, sha256, name, size, direction, kind, outcome, bank, batch_no, told)])
    return file_id
