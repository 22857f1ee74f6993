"""Judge a send file and its results as an import would, posting nothing."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from io import BufferedReader
from pathlib import Path
from typing import Any

from services.bank_gateway.domain.bank_file import FileRefusal, SentBatch, Verdict
from services.bank_gateway.domain.bank_format import BankFormat
from services.bank_gateway.domain.result_file import ResultReader, judge_result
from services.bank_gateway.domain.send_file import SendReader, judge_send
from shared.kernel.errors import InvalidInput


def check_files(
    *, bank_format: BankFormat, parameters: Mapping[str, str], send_path: Path, result_paths: Sequence[Path]
) -> dict[str, Any]:
    """The verdict on each result, in the order given, each knowing those before it.

    ``parameters`` (who we are to the bank) may be left empty: then the name of the send file tells. A send
    file that is refused stands alone in the list, because without it no result can be judged. Shape::

        {"results": [
            {"file": "…_P.txt", "outcome": "accepted", "totals": {"count": 58, "amount": "121.08", …}},
            {"file": "…_P.txt", "outcome": "refused",
             "refusal": {"level": "row", "line": 2, "field": "amount", "reason": "item_amount_differs", …}}]}

    Paths that are no regular files are refused as input, before anything is read.
    """
    for path in (send_path, *result_paths):
        if not path.is_file():
            raise InvalidInput("not a file that can be read", place="file", value=str(path))
    with send_path.open("rb") as content:
        try:
            sent = SendReader(name=send_path.name, content=content, parameters=parameters, bank_format=bank_format)
            case = _Case(bank_format, sent, judge_send(sent))
        except FileRefusal as refusal:
            return {"results": [_refused(send_path, refusal)]}
        return {"results": [case.told(path) for path in result_paths]}


@dataclass
class _Case:
    """One batch and what has come back so far."""

    bank_format: BankFormat
    sent: SendReader
    batch: SentBatch
    taken: set[bytes] = field(default_factory=set)
    decided: dict[str, Verdict] = field(default_factory=dict)

    def told(self, path: Path) -> dict[str, Any]:
        try:
            with path.open("rb") as content:
                totals = self._judged(path.name, content)
        except FileRefusal as refusal:
            return _refused(path, refusal)
        return {"file": str(path), "outcome": "accepted", "totals": totals}

    def _judged(self, name: str, content: BufferedReader) -> dict[str, object]:
        before = _state(content)
        digest = hashlib.file_digest(content, "sha256").digest()
        if digest in self.taken:
            raise FileRefusal("duplicate_file", file=name, value=digest.hex())
        accepted = judge_result(
            name=name,
            content=content,
            batch=self.batch,
            sent=self.sent,
            bank_format=self.bank_format,
            decided=self.decided,
        )
        if _state(content) != before:
            raise FileRefusal("length_differs", file=name)
        if accepted.totals.count("unknown"):
            reader = ResultReader(identity=accepted.identity, content=content, bank_format=self.bank_format)
            for rows in reader:
                self.decided.update(zip(rows.keys, rows.verdicts, strict=True))
        else:
            self.batch = replace(self.batch, state="closed")
        self.taken.add(digest)
        return accepted.totals.told()


def _state(content: BufferedReader) -> tuple[int, int]:
    """Size and last change of an open file: a transfer may still be writing to it."""
    status = os.fstat(content.fileno())
    return status.st_size, status.st_mtime_ns


def _refused(path: Path, refusal: FileRefusal) -> dict[str, Any]:
    told: dict[str, Any] = {
        "level": refusal.level,
        "line": refusal.line,
        "field": refusal.field,
        "reason": refusal.reason,
    }
    if refusal.value is not None:
        told["value"] = refusal.value
    if refusal.expected is not None:
        told["expected"] = refusal.expected
    if refusal.file != path.name:
        told["in_file"] = refusal.file
    return {"file": str(path), "outcome": "refused", "refusal": told}
