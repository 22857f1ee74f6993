"""Judging a result: the file by itself while it streams, then row by row against what was sent.

Two forms, the same rules. In memory ``judge_result`` compares with a ``SentBook``. With a database, stage the
rows of a ``ResultReader`` and let sets find the rows that ``sent_book`` has the words for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any, BinaryIO, cast

from services.bank_gateway.domain.bank_file import FileRefusal, ItemResult, SentBatch, Totals, Verdict
from services.bank_gateway.domain.bank_format import BankFormat
from services.bank_gateway.domain.declared_totals import refuse_wrong_totals
from services.bank_gateway.domain.file_shape import FileIdentity
from services.bank_gateway.domain.record import Line, Rows
from services.bank_gateway.domain.send_file import refuse_other_day
from services.bank_gateway.domain.sent_book import SentBook


@dataclass(frozen=True, slots=True)
class ResultRows:
    """Consecutive rows of a result with what they mean; lists run parallel."""

    rows: Rows
    keys: list[str]
    codes: list[str]
    amounts_fen: list[int]
    verdicts: list[Verdict]

    def items(self) -> Iterator[ItemResult]:
        for key, verdict, code, amount_fen in zip(self.keys, self.verdicts, self.codes, self.amounts_fen, strict=True):
            collected_fen = amount_fen if verdict.outcome == "succeeded" else 0
            yield ItemResult(key, verdict.outcome, verdict.reason, code, collected_fen)

    def staged(self, echoes: Sequence[str]) -> Iterator[tuple[Any, ...]]:
        """Rows for a staging table: line, key, outcome, reason, the bank's code, the echoes as values."""
        outcomes = [verdict.outcome for verdict in self.verdicts]
        reasons = [verdict.reason for verdict in self.verdicts]
        columns = [self.keys, outcomes, reasons, self.codes, *map(self.rows.values, echoes)]
        return zip(count(self.rows.first_line), *columns, strict=False)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A result that is sound as a whole."""

    identity: FileIdentity
    totals: Totals


class ResultReader:
    """A result as rows with verdicts, judged while they pass: bytes, form, dates, codes, at last the totals.

    Each iteration reads from the beginning. Only at its end is the file known to be sound by itself, and
    ``totals`` complete.
    """

    def __init__(self, *, identity: FileIdentity, content: BinaryIO, bank_format: BankFormat) -> None:
        self.totals = Totals()
        self._identity, self._content, self._format = identity, content, bank_format

    def __iter__(self) -> Iterator[ResultRows]:
        self._content.seek(0)
        self.totals, declared = Totals(), list[Line]()
        layout, file = self._format.layout, self._identity.file
        for part in layout.read(self._content, shape=self._format.answer, file=file):
            if isinstance(part, Line):
                declared.append(part)
                continue
            refuse_other_day(part, identity=self._identity)
            judged = self._judged(part)
            self.totals.add(judged.verdicts, judged.amounts_fen)
            yield judged
        for line in declared:
            refuse_wrong_totals(line, rows=self._sums(), file=file)

    def _judged(self, rows: Rows) -> ResultRows:
        results = [rows.columns[place] for place in self._format.result_columns]
        verdicts = classified(results, rows=rows, bank_format=self._format, file=self._identity.file)
        return ResultRows(rows, rows.texts("key"), results[-1], rows.values("amount_fen"), verdicts)

    def _sums(self) -> dict[str, int]:
        totals = self.totals
        return {
            "count": totals.count("succeeded", "failed", "unknown"),
            "amount_fen": totals.amount_fen("succeeded", "failed", "unknown"),
            "succeeded_count": totals.count("succeeded"),
            "succeeded_fen": totals.amount_fen("succeeded"),
        }


def classified(results: list[list[str]], *, rows: Rows, bank_format: BankFormat, file: str) -> list[Verdict]:
    """The verdict of each row, ``results`` being its result columns; refuses a result that is not agreed."""
    verdicts = list(map(bank_format.verdicts.get, zip(*results, strict=True)))
    if None not in verdicts:
        return cast(list[Verdict], verdicts)
    offset = verdicts.index(None)
    field, text, reason = bank_format.unlisted(tuple(column[offset] for column in results))
    raise FileRefusal(reason, file=file, line=rows.first_line + offset, field=field.name, value=text)


def refuse_batch(batch: SentBatch | None, *, identity: FileIdentity) -> SentBatch:
    """The open batch that a result names; ``batch`` is what was found under that name, or ``None``."""
    if batch is None or (batch.sent_on, batch.batch_no) != (identity.sent_on, identity.batch_no):
        raise FileRefusal("batch_unknown", file=identity.file, value=f"{identity.sent_on} {identity.batch_no}")
    if batch.state != "sent":
        reason = "batch_cancelled" if batch.state == "cancelled" else "batch_closed"
        raise FileRefusal(reason, file=identity.file, value=batch.batch_no)
    return batch


def judge_result(
    *,
    name: str,
    content: BinaryIO,
    batch: SentBatch | None,
    sent: Iterable[Rows],
    bank_format: BankFormat,
    decided: Mapping[str, Verdict] | None = None,
    stage: Callable[[ResultRows], object] | None = None,
) -> Accepted:
    """Judge a whole result in memory: name, batch, bytes, form, totals, then rows against what was sent.

    ``sent`` are the rows of the batch (a ``SendReader``, or ``item_rows``). ``decided`` are verdicts of
    earlier results of the batch. ``stage`` sees rows before the last is compared: what it keeps counts only
    when this function returns.
    """
    identity = bank_format.answer.identify(name, parameters=batch.parameters if batch else {})
    refuse_batch(batch, identity=identity)
    reader = ResultReader(identity=identity, content=content, bank_format=bank_format)
    for _ in reader:
        pass  # first the file by itself: where its own totals are wrong, no row is worth comparing
    book = SentBook(sent, bank_format=bank_format)
    for rows in reader:
        book.tick_off(rows.rows, file=name)
        if decided:
            refuse_contradiction(rows, decided=decided, file=name)
        if stage is not None:
            stage(rows)
    book.refuse_missing(file=name)
    return Accepted(identity, reader.totals)


def refuse_contradiction(rows: ResultRows, *, decided: Mapping[str, Verdict], file: str) -> None:
    """An item that is decided keeps its result; one that stayed unknown may be told now."""
    for offset, (key, verdict) in enumerate(zip(rows.keys, rows.verdicts, strict=True)):
        before = decided.get(key)
        if before is not None and before.outcome != "unknown" and before != verdict:
            raise FileRefusal(
                "item_contradicts",
                file=file,
                line=rows.rows.first_line + offset,
                field=rows.rows.record.field_of("key").name,
                value=verdict.reason,
                expected=before.reason,
            )
