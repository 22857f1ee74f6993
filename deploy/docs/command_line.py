"""The page of the command line, from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator

import click

from deploy.cli import nuan
from deploy.docs.markdown import page, table

INTRODUCTION = """\
`.venv/bin/nuan` in a checkout. Progress and remarks go to standard error, the answer to standard output; `--json` makes of the
answer exactly one JSON document. Exit 0: done; 1: refused, or something differs; 2: misuse, or not supported."""


def command_line() -> str:
    return page("The nuan command", INTRODUCTION, *_sections(nuan, "nuan"))


def _sections(command: click.Command, name: str) -> Iterator[str]:
    context = click.Context(command, info_name=name)
    if isinstance(command, click.Group):
        if name != "nuan":
            yield f"## {name}\n\n{_help(command)}"
        for child in command.list_commands(context):
            found = command.get_command(context, child)
            if found is not None:
                yield from _sections(found, f"{name} {child}")
        return
    level = "##" if name.count(" ") == 1 else "###"
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    yield "\n\n".join(part for part in (f"{level} {name}", f"    {usage}", _help(command), _options(command)) if part)


def _help(command: click.Command) -> str:
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in (command.help or "").split("\n\n"))


def _options(command: click.Command) -> str:
    options = [option for option in command.params if isinstance(option, click.Option) and option.name != "as_json"]
    return table(("option", "meaning"), map(_option, options)) if options else ""


def _option(option: click.Option) -> tuple[str, str]:
    record = option.get_help_record(click.Context(click.Command("")))
    words, meaning = record or ("/".join(option.opts), "")
    return f"`{words}`", meaning
