"""Whose file it is that arrives: told by its name alone, before a byte of it is believed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from services.bank_gateway.domain.bank_file import FileRefusal
from services.bank_gateway.domain.file_shape import FileIdentity, FileShape

Party = TypeVar("Party")


def whose_file(
    name: str, candidates: Iterable[tuple[Party, FileShape, Mapping[str, str]]]
) -> tuple[Party, FileIdentity]:
    """The first party whose files are named so, and what the name says. ``candidates``: party, shape, parameters.

    Refuses `wrong_party` when the name is formed as agreed with somebody but names another, else `name_pattern`.
    """
    refusal = FileRefusal("name_pattern", file=name[:120], value=name)
    for party, shape, parameters in candidates:
        try:
            return party, shape.identify(name, parameters=parameters)
        except FileRefusal as no:
            refusal = no if refusal.reason == "name_pattern" else refusal
    raise refusal
