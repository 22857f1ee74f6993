"""What a bank took, row by row: all that was asked, or what its layout says it took instead."""

from __future__ import annotations

from collections.abc import Sequence

from services.bank_gateway.domain.bank_file import FileRefusal
from services.bank_gateway.domain.result_file import ResultRows
from shared.kernel.money import format_yuan

COLLECTED = "collected_fen"


def collected_fen(judged: ResultRows, *, file: str) -> list[int]:
    """Whole fen for each row, 0 where nothing was taken for certain.

    Refuses a success without money and a failure with money: one of the two is wrong, and nobody can say which.
    """
    outcomes = [verdict.outcome for verdict in judged.verdicts]
    if COLLECTED not in judged.rows.record.meanings:
        told = judged.amounts_fen
        if 0 in told:
            _refuse_contradiction(judged, told, outcomes, file=file)
        return _of_successes(told, outcomes)
    told = judged.rows.values(COLLECTED)
    _refuse_contradiction(judged, told, outcomes, file=file)
    return _of_successes(told, outcomes)


def _of_successes(told: list[int], outcomes: Sequence[str]) -> list[int]:
    if outcomes.count("succeeded") == len(outcomes):
        return told
    return [fen if outcome == "succeeded" else 0 for fen, outcome in zip(told, outcomes, strict=True)]


def _refuse_contradiction(judged: ResultRows, told: list[int], outcomes: Sequence[str], *, file: str) -> None:
    carries = COLLECTED in judged.rows.record.meanings
    for offset, (fen, outcome) in enumerate(zip(told, outcomes, strict=True)):
        if (outcome == "succeeded" and fen == 0) or (carries and outcome == "failed" and fen != 0):
            field = judged.rows.record.field_of(COLLECTED if carries else "amount_fen")
            raise FileRefusal(
                "result_contradicts", file=file, line=judged.rows.first_line + offset, field=field.name,
                value=format_yuan(fen), expected="an amount" if outcome == "succeeded" else format_yuan(0),
            )  # fmt: skip
