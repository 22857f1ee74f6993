"""What bank files are about: items sent, the bank's word on each, totals, and why a file is not taken.

Every layout speaks these words. Amounts are whole fen; dates are the business date of the batch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Literal, NamedTuple

from shared.kernel.errors import Refusal
from shared.kernel.money import format_yuan

Level = Literal["file", "batch", "row"]
Outcome = Literal["succeeded", "failed", "unknown"]
BatchState = Literal["sent", "cancelled", "closed"]

CLASSES = (
    "ok", "insufficient", "account_invalid", "name_mismatch", "account_blocked", "no_mandate",
    "limit", "duplicate", "closed", "technical", "other", "unknown",
)  # fmt: skip
"""What a bank's own code comes down to. ``unknown`` is not a failure: nobody can say whether money moved."""

REASONS: Mapping[str, tuple[Level, str]] = {
    "empty_file": ("file", "the file has no bytes"),
    "truncated": ("file", "the file stops in the middle of a line"),
    "trailer_missing": ("file", "the last line, which holds the totals, is missing"),
    "trailer_repeated": ("file", "the line with the totals stands there twice"),
    "rows_after_trailer": ("file", "rows follow the line with the totals"),
    "trailing_bytes": ("file", "something stands after the last line"),
    "encoding": ("file", "the text is not in the agreed encoding"),
    "byte_order_mark": ("file", "the file begins with a byte-order mark"),
    "not_this_format": ("file", "this is not a file of the agreed layout"),
    "name_pattern": ("file", "the name is not formed as agreed"),
    "length_differs": ("file", "the file changed while it was read"),
    "duplicate_file": ("file", "these bytes were taken before"),
    "batch_unknown": ("batch", "no such batch was sent"),
    "batch_cancelled": ("batch", "the batch was cancelled"),
    "batch_closed": ("batch", "the results of this batch are complete"),
    "wrong_party": ("batch", "the file belongs to another party"),
    "head_differs": ("batch", "the first line does not agree with the name"),
    "count_differs": ("batch", "the declared count is not the number of rows"),
    "amount_differs": ("batch", "the declared amount is not the sum of the rows"),
    "success_count_differs": ("batch", "the declared number of successes is not that of the rows"),
    "success_amount_differs": ("batch", "the declared amount of the successes is not their sum"),
    "date_differs": ("row", "the date is not that of the batch"),
    "line_length": ("row", "the line is longer than any record can be"),
    "field_count": ("row", "the line has too few or too many fields"),
    "field_format": ("row", "the field does not have the agreed form"),
    "result_code_unknown": ("row", "the agreement does not list this result"),
    "result_contradicts": ("row", "the parts of the result contradict each other"),
    "item_unknown": ("row", "this item was not sent"),
    "item_missing": ("row", "this item was sent and is not listed"),
    "item_repeated": ("row", "this item is listed twice"),
    "item_contradicts": ("row", "an earlier file gave another result for this item"),
    "item_amount_differs": ("row", "the amount is not the one that was sent"),
    "item_account_differs": ("row", "the account is not the one that was sent"),
    "item_name_differs": ("row", "the name is not the one that was sent"),
    "item_field_differs": ("row", "the field does not come back as it was sent"),
}
"""Why a file is not taken: where such a fault usually lies, and what it means."""

_SHOWN_CHARACTERS = 120


class FileRefusal(Refusal):
    """A bank file that is not taken, as a whole. ``code`` is the reason itself, one of ``REASONS``.

    ``line`` counts physical lines from 1, ``column`` characters from 1; ``field`` is the field's name in the
    bank's page. What is not known is ``None``.
    """

    code = "bank_file_refused"
    remedy: ClassVar[str] = "Nothing was taken. Compare the place that is named with the bank and bring a sound file."

    def __init__(
        self,
        reason: str,
        *,
        file: str,
        level: Level | None = None,
        line: int | None = None,
        column: int | None = None,
        field: str | None = None,
        value: str | None = None,
        expected: str | None = None,
    ) -> None:
        usual_level, sentence = REASONS[reason]
        self.__dict__["code"] = reason  # the answer to a caller carries the reason as its stable code
        self.reason, self.file, self.level, self.line = reason, file, level or usual_level, line
        self.column, self.field, self.value, self.expected = column, field, _shown(value), _shown(expected)
        super().__init__(self._told(sentence), reason=reason, **{k: v for k, v in self._place() if v is not None})

    def _place(self) -> list[tuple[str, str | int | None]]:
        names = ("level", "file", "line", "column", "field", "value", "expected")
        return [(name, getattr(self, name)) for name in names]

    def _told(self, sentence: str) -> str:
        place = [self.file, self.line and f"line {self.line}", self.field and f"field {self.field}"]
        found = [
            self.value is not None and f"found {self.value!r}",
            self.expected is not None and f"expected {self.expected!r}",
        ]
        told = f"{', '.join(part for part in place if part)}: {sentence}"
        return "; ".join([told, *(part for part in found if part)])


