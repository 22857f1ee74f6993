"""The bank of the demonstration: reads a ChinaPay send file and answers it, the same for the same seed."""

from __future__ import annotations

import random

CODES = (("1001", "00", 84), ("1002", "51", 11), ("1002", "14", 2), ("1002", "57", 2), ("1002", "96", 1))


def answer(name: str, content: bytes, *, seed: int) -> tuple[str, bytes]:
    """The result's name and bytes: about five in six items are collected."""
    chance = random.Random(seed)
    _, *items = content.decode("gbk").splitlines()
    lines, total_fen, succeeded, succeeded_fen = [], 0, 0, 0
    for item in items:
        day, order, bank, flag, card, _, _, _, amount, purpose, private = item.split("|")
        status, code, _ = chance.choices(CODES, [weight for _, _, weight in CODES])[0]
        total_fen += int(amount)
        if code == "00":
            succeeded += 1
            succeeded_fen += int(amount)
        lines.append("|".join((bank, day, order, status, code, flag, card, amount, purpose, private)))
    lines.append(f"{len(items)}|{total_fen}|{succeeded}|{succeeded_fen}")
    return name.replace("_Q.txt", "_P.txt"), ("\n".join(lines) + "\n").encode("gbk")
