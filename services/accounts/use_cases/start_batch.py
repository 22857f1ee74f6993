"""A verb is asked for many accounts: they are fixed now, in pages, and worked off by the worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.account_batch import ACCOUNTS_MAX, PAGE_ACCOUNTS, Choice, assert_choice
from services.accounts.storage.account_batches import add_batch
from services.accounts.storage.account_nos import known_accounts
from services.accounts.storage.places import account_nos_at
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import UnknownAccount


@dataclass(frozen=True, slots=True)
class StartBatch:
    """``request`` is the body of the verb without its accounts; ``mode`` is `DO` or `PREVIEW`."""

    verb: str
    mode: str
    request: dict[str, Any]
    choice: Choice


def start_batch(command: StartBatch, work: Work) -> dict[str, Any]:
    """Fix the accounts; nothing is done to them yet. Refuses `nobody_chosen`, `too_many_chosen`, `unknown_account`."""
    choice = command.choice
    if choice.place is not None:
        account_nos = account_nos_at(work, choice.place, after="", limit=ACCOUNTS_MAX + 1)
    else:
        account_nos = list(choice.account_nos or ())
    assert_choice(account_nos)
    if choice.account_nos is not None:
        missing = set(account_nos) - known_accounts(work, account_nos)
        if missing:
            raise UnknownAccount("there is no such account", account_no=min(missing), missing=len(missing))
    batch_id = add_batch(work, command.verb, command.mode, command.request, choice.told, account_nos,
                         page_accounts=PAGE_ACCOUNTS)  # fmt: skip
    return {
        "batch_id": batch_id,
        "verb": command.verb,
        "mode": command.mode,
        "accounts": len(account_nos),
        "state": "running",
    }
