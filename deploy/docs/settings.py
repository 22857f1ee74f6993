"""The settings, from the example that an operator copies."""

from __future__ import annotations

import re
from pathlib import Path

from deploy.docs.markdown import page

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "deploy" / "settings.example.env"

INTRODUCTION = """\
Everything is told by environment variables, which a process reads once, when it starts. This page is
[deploy/settings.example.env](../../deploy/settings.example.env). On the embedded default (`nuan up`, `make demo`) all of them have a value:
databases and bus lie on the embedded PostgreSQL, services answer at ports 8101, 8102 and 8103 of 127.0.0.1, keys and work folder are below
`NUAN_HOME`. A variable that is set already wins there too."""

_TITLE = re.compile(r"# -{3,} *(.*?) *-{3,}")
_PLACEHOLDER = re.compile(r"\w*<\w+>\w*")
_SETTING = re.compile(r"#?(NUAN_[A-Z_]+)=")


def settings() -> str:
    parts: list[str] = []
    for line in EXAMPLE.read_text(encoding="utf-8").splitlines():
        if title := _TITLE.fullmatch(line):
            parts.append(f"## {title[1]}")
        elif _SETTING.match(line):
            parts.append(f"    {line}")
        else:
            parts.append(_PLACEHOLDER.sub(r"`\g<0>`", line.removeprefix("#").removeprefix(" ")))
    return page("Settings", INTRODUCTION, _spaced(parts))


def _spaced(lines: list[str]) -> str:
    """Blank lines where Markdown needs them: around headings and settings."""
    text = ""
    for before, line in zip(["", *lines], lines, strict=False):
        changes = before.startswith(("    ", "#")) != line.startswith("    ") or before.startswith("#")
        text += ("\n" if changes and text else "") + line + "\n"
    return re.sub(r"\n{3,}", "\n\n", text).strip()
