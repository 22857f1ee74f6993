"""A client under faults: asks over HTTP like a till or a clerk, and keeps its own book outside of the system.

Only the standard library, so that it starts fast: ``python writer.py KIND FOLDER NAME URL TOKEN SEED ACCOUNT_COUNT``.
``tried`` is written before a request leaves, ``acked`` after its answer came, both one line an entry and flushed to
disk; ``again`` names each repeat that was answered with the same bytes. It is killed at any moment: whoever starts
next under its name asks again for what is unanswered, with the same key.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

REPEATS = 0.05
"""So many of the requests repeat one that was answered."""
BURSTS = 0.01
"""So many of the new requests are sent by several at once, with one key."""
AT_ONCE = 8
REVERSALS = 0.04
MEASURED = 0.3
"""So much of the paperwork is about areas that were measured again: bills that are paid meanwhile change."""
CHANNELS = ("pos", "wechat", "alipay", "transfer")
SEASONS = ("2024-2025", "2025-2026")
REMEMBERED_BYTES = 500_000
"""Of a long book so much is read again: only its last entry can be unanswered."""


class Book:
    """What a client tried and what was answered, surviving its own death."""

    def __init__(self, folder: Path, name: str) -> None:
        paths = [folder / f"{name}.{kind}" for kind in ("tried", "acked", "again")]
        for path in paths:
            _cut_unfinished(path)
        self.tried, self.acked = dict(_tail(paths[0])), dict(_tail(paths[1]))
        self._tried, self._acked, self._again = paths

    def unanswered(self) -> list[str]:
        answered = {key.rpartition("-")[2] for key in self.acked}
        return [key for key in list(self.tried)[-1:] if key not in answered]

    def try_(self, key: str, body: str) -> None:
        _note(self._tried, f"{key} {body}")
        self.tried[key] = body

    def answered(self, key: str, status: int, answer: str) -> None:
        """Write down what came: the first answer, the same once more, another one, or a refusal."""
        if status != 201:
            self._ack(f"REFUSED-{key}", f"{status} {answer}")
        elif key not in self.acked:
            self._ack(key, answer)
        elif self.acked[key] == answer:
            _note(self._again, key)
        else:
            self._ack(f"DIFFERS-{key}", answer)

    def _ack(self, key: str, answer: str) -> None:
        _note(self._acked, f"{key} {answer}")
        self.acked[key] = answer


def _note(path: Path, line: str) -> None:
    """One more line, on disk before anything else happens."""
    with path.open("ab") as file:
        file.write(f"{line}\n".encode())
        file.flush()
        os.fsync(file.fileno())


def _cut_unfinished(path: Path) -> None:
    """A line without an end was cut by a kill before its request left."""
    if path.exists() and path.stat().st_size:
        with path.open("rb+") as file:
            content = file.read()[-100_000:]
            file.truncate(file.tell() - len(content) + content.rfind(b"\n") + 1)


def _tail(path: Path) -> list[tuple[str, str]]:
    if not path.exists():
        return []
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - REMEMBERED_BYTES))
        begun = file.tell()
        lines = file.read().decode(errors="replace").split("\n")[:-1]
    return [(key, rest) for key, _, rest in (line.partition(" ") for line in lines[1 if begun else 0 :])]


def payment(book: Book, chance: random.Random, accounts: int) -> str:
    """Money for one home or for some in one visit, or taking a payment back."""
    if book.acked and chance.random() < REVERSALS:
        key = chance.choice(list(book.acked))
        for taken in json.loads(book.acked[key]).get("payments", []) if "-" not in key else []:
            if not any(f'"payment_id": {taken["payment_id"]},' in body for body in book.tried.values()):
                back = {"payment_id": taken["payment_id"], "reason": "proof", "at": "hall"}
                return json.dumps({"reversals": [back]})
    return json.dumps({"payments": [
        {"account_no": f"99{chance.randrange(1, accounts + 1):08d}", "channel": chance.choice(CHANNELS),
         "amount": f"{chance.randrange(1, 40)}.{chance.randrange(100):02d}"}
        for _ in range(chance.choice((1, 1, 1, 1, 1, 1, 2, 3)))
    ]})  # fmt: skip


def paperwork(book: Book, chance: random.Random, accounts: int) -> str:
    """New homes, each batch billed for a season right after it was opened; and areas of homes that pay meanwhile."""
    bodies = (json.loads(body) for body in reversed(book.tried.values()))
    last: dict[str, Any] = next((body for body in bodies if "areas" not in body), {})
    if chance.random() < MEASURED:
        homes = chance.sample(range(1, accounts + 1), min(accounts, chance.randrange(1, 6)))
        return json.dumps({"reason": "proof", "areas": [
            {"account_no": f"99{home:08d}", "building_area": f"{chance.randrange(30, 200)}.{chance.randrange(100):02d}"}
            for home in homes
        ]})  # fmt: skip
    if "season" not in last and "accounts" in last:
        opened = [home["account_no"] for home in last["accounts"]]
        return json.dumps({"season": chance.choice(SEASONS), "accounts": opened})
    first = int(last["accounts"][-1]) + 1 if last else 98 * 10**8
    return json.dumps({"accounts": [
        {"account_no": str(number), "name": "proof", "compound": "new", "building": "1", "room": str(number),
         "building_area": f"{chance.randrange(30, 200)}.{chance.randrange(100):02d}"}
        for number in range(first, first + chance.randrange(1, 6))
    ]})  # fmt: skip


KINDS: dict[str, Callable[[Book, random.Random, int], str]] = {"till": payment, "clerk": paperwork}


def path_of(body: str) -> str:
    """Which of the routes a body of these is for."""
    members = json.loads(body)
    if "payments" in members:
        return "/payments"
    if "reversals" in members:
        return "/payments/reversals"
    if "areas" in members:
        return "/accounts/areas"
    return "/billing-runs" if "season" in members else "/accounts"


def main() -> None:
    kind, folder, name, url, token_path, seed, accounts = sys.argv[1:8]
    chance = random.Random(f"{seed}-{name}-{os.getpid()}")
    book = Book(Path(folder), name)
    for key in book.unanswered():
        book.answered(key, *ask(url, token_path, key, book.tried[key]))
    with ThreadPoolExecutor(AT_ONCE) as together:
        while True:
            repeatable = [key for key in book.acked if key in book.tried] if chance.random() < REPEATS else []
            if repeatable:
                key = chance.choice(repeatable)
            else:
                key = uuid.UUID(int=chance.getrandbits(128)).hex
                book.try_(key, KINDS[kind](book, chance, int(accounts)))
            body, askers = book.tried[key], AT_ONCE if chance.random() < BURSTS else 1
            asked = [together.submit(ask, url, token_path, key, body) for _ in range(askers)]
            for answer in asked:
                book.answered(key, *answer.result())


def ask(url: str, token_path: str, key: str, body: str) -> tuple[int, str]:
    """Until it is answered for good: what is unknown is asked again with the same key."""
    while True:
        try:
            status, answer = post(url, token_path, key, body)
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
            continue
        if status < 500 and json.loads(answer).get("code") != "busy":
            return status, answer
        time.sleep(0.05)


def post(url: str, token_path: str, key: str, body: str) -> tuple[int, str]:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=15)
    try:
        connection.request("POST", path_of(body), body, {
            "Authorization": f"Bearer {Path(token_path).read_text()}", "Content-Type": "application/json",
            "Idempotency-Key": key,
        })  # fmt: skip
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


if __name__ == "__main__":
    main()