def _shown(value: str | None) -> str | None:
    return value if value is None or len(value) <= _SHOWN_CHARACTERS else value[:_SHOWN_CHARACTERS] + "…"


@dataclass(frozen=True, slots=True)
class SentItem:
    """One debit as the bank is asked for it. ``key`` comes back in the result; ``account_no`` is our 户号."""

    key: str
    account_no: str
    bank_account: str
    holder: str
    amount_fen: int
    item_no: int = 0  # our own number of the item; 0 where only the file is known
    bank_code: str = ""
    card_flag: str = ""
    id_type: str = ""
    id_no: str = ""
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class SentBatch:
    """A batch as the head of its send file tells it. ``batch_no`` is the text there, zeros and all."""

    parameters: Mapping[str, str]  # who we are to this bank: {"merchant": "…"}
    sent_on: date
    batch_no: str
    count: int
    amount_fen: int
    state: BatchState = "sent"


class Verdict(NamedTuple):
    """What a bank's result means: ``reason`` is one of ``CLASSES``."""

    outcome: Outcome
    reason: str


@dataclass(frozen=True, slots=True)
class ItemResult:
    """The bank's word on one item. ``collected_fen`` is 0 unless it succeeded; ``code`` is the bank's own."""

    key: str
    outcome: Outcome
    reason: str
    code: str
    collected_fen: int


@dataclass(slots=True)
class Totals:
    """Counts and fen by verdict, filled while the rows pass."""

    counts: Counter[Verdict] = field(default_factory=Counter)
    amounts_fen: Counter[Verdict] = field(default_factory=Counter)

    def add(self, verdicts: list[Verdict], amounts_fen: list[int]) -> None:
        """Row by row: ``verdicts[i]`` is about ``amounts_fen[i]``; at least one row."""
        usual = verdicts[0]  # most rows share one verdict: only the others are looked at singly
        others = [place for place, verdict in enumerate(verdicts) if verdict is not usual]
        self.counts[usual] += len(verdicts) - len(others)
        self.amounts_fen[usual] += sum(amounts_fen)
        for place in others:
            verdict, amount_fen = verdicts[place], amounts_fen[place]
            self.counts[verdict] += 1
            self.amounts_fen[verdict] += amount_fen
            self.amounts_fen[usual] -= amount_fen

    def count(self, *outcomes: Outcome) -> int:
        return sum(n for verdict, n in self.counts.items() if verdict.outcome in outcomes)

    def amount_fen(self, *outcomes: Outcome) -> int:
        return sum(fen for verdict, fen in self.amounts_fen.items() if verdict.outcome in outcomes)

    def told(self) -> dict[str, object]:
        """For people and programs, amounts as yuan text. ``count`` and ``amount`` are what is decided; what
        stays open is told as ``pending_…`` when there is any."""
        told: dict[str, object] = {}
        parts: tuple[tuple[str, tuple[Outcome, ...]], ...] = (
            ("", ("succeeded", "failed")), ("succeeded_", ("succeeded",)), ("failed_", ("failed",)),
        )  # fmt: skip
        for prefix, outcomes in parts:
            told[f"{prefix}count"] = self.count(*outcomes)
            told[f"{prefix}amount"] = format_yuan(self.amount_fen(*outcomes))
        by_class: Counter[str] = Counter()
        for verdict, n in self.counts.items():
            if verdict.outcome != "unknown":
                by_class[verdict.reason] += n
        told["by_class"] = dict(sorted(by_class.items()))
        if self.count("unknown"):
            told["pending_count"] = self.count("unknown")
            told["pending_amount"] = format_yuan(self.amount_fen("unknown"))
        return told
