"""What a runbook tells somebody to type exists, with those options; what it points to is there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from deploy.cli import nuan
from tests.deploy.manifests import ROOT

PAGES = sorted((ROOT / "deploy" / "runbooks").glob("*.md"))
TYPED = [
    (page.name, words)
    for page in PAGES
    for words in re.findall(r"`(nuan [a-z][^`]*)`", " ".join(page.read_text(encoding="utf-8").split()))
]


@pytest.mark.parametrize(("page", "typed"), TYPED, ids=str)
def test_a_command_that_is_named_exists(page: str, typed: str) -> None:
    command: click.Command = nuan
    context = click.Context(command)
    words = shlex.split(typed)[1:]
    while isinstance(command, click.Group) and words:
        found = command.get_command(context, words.pop(0))
        assert found is not None, typed
        command = found
    known = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_every_page_is_in_the_list_and_every_link_leads_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
    listed = re.findall(
        r"\]\(([a-z-]+\.md)\)", (ROOT / "deploy" / "runbooks" / "README.md").read_text(encoding="utf-8")
    )
    assert sorted(listed) == [page.name for page in PAGES if page.name != "README.md"]


def test_a_runbook_that_code_names_is_there() -> None:
    named = {
        name
        for folder in ("services", "shared", "deploy")
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"deploy/runbooks/[a-z-]+\.md", path.read_text(encoding="utf-8"))
    }
    assert named
    assert {name for name in named if not (ROOT / Path(name)).exists()} == set()
