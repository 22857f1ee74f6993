"""The few pieces that generated pages are made of."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence

GENERATED = "<!-- Written by `make docs` from the code; a change belongs there. -->"


def page(title: str, introduction: str, *parts: str) -> str:
    return "\n\n".join([f"# {title}", GENERATED, introduction, *(part for part in parts if part)]) + "\n"


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table; ``|`` and line ends inside a cell are put so that they stay in it."""
    lines = [_row(headings), "|" + "---|" * len(headings), *map(_row, rows)]
    return "\n".join(lines)


def code(text: object) -> str:
    return f"`{text}`" if str(text) else ""


def codes(texts: Iterable[object]) -> str:
    return " ".join(map(code, texts))


def said(thing: object) -> str:
    """The docstring of a thing, as one paragraph a blank line."""
    paragraphs = (inspect.getdoc(thing) or "").split("\n\n")
    return _quoted("\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs))


def first_sentence(text: str) -> str:
    """Up to the first full stop that ends a sentence."""
    return " ".join(text.split()).partition(". ")[0].removesuffix(".") + "."


def _row(cells: Sequence[object]) -> str:
    return "| " + " | ".join(_quoted(str(cell)).replace("|", "\\|").replace("\n", "<br>") for cell in cells) + " |"


def _quoted(text: str) -> str:
    """Docstrings quote code with two backticks, Markdown with one."""
    return text.replace("``", "`")
