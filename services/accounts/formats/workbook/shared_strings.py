"""The shared strings of a workbook, kept on disk: a ledger of a million rows has several millions of them."""

from __future__ import annotations

import os
import tempfile
from array import array
from collections.abc import Iterator
from typing import IO
from xml.parsers import expat

from services.accounts.formats.workbook.cell_text import unescaped

_BLOCK_BYTES = 1 << 16
_KEPT_STRINGS = 1 << 13


class SharedStrings:
    """Strings by their number. They lie in a temporary file without a name, which goes when this does."""

    def __init__(self, part: IO[bytes] | None) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as this object
        self._ends = array("Q")
        self._kept: dict[int, str] = {}  # the first ones are the words that every row repeats
        if part is not None:
            end = 0
            for text in _strings(part):
                end += self._file.write(text.encode("utf-8", "surrogatepass"))
                self._ends.append(end)
            self._file.flush()

    def __getitem__(self, number: int) -> str:
        """Raises IndexError where there is no such string."""
        if (text := self._kept.get(number)) is not None:
            return text
        if number < 0:
            raise IndexError(number)
        start, end = self._ends[number - 1] if number else 0, self._ends[number]
        text = os.pread(self._file.fileno(), end - start, start).decode("utf-8", "surrogatepass")
        if number < _KEPT_STRINGS:
            self._kept[number] = text
        return text


def _strings(part: IO[bytes]) -> Iterator[str]:
    reader = _StringReader()
    while block := part.read(_BLOCK_BYTES):
        reader.parser.Parse(block, False)
        yield from reader.strings
        reader.strings.clear()
    reader.parser.Parse(b"", True)
    yield from reader.strings


class _StringReader:
    """The text of ``si`` elements: all their ``t`` but those of pronunciations (``rPh``)."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self._texts: list[str] = []
        self._inside_text, self._pronunciations = False, 0
        self.parser = strict_parser()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        if tag == "t":
            self._inside_text = True
        elif tag == "rPh":
            self._pronunciations += 1

    def _end(self, name: str) -> None:
        tag = name.rpartition(":")[2]
        if tag == "t":
            self._inside_text = False
        elif tag == "rPh":
            self._pronunciations -= 1
        elif tag == "si":
            self.strings.append(unescaped("".join(self._texts)))
            self._texts.clear()

    def _text(self, data: str) -> None:
        if self._inside_text and not self._pronunciations:
            self._texts.append(data)


def strict_parser() -> expat.XMLParserType:
    """A parser that refuses a document type: no part of a workbook has one, and entities hide in it."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_document_type
    return parser


def _refuse_document_type(*_declaration: object) -> None:
    raise ValueError("a document type is declared")
