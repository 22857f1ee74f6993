"""Packs for tests of policies, written as a company writes them."""

from __future__ import annotations

import textwrap

from services.accounts.domain.policy import Policy
from services.accounts.policies import read_pack


def pack(parameters: str = "{}", *, head: str = "", valid_from: str = "2020-01-01") -> Policy:
    """A pack of the city ``testcity`` with these parameters (YAML); all others are those of the reference."""
    return read_pack(pack_text(parameters, head=head, valid_from=valid_from), "testcity")


def pack_text(parameters: str = "{}", *, head: str = "", valid_from: str = "2020-01-01") -> str:
    lines = [
        "policy: testcity",
        "title: 试验市",
        "document: 试价〔2020〕1号",
        f"valid_from: {valid_from}",
        "based_on: default",
        *([textwrap.dedent(head).strip("\n")] if head else []),
        "parameters:",
    ]
    return "\n".join([*lines, textwrap.indent(textwrap.dedent(parameters).strip("\n"), "  ")]) + "\n"
