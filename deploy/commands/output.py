"""How every command answers: words for people, or exactly one JSON document on standard output with ``--json``.

Progress goes to standard error. Exit 0: done; 1: refused, or something differs; 2: misuse, or not supported.
"""

from __future__ import annotations

import functools
import io
import json
import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click
import structlog
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from shared.chassis.logging import configure_logging
from shared.kernel.errors import Refusal

Function = TypeVar("Function", bound=Callable[..., Any])

console = Console(stderr=True)
"""Progress and remarks."""

paper = Console(highlight=False)
"""Results for people."""


def answers(function: Function) -> Function:
    """Decorates a command that returns ``(document, exit_code)`` or a document; adds ``--json`` and says refusals."""

    @click.option("--json", "as_json", is_flag=True, help="Print exactly one JSON document.")
    @functools.wraps(function)
    def command(*arguments: Any, as_json: bool, **options: Any) -> None:
        configure_logging("nuan", level=os.environ.get("NUAN_LOG_LEVEL", "WARNING"))
        structlog.contextvars.bind_contextvars(command=function.__name__)
        try:
            answer = function(*arguments, **options)
        except Refusal as refusal:
            say_refusal(refusal, as_json=as_json)
            raise SystemExit(1) from None
        document, code = answer if isinstance(answer, tuple) else (answer, 0)
        if as_json:
            print(as_document(document))
        elif document is not None:
            show(document)
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(code)

    return command  # type: ignore[return-value]


def speak_plainly() -> None:
    """A terminal that cannot show a character shows another one: no command fails for that."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            without_any = stream.encoding.lower() in ("ascii", "us-ascii", "ansi_x3.4-1968")
            stream.reconfigure(encoding="utf-8" if without_any else stream.encoding, errors="replace")


def as_document(content: Any) -> str:
    """JSON whose characters the output can hold, the others escaped."""
    whole = (sys.stdout.encoding or "utf-8").lower().replace("-", "") == "utf8"
    return json.dumps(content, ensure_ascii=not whole, default=str)


def say_refusal(refusal: Refusal, *, as_json: bool) -> None:
    if as_json:
        problem = {"code": refusal.code, "detail": refusal.detail, "remedy": refusal.remedy, "facts": refusal.facts}
        print(as_document({"refusal": problem}))
        return
    console.print(f"[red]✗ {refusal.detail}[/red]  [dim]({refusal.code})[/dim]")
    for name, value in refusal.facts.items():
        console.print(f"  {name}: {value}", highlight=False, markup=False)
    if refusal.remedy:
        console.print(f"  → {refusal.remedy}", markup=False)


def show(document: Any, indent: int = 0) -> None:
    """A document for people: names and values, lists a line each."""
    if isinstance(document, dict):
        for name, value in document.items():
            if isinstance(value, (dict, list)) and value:
                paper.print(f"{'  ' * indent}{name}:", markup=False)
                show(value, indent + 1)
            else:
                paper.print(f"{'  ' * indent}{name}: {'' if value in ({}, [], None) else value}", markup=False)
    elif isinstance(document, list):
        for member in document:
            if isinstance(member, dict):
                nested = {name: value for name, value in member.items() if value and isinstance(value, (dict, list))}
                words = "  ".join(
                    f"{name}={value}"
                    for name, value in member.items()
                    if name not in nested and value not in (None, {}, [])
                )
                paper.print(f"{'  ' * indent}- {words}", markup=False, soft_wrap=True)
                show(nested, indent + 2)
            else:
                paper.print(f"{'  ' * indent}- {member}", markup=False)
    else:
        paper.print(f"{'  ' * indent}{document}", markup=False)


def progress_bar() -> Progress:
    """A bar on standard error with count, rate of arrival and expected end; quiet when nobody looks."""
    return Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(), console=console, transient=False, disable=not console.is_terminal,
    )  # fmt: skip
