"""What is owed and paid ahead according to a row of the ledger, and how the debt falls to seasons."""

from __future__ import annotations

from services.accounts.domain import ledger_values as values
from services.accounts.domain.ledger_columns import ARREARS, ARREARS_SEASONS, PREPAYMENT, Cells
from services.accounts.domain.ledger_values import Wrong


def arrears_fen(cells: Cells) -> int:
    owed = values.fen(cells[ARREARS], negative="arrears_negative")
    if ":" in cells[ARREARS_SEASONS]:
        parts = values.readable(_parts, cells[ARREARS_SEASONS])
        if parts is not None and sum(amount for _, amount in parts) != owed:
            raise Wrong("arrears_parts_differ")
    return owed


def arrears_seasons(cells: Cells) -> tuple[tuple[int, int], ...]:
    text = cells[ARREARS_SEASONS]
    try:
        owed = arrears_fen(cells)
    except Wrong:
        return _parts(text) if ":" in text else ()
    if not text:
        if owed:
            raise Wrong("arrears_season_missing")
        return ()
    if not owed:
        raise Wrong("season_without_arrears")
    if ":" in text:
        return _parts(text)
    return ((values.season(text, otherwise="arrears_season_unreadable"), owed),)


def prepayment_fen(cells: Cells) -> int:
    return values.fen(cells[PREPAYMENT], negative="prepayment_negative")


def _parts(text: str) -> tuple[tuple[int, int], ...]:
    """``2021-2022:640.00;2022-2023:1820.50`` → ((2021, 64000), (2022, 182050))."""
    parts: list[tuple[int, int]] = []
    for part in text.split(";"):
        label, _, amount = part.partition(":")
        year = values.season(label, otherwise="arrears_season_unreadable")
        amount_fen = values.readable(_part_fen, amount)
        if amount_fen is None or any(year == other for other, _ in parts):
            raise Wrong("arrears_season_unreadable")
        parts.append((year, amount_fen))
    return tuple(parts)


def _part_fen(text: str) -> int:
    return values.fen(text, negative="arrears_negative")
