"""The clients' own books, read together: what was tried, what was answered, and how repeats were answered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REFUSED, DIFFERS = "REFUSED-", "DIFFERS-"


@dataclass(slots=True)
class Books:
    """``tried`` and ``acked``: key → body, key → the first answer."""

    tried: dict[str, str] = field(default_factory=dict)
    acked: dict[str, str] = field(default_factory=dict)
    repeats: int = 0
    differing: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def asked(self, member: str) -> Iterator[tuple[str, list[Any]]]:
        """Keys and items of what was asked under this member: ``payments``, ``reversals``."""
        for key, body in self.tried.items():
            content = json.loads(body)
            if member in content:
                yield key, content[member]


def read_books(folder: Path) -> Books:
    books = Books()
    for path in sorted(folder.glob("*.tried")):
        books.tried.update(_lines(path))
    for path in sorted(folder.glob("*.acked")):
        for key, answer in _lines(path):
            if key.startswith(REFUSED):
                books.refused.append(f"{key.removeprefix(REFUSED)} {answer}")
            elif key.startswith(DIFFERS):
                books.differing.append(key.removeprefix(DIFFERS))
            else:
                books.acked[key] = answer
    books.repeats = sum(path.read_text().count("\n") for path in folder.glob("*.again"))
    return books


def count_acked(folder: Path) -> int:
    """How much was answered so far, while the clients go on."""
    return sum(path.read_bytes().count(b"\n") for path in folder.glob("*.acked"))


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """Whole lines; one that a kill cut never left the client."""
    for line in path.read_text().split("\n")[:-1]:
        key, _, rest = line.partition(" ")
        yield key, rest
