"""A row of the ledger written back: the same words whatever the file looked like."""

from __future__ import annotations

import hashlib
from typing import Any

from services.accounts.domain.ledger_cells import ID_TYPES, LOW_INCOME_WORDS, STATES
from services.accounts.domain.ledger_row import LedgerRow
from services.accounts.domain.price_class import PRICE_CLASSES
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label

_ID_TYPE_WORDS = {code: word for word, code in ID_TYPES.items()}
_STATE_WORDS = {code: word for word, code in STATES.items()}
_LOW_INCOME = {meaning: word for word, meaning in LOW_INCOME_WORDS.items()}


def fingerprint(row: LedgerRow) -> bytes:
    """SHA-256 of what a row says; neither its place in the file nor the format of the file is part of it."""
    text = "\x1f".join(written(row)).replace("\r\n", "\n")
    return hashlib.sha256(text.encode()).digest()


def written(row: LedgerRow) -> tuple[str, ...]:
    """The cells of a row in the order of ``HEADINGS``, as a clean ledger holds them."""
    return (
        row.account_no,
        row.name,
        _ID_TYPE_WORDS[row.id_type],
        row.id_no,
        _cell(row.phone),
        row.compound,
        row.building,
        row.unit,
        row.room,
        str(row.floor),
        str(row.building_area),
        _cell(row.inner_area),
        _cell(row.usable_area),
        _cell(row.storey_height),
        PRICE_CLASSES[row.price_class],
        _STATE_WORDS[row.state],
        _cell(row.heat_station),
        _cell(row.connected_on),
        _cell(row.warranty_until),
        "" if row.suspended_from is None else season_label(row.suspended_from),
        _cell(row.bank),
        _cell(row.bank_account),
        _cell(row.account_holder),
        _LOW_INCOME[row.low_income],
        _cell(row.employer),
        format_yuan(row.arrears_fen),
        _seasons(row.arrears_seasons),
        format_yuan(row.prepayment_fen),
        _cell(row.remark),
    )


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _seasons(parts: tuple[tuple[int, int], ...]) -> str:
    if len(parts) == 1:
        return season_label(parts[0][0])
    return ";".join(f"{season_label(season)}:{format_yuan(amount_fen)}" for season, amount_fen in parts)
