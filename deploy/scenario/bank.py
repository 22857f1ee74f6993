"""The bank of a story: reads a send file in our own layout and answers as the story says."""

from __future__ import annotations

from shared.kernel.money import format_yuan, parse_yuan


def result_file(
    name: str, content: bytes, *, outcomes: dict[str, str], amounts_fen: dict[str, int]
) -> tuple[str, bytes]:
    """The result's name and bytes. ``outcomes`` by account number: ``ok`` or why not; items not named are ``ok``.

    ``amounts_fen``: what the bank took instead of what it was asked for.
    """
    _, *items = content.decode("utf-8").splitlines()
    lines, total_fen = [], 0
    for item in items:
        key, account_no, bank_account, _, amount, _ = item.split("|")
        outcome = outcomes.get(account_no, "ok")
        asked_fen = parse_yuan(amount)
        collected_fen = amounts_fen.get(account_no, asked_fen) if outcome == "ok" else 0
        total_fen += asked_fen
        lines.append(f"{key}|{account_no}|{bank_account}|{amount}|{format_yuan(collected_fen)}|{outcome}")
    lines.append(f"{len(items)}|{format_yuan(total_fen)}")
    return name.replace("_S.txt", "_R.txt"), "\n".join(lines).encode("utf-8") + b"\n"
