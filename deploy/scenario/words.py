"""Words of a scenario line, split as a shell splits them, and kept apart from marks and options."""

from __future__ import annotations

import re
from dataclasses import dataclass

RESULTS = "=>"
REFUSED = "!!"

_OPTION = re.compile(r"[^\W\d][\w.\-]*(?==)")
_ESCAPABLE_IN_QUOTES = '"\\$`'


class WordsInvalid(Exception):
    """A line that a shell would not take either; the text says why."""


@dataclass(frozen=True, slots=True)
class Word:
    """``bare`` is how many characters at its beginning stood outside quotes: marks and option names must."""

    text: str
    bare: int

    @property
    def mark(self) -> str | None:
        """``=>`` or ``!!`` when the word begins with it, unquoted."""
        return self.text[:2] if self.bare >= 2 and self.text[:2] in (RESULTS, REFUSED) else None

    @property
    def option(self) -> tuple[str, str] | None:
        """``season=S25`` → ``("season", "S25")``; None when the word is an argument."""
        match = _OPTION.match(self.text)
        if match is None or match.end() >= self.bare:
            return None
        return match[0], self.text[match.end() + 1 :]


def split_words(line: str) -> list[Word]:
    """The words before a comment. ``#`` begins one where a word would begin; inside a word it is a character."""
    words: list[Word] = []
    at = 0
    while at < len(line):
        if line[at].isspace():
            at += 1
        elif line[at] == "#":
            break
        else:
            word, at = _word(line, at)
            words.append(word)
    return words


def _word(line: str, at: int) -> tuple[Word, int]:
    text = ""
    bare: int | None = None
    while at < len(line) and not line[at].isspace():
        char = line[at]
        if char in "'\"":
            bare = len(text) if bare is None else bare
            part, at = _quoted(line, at)
            text += part
        elif char == "\\":
            if at + 1 == len(line):
                raise WordsInvalid("a backslash stands at the end of the line")
            bare = len(text) if bare is None else bare
            text, at = text + line[at + 1], at + 2
        else:
            text, at = text + char, at + 1
    return Word(text, len(text) if bare is None else bare), at


def _quoted(line: str, at: int) -> tuple[str, int]:
    """The characters between the quote at ``at`` and its end, and the place after it."""
    quote, at = line[at], at + 1
    text = ""
    while at < len(line):
        char = line[at]
        if char == quote:
            return text, at + 1
        if quote == '"' and char == "\\" and line[at + 1 : at + 2] in tuple(_ESCAPABLE_IN_QUOTES):
            at += 1
        text, at = text + line[at], at + 1
    raise WordsInvalid(f"a quotation that begins with {quote} does not end")
