"""Lists that a verb is given: an account stands in them once."""

from __future__ import annotations

from collections.abc import Sequence

from shared.kernel.errors import InvalidInput


def assert_once(account_nos: Sequence[str], *, place: str) -> None:
    """Refuse an account that stands twice in the list at ``place``."""
    seen: set[str] = set()
    for number, account_no in enumerate(account_nos):
        if account_no in seen:
            raise InvalidInput("this account stands twice in the list", place=f"{place}/{number}/account_no",
                               value=account_no)  # fmt: skip
        seen.add(account_no)
