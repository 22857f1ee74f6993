"""What can be done and what can be asked: one file each, told by its own first line."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from deploy.docs.markdown import code, page, table
from shared.chassis.settings import SERVICES

ROOT = Path(__file__).resolve().parents[2]

INTRODUCTION = """\
One verb, one file, one stem: `use_cases/<verb>.py` of its service; its command, route and tests carry the same name, and
`git ls-files | grep <verb>` is the map. Questions change nothing and are in `queries/`."""


def verbs() -> str:
    return page("Verbs and questions", INTRODUCTION, *map(_service, SERVICES))


def _service(service: str) -> str:
    parts = [f"## {service}"]
    for heading, folder in (("verb", "use_cases"), ("question", "queries")):
        parts.append(table((heading, "what it does"), _rows(ROOT / "services" / service / folder)))
    return "\n\n".join(parts)


def _rows(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*.py")):
        if path.stem != "__init__":
            told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            yield code(path.stem), " ".join(told.split("\n\n")[0].split())
