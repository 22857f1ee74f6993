"""Delimited text read and written from a declaration, in columns, with flat memory.

The whole block is cut at once, so that each row costs a few steps inside the interpreter; only when a block
does not fit, its lines are looked at one by one to name the first fault.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from services.bank_gateway.domain.bank_file import FileRefusal, Level
from services.bank_gateway.domain.file_shape import FileShape
from services.bank_gateway.domain.record import Line, Record, Rows
from services.bank_gateway.domain.text_lines import (
    Block,
    decoded,
    is_chinese_in_utf8,
    is_padding,
    line_blocks,
)


@dataclass(frozen=True)
class Delimited:
    """A text layout: ``encoding`` (strict), the separator of fields, the line end that we write."""

    encoding: str
    separator: str
    line_end: str = "\n"

    def read(self, content: BinaryIO, *, shape: FileShape, file: str) -> Iterator[Line | Rows]:
        """The head as a line, then rows, then the trailer as a line, as the shape has them."""
        head_due = shape.head is not None
        for block in line_blocks(content, encoding=self.encoding, file=file):
            text = decoded(block, encoding=self.encoding, file=file)
            page = _Page(self, shape, file, block)
            first_line = block.first_line
            if head_due:
                head, _, text = text.partition("\n")
                yield page.head(head)
                first_line, head_due = first_line + 1, False
            trailer = None
            if block.last and shape.trailer is not None:
                text, trailer = _last_line_apart(text)
            if text:
                yield page.rows(text, first_line, trailer)
            if trailer is not None:
                yield page.trailer(trailer, first_line + text.count("\n"))

    def written(self, record: Record, columns: Sequence[Sequence[str]]) -> bytes:
        """Rows as bytes. The columns hold texts that have the form of their fields.

        >>> Delimited("gbk", "|").written(record, [["0313", "0105"], ["141206", "248950"]])
        b'0313|141206\\n0105|248950\\n'
        """
        lines = map(self.separator.join, zip(*columns, strict=True))
        text = self.line_end.join(lines) + self.line_end
        if text.count(self.separator) != (record.width - 1) * len(columns[0]):
            raise ValueError(f"a field of {record.name} contains the separator")
        return text.encode(self.encoding)

    def unwritable_in(self, text: str) -> str:
        """The characters of a text that cannot be written in this layout, "" when all can."""
        if self.separator not in text and self._encodes(text):
            return ""
        wrong = {character for character in text if character == self.separator or not self._encodes(character)}
        return "".join(sorted(wrong))

    def cut(self, text: str, *, width: int) -> list[list[str]] | None:
        """Whole lines as columns; ``None`` unless every line has ``width`` fields."""
        mark = f"{self.separator}\n{self.separator}"
        fields = text.replace("\n", mark).split(self.separator)
        fields.pop()  # the empty rest behind the last line end
        rows, stride = text.count("\n"), width + 1
        if len(fields) != rows * stride or fields[width::stride].count("\n") != rows:
            return None
        return [fields[place::stride] for place in range(width)]

    def _encodes(self, text: str) -> bool:
        if text.isascii():
            return True
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return False
        return True


@dataclass(frozen=True)
class _Page:
    """One block while it is read, with what a refusal must say about it."""

    layout: Delimited
    shape: FileShape
    file: str
    block: Block

    def head(self, text: str) -> Line:
        record = self.shape.head
        if record is None:
            raise ValueError("this file has no head")
        fields = self._fields(text)
        unfinished = self.block.unfinished and self.block.data.count(b"\n") == 0
        if len(fields) != record.width:
            raise self._refusal("truncated" if unfinished else "not_this_format", 1)
        return self._alone(record, fields, 1, unfinished=unfinished)

    def trailer(self, text: str, line: int) -> Line:
        record = self.shape.trailer
        if record is None:
            raise ValueError("this file has no trailer")
        unfinished = not text.endswith("\n")
        fields = self._fields(text.removesuffix("\n"))
        if len(fields) == record.width:
            return self._alone(record, fields, line, unfinished=unfinished)
        if unfinished:
            raise self._refusal("truncated", line)
        if is_padding(text):
            raise self._refusal("trailer_missing", line)
        if len(fields) == self.shape.detail.width:
            raise self._refusal("trailer_missing", line + 1)
        if line == 1 and len(fields) == 1:
            raise self._refusal("not_this_format", line, value=text)
        raise self._miscounted(fields, line, record, level="batch")

    def rows(self, text: str, first_line: int, upcoming: str | None) -> Rows:
        """``upcoming`` is the line after these where it is at hand; the block knows where it is not."""
        record, unfinished = self.shape.detail, not text.endswith("\n")
        columns = self.layout.cut(text + "\n" if unfinished else text, width=record.width)
        if columns is not None and record.accepts_all(columns):
            return Rows(record, first_line, columns)
        raise self._first_fault(text.removesuffix("\n").split("\n"), first_line, upcoming, unfinished=unfinished)

    def _first_fault(self, lines: list[str], first_line: int, upcoming: str | None, *, unfinished: bool) -> FileRefusal:
        record = self.shape.detail
        for offset, text in enumerate(lines):
            fields, line = self._fields(text), first_line + offset
            counted = len(fields) == record.width
            place = record.first_fault(fields) if counted else None
            if counted and place is None:
                continue
            if self.layout.encoding != "utf-8" and is_chinese_in_utf8(text.encode(self.layout.encoding)):
                return self._refusal("encoding", line, value="UTF-8", expected=self.layout.encoding.upper())
            last = offset == len(lines) - 1
            if place is not None:
                return self._malformed(record, fields, line, place, unfinished=unfinished and last)
            following = self._following(upcoming) if last else lines[offset + 1]
            return self._misplaced(text, fields, line, following, unfinished=unfinished and last)
        raise ValueError("a block was refused although every line of it is sound")

    def _misplaced(
        self, text: str, fields: list[str], line: int, following: str | None, *, unfinished: bool
    ) -> FileRefusal:
        """A line that is no row: cut off, the trailer too early, padding, another format, or miscounted."""
        if unfinished:
            return self._refusal("truncated", line)
        if self._is_trailer(fields) and following is not None:
            return self._after_trailer(following, line)
        if is_padding(text) and following is None:
            return self._refusal("trailing_bytes", line)
        if line == 1 and not self._is_familiar(following):
            return self._refusal("not_this_format", line, value=text)
        return self._miscounted(fields, line, self.shape.detail, level="row")

    def _after_trailer(self, following: str, trailer_line: int) -> FileRefusal:
        fields, line = self._fields(following), trailer_line + 1
        if self.shape.trailer is not None and len(fields) == self.shape.trailer.width:
            return self._refusal("trailer_repeated", line)
        if len(fields) == self.shape.detail.width:
            return self._refusal("rows_after_trailer", line)
        if trailer_line == 1 and not is_padding(following):
            return self._refusal("not_this_format", trailer_line)
        return self._refusal("trailing_bytes", line, value=following)

    def _is_familiar(self, text: str | None) -> bool:
        """Whether a line has as many fields as some line of this file may have after the first."""
        records = (self.shape.detail, self.shape.trailer)
        return text is not None and len(self._fields(text)) in {record.width for record in records if record}

    def _is_trailer(self, fields: list[str]) -> bool:
        record = self.shape.trailer
        return record is not None and len(fields) == record.width and record.first_fault(fields) is None

    def _alone(self, record: Record, fields: list[str], line: int, *, unfinished: bool) -> Line:
        place = record.first_fault(fields)
        if place is not None:
            raise self._malformed(record, fields, line, place, unfinished=unfinished, level="batch")
        return Line(record, line, tuple(fields))

    def _malformed(
        self,
        record: Record,
        fields: list[str],
        line: int,
        place: int,
        *,
        unfinished: bool,
        level: Level = "row",
    ) -> FileRefusal:
        if unfinished and place == record.width - 1:
            return self._refusal("truncated", line)
        column = sum(len(field) + len(self.layout.separator) for field in fields[:place]) + 1
        field = record.fields[place]
        return self._refusal(
            "field_format",
            line,
            level=level,
            column=column,
            field=field.name,
            value=fields[place],
            expected=field.kind.form,
        )

    def _miscounted(self, fields: list[str], line: int, record: Record, *, level: Level) -> FileRefusal:
        return self._refusal("field_count", line, level=level, value=str(len(fields)), expected=str(record.width))

    def _following(self, upcoming: str | None) -> str | None:
        """The line after this block, ``None`` at the end of the file."""
        if upcoming is not None or not self.block.following:
            return upcoming
        start = self.block.following.replace(b"\r", b"\n").split(b"\n", 1)[0]
        return start.decode(self.layout.encoding, "replace")

    def _fields(self, text: str) -> list[str]:
        return text.split(self.layout.separator)

    def _refusal(self, reason: str, line: int, **facts: Any) -> FileRefusal:
        return FileRefusal(reason, file=self.file, line=line, **facts)


def _last_line_apart(text: str) -> tuple[str, str]:
    """``"a\\nb\\nc\\n"`` → ``("a\\nb\\n", "c\\n")``; the line end of the last line stays with it."""
    start = text.rfind("\n", 0, len(text) - 1) + 1
    return text[:start], text[start:]
