"""What a head or trailer declares must be what its rows add up to."""

from __future__ import annotations

from collections.abc import Mapping

from services.bank_gateway.domain.bank_file import FileRefusal
from services.bank_gateway.domain.record import Line

_REASONS = {
    "count": "count_differs",
    "amount_fen": "amount_differs",
    "succeeded_count": "success_count_differs",
    "succeeded_fen": "success_amount_differs",
}


def refuse_wrong_totals(declared: Line, *, rows: Mapping[str, int], file: str) -> None:
    """``rows`` holds what the rows add up to, under the meanings of the declared fields (amounts in fen)."""
    for means, reason in _REASONS.items():
        if means in declared.record.meanings and declared.value(means) != rows[means]:
            field = declared.record.field_of(means)
            raise FileRefusal(
                reason,
                file=file,
                line=declared.line,
                field=field.name,
                value=declared.text(means),
                expected=field.kind.written(rows[means]),
            )
