"""Heating seasons. A season is named by its two years; inside the program it is its first year."""

from __future__ import annotations

import re

from shared.kernel.errors import InvalidInput

_LABEL = re.compile(r"([0-9]{4})-([0-9]{4})", re.ASCII)
_SHORT = re.compile(r"S([0-9]{2})", re.ASCII)


def parse_season(text: str, *, place: str = "season") -> int:
    """``"2025-2026"`` or ``"S25"`` → 2025, the year in which the season begins."""
    if match := _LABEL.fullmatch(text):
        first, last = int(match[1]), int(match[2])
        if last == first + 1 and 1950 <= first <= 2100:
            return first
    elif match := _SHORT.fullmatch(text):
        return 2000 + int(match[1])
    raise InvalidInput("a season is two years that follow each other, as 2025-2026", place=place, value=text)


def season_label(season: int) -> str:
    """2025 → ``"2025-2026"``."""
    return f"{season}-{season + 1}"
