"""A writer: pays over HTTP like a till, and keeps its own book outside of the system. Killed at any moment.

Only the standard library, so that it starts fast: ``python writer.py FOLDER NAME URL TOKEN SEED ACCOUNT_COUNT``.
``tried`` is written before a request leaves, ``acked`` after its answer came: both one line an entry.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import sys
import time
import uuid
from pathlib import Path
from urllib.parse import urlsplit

REPEATS = 0.05


class Book:
    """What this writer tried and what was answered, surviving its own death."""

    def __init__(self, folder: Path, name: str) -> None:
        self._tried_path, self._acked_path = folder / f"{name}.tried", folder / f"{name}.acked"
        self.tried = dict(self._lines(self._tried_path))
        self.acked = dict(self._lines(self._acked_path))
        self._tried = self._tried_path.open("a")
        self._acked = self._acked_path.open("a")

    @staticmethod
    def _lines(path: Path) -> list[tuple[str, str]]:
        if not path.exists():
            return []
        lines = path.read_text().split("\n")[:-1]  # a line cut by a kill has no end and was not sent
        return [(key, rest) for key, _, rest in (line.partition(" ") for line in lines)]

    def try_(self, key: str, body: str) -> None:
        self._note(self._tried, key, body)
        self.tried[key] = body

    def ack(self, key: str, answer: str) -> None:
        self._note(self._acked, key, answer)
        self.acked[key] = answer

    @staticmethod
    def _note(file: object, key: str, rest: str) -> None:
        file.write(f"{key} {rest}\n")  # type: ignore[attr-defined]
        file.flush()  # type: ignore[attr-defined]
        os.fsync(file.fileno())  # type: ignore[attr-defined]


def main() -> None:
    folder, name, url, token_path, seed, accounts = sys.argv[1:7]
    chance = random.Random(f"{seed}-{os.getpid()}")
    book = Book(Path(folder), name)
    for key in [key for key in book.tried if key not in book.acked]:
        send(book, url, token_path, key, book.tried[key])
    while True:
        if book.acked and chance.random() < REPEATS:
            key = chance.choice(list(book.acked))
        else:
            key = uuid.UUID(int=chance.getrandbits(128)).hex
            account = f"99{chance.randrange(1, int(accounts) + 1):08d}"
            amount = f"{chance.randrange(1, 10)}.{chance.randrange(100):02d}"
            book.try_(key, json.dumps({"payments": [{"account_no": account, "amount": amount, "channel": "pos"}]}))
        send(book, url, token_path, key, book.tried[key])


def send(book: Book, url: str, token_path: str, key: str, body: str) -> None:
    """Until it is answered for good: what is unknown is asked again with the same key."""
    while True:
        try:
            status, answer = post(url, token_path, key, body)
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
            continue
        if status == 201:
            if key in book.acked and book.acked[key] != answer:
                book.ack(f"DIFFERS-{key}", answer)
            elif key not in book.acked:
                book.ack(key, answer)
            return
        if status < 500 and status != 409:
            book.ack(f"REFUSED-{key}", f"{status} {answer}")
            return
        time.sleep(0.05)


def post(url: str, token_path: str, key: str, body: str) -> tuple[int, str]:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=15)
    try:
        connection.request("POST", "/payments", body, {
            "Authorization": f"Bearer {Path(token_path).read_text()}", "Content-Type": "application/json",
            "Idempotency-Key": key,
        })  # fmt: skip
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


if __name__ == "__main__":
    main()
