"""``python -m deploy.docs`` writes the generated pages; with ``--check`` it only says which are out of date."""

from __future__ import annotations

import difflib
from pathlib import Path

import click

from deploy.docs import PAGES

DOCS = Path(__file__).resolve().parents[2] / "docs"


@click.command()
@click.option("--check", is_flag=True, help="Write nothing; exit 1 when a page differs from the code.")
def main(check: bool) -> None:
    """Write the generated pages of docs/ again."""
    stale = 0
    for name, made in PAGES.items():
        page, text = DOCS / name, made()
        written = page.read_text(encoding="utf-8") if page.is_file() else ""
        if text == written:
            continue
        stale += 1
        if check:
            click.echo(f"docs/{name} is out of date (make docs writes it):")
            click.echo(_first_difference(written, text))
        else:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(text, encoding="utf-8")
            click.echo(f"docs/{name}")
    raise SystemExit(1 if check and stale else 0)


def _first_difference(written: str, made: str, *, lines: int = 12) -> str:
    difference = difflib.unified_diff(written.splitlines(), made.splitlines(), "written", "made now", n=0, lineterm="")
    return "\n".join(f"  {line}" for line, _ in zip(difference, range(lines), strict=False))


if __name__ == "__main__":
    main(prog_name="python -m deploy.docs")
