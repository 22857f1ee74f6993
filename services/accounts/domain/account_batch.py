"""A verb for many accounts: one choice of accounts, pages that are worked off one after another, an outcome for each.

An account that is refused stops nobody else: it is told with its reason, the others of its page are done. What one step
does is done whole or not at all; a step is what stands before the account that is refused.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from services.accounts.domain.place import Place
from shared.kernel.errors import InvalidInput, NotFound, Refusal

PAGE_ACCOUNTS = 200
ACCOUNTS_MAX = 100_000
DO, PREVIEW = "do", "preview"
DONE, ALREADY, REFUSED = "done", "already", "refused"


class UnknownBatch(NotFound):
    code = "unknown_batch"
    remedy = "Check the number of the batch."


class NobodyChosen(Refusal):
    code = "nobody_chosen"
    status = 422
    remedy = "Check compound, building, unit and station: no account is there."


class TooManyChosen(Refusal):
    code = "too_many_chosen"
    status = 422
    remedy = "Choose fewer: a station, a compound, or a building."


@dataclass(frozen=True, slots=True)
class Choice:
    """Accounts by their numbers, or all that are at a place; ``told`` is what a person reads of it later."""

    account_nos: tuple[str, ...] | None = None
    place: Place | None = None
    told: dict[str, Any] = field(default_factory=dict)


class Batch(NamedTuple):
    """``request`` is the body of the verb without its accounts; ``actor`` asked for it."""

    batch_id: int
    verb: str
    mode: str
    request: dict[str, Any]
    actor: str


class BatchPage(NamedTuple):
    batch: Batch
    page: int
    account_nos: list[str]


class Outcome(NamedTuple):
    """``code`` and ``detail`` say why an account was refused, or that it was so already; ``amount_fen`` is what changed."""

    account_no: str
    outcome: str
    code: str | None = None
    detail: str | None = None
    amount_fen: int = 0


def assert_choice(account_nos: Sequence[str]) -> None:
    """Refuses `nobody_chosen`, `too_many_chosen`, and an account that is named twice."""
    if not account_nos:
        raise NobodyChosen("no account is chosen")
    if len(account_nos) > ACCOUNTS_MAX:
        raise TooManyChosen(f"a batch is for {ACCOUNTS_MAX} accounts at most", most=ACCOUNTS_MAX)
    if len(set(account_nos)) < len(account_nos):
        seen: set[str] = set()
        twice = next(account_no for account_no in account_nos if account_no in seen or seen.add(account_no))  # type: ignore[func-returns-value]
        raise InvalidInput("this account is named twice", place="accounts", value=twice)


def json_of(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
