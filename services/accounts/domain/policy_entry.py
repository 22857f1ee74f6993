"""One value of a policy's parameter: for whom it holds, since when, and on what ground."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.accounts.domain.policy_scope import EVERYONE, Scope

GROUNDS = ("document", "source", "assumption")
"""Why a value is what it is: a legal document, what is known of a city, or our own choice."""


@dataclass(frozen=True, slots=True)
class Entry:
    """``valid_until`` is excluded; None: until the next entry of the same scope begins.

    ``ground`` is ``(document | source | assumption, its text)``; ``line`` is where the entry was read.
    """

    value: Any
    valid_from: date
    ground: tuple[str, str]
    valid_until: date | None = None
    scope: Scope = EVERYONE
    line: int = field(default=1, compare=False)

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)
