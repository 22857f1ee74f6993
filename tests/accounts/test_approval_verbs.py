"""Whoever adds a verb over accounts says whether a second person can be needed for it."""

from __future__ import annotations

import ast

import pytest

from services.accounts.api.approval_kinds import kinds
from tests.architecture.code import modules, tree_of

NOBODY_NEEDED = {
    "post_price_differences": "posts what two people decided of a price",
    "begin_closing": "stops the run of a season that is over; closing it needs two people",
    "leave_unbilled": "names homes without a bill, which whoever closes the season reads",
    "assign_compounds": "says which branch a compound belongs to, and moves no money",
    "take_month_end": "keeps what stands on a day as it stands",
    "plan_collection": "says what is hoped for; nobody is charged by it",
    "serve_notice": "tells somebody what he owes and changes nothing of it",
    "lock_account": "stops verbs and moves no money",
    "unlock_account": "lets verbs go on, each by its own rule",
}
"""Verbs that no second person is ever needed for, each with its reason."""


def done_verbs() -> dict[str, str]:
    """The use cases that routes hand to `account_verbs.done`, each with its module."""
    found = {}
    for module in modules("services/accounts/api"):
        for node in ast.walk(tree_of(module)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "done":
                found[ast.unparse(node.args[0])] = module
    return found


def test_verbs_over_accounts_are_found() -> None:
    assert {"correct_area", "suspend_account", "grant_relief"} <= set(done_verbs())


@pytest.mark.parametrize("verb", done_verbs())
def test_a_verb_over_accounts_is_a_kind_of_approval_or_says_why_not(verb: str) -> None:
    """A kind is one declaration in `api/approval_kinds/`, and an example in `tests/accounts/approval_desk.py`."""
    assert (verb in kinds()) != (verb in NOBODY_NEEDED)
