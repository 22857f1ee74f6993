"""Money is whole fen. Yuan with two decimals exist only at the edges, as text."""

from __future__ import annotations

import re

from shared.kernel.errors import InvalidInput

FEN_MAX = 99_999_999_999_99
"""The largest amount that is believed at an edge: one fen under a hundred billion yuan."""

_YUAN = re.compile(r"(-?)(0|[1-9][0-9]{0,14})\.([0-9]{2})", re.ASCII)


def parse_yuan(text: object, *, place: str = "amount", minimum_fen: int = 0) -> int:
    """Yuan as ``"2330.38"`` → fen ``233038``.

    Exactly two decimals, ASCII digits, no separators, no blanks, no exponent, no leading zeros, no ``-0.00``.
    Numbers that are not text (floats, bools, ints) are refused: a float has already lost the fen.
    """
    if not isinstance(text, str):
        raise InvalidInput('an amount is text in yuan with two decimals, as "2330.38"', place=place, value=_shown(text))
    match = _YUAN.fullmatch(text)
    if match is None or text == "-0.00":
        raise InvalidInput('an amount is yuan with two decimals, as "2330.38"', place=place, value=_shown(text))
    sign, yuan, fen = match.groups()
    amount_fen = int(yuan) * 100 + int(fen)
    amount_fen = -amount_fen if sign else amount_fen
    if amount_fen > FEN_MAX or amount_fen < minimum_fen:
        raise InvalidInput(
            f"an amount lies between {format_yuan(minimum_fen)} and {format_yuan(FEN_MAX)}",
            place=place,
            value=_shown(text),
        )
    return amount_fen


def format_yuan(amount_fen: int) -> str:
    """Fen ``-233038`` → ``"-2330.38"``."""
    sign = "-" if amount_fen < 0 else ""
    yuan, fen = divmod(abs(amount_fen), 100)
    return f"{sign}{yuan}.{fen:02d}"


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 40 else text[:40] + "…"
