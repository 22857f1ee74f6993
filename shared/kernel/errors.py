"""Refusals: answers that say no. Everything else that goes wrong is a defect and rises as itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar


class Refusal(Exception):
    """A clear no: nothing was changed, and the caller is told what to do.

    A subclass stands beside the code that raises it and sets ``code`` (stable, snake_case, part of the
    public contract), ``status`` (HTTP) and ``remedy``. Facts that a program may want are keyword arguments.

    >>> raise AlreadyCollected("nothing of season 2025-2026 is open", account_no="0110000001")
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422
    remedy: ClassVar[str] = ""

    def __init__(self, detail: str, /, **facts: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class InvalidInput(Refusal):
    """A value that cannot be read for certain. ``place`` names the field (JSON pointer, column, option)."""

    code = "invalid_input"
    status = 400
    remedy = "Correct the value at the place that is named and send it again."


class NotFound(Refusal):
    code = "not_found"
    status = 404
    remedy = "Check the number."


class UnknownAccount(NotFound):
    code = "unknown_account"
    remedy = "Check the account number; a new home must be opened first."


@contextmanager
def refused_at(place: str, **facts: Any) -> Iterator[None]:
    """Refusals from inside name where in a list they arose: ``/payments/3``, or ``/payments/3/amount``.

    ``facts`` are added where the refusal does not tell them itself.
    """
    try:
        yield
    except Refusal as refusal:
        inner = refusal.facts.get("place")
        refusal.facts = {**facts, **refusal.facts, "place": f"{place}/{inner}" if inner else place}
        raise
