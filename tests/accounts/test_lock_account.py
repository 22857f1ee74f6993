"""Locks (`lock_account`, `unlock_account`): what a kind blocks is refused and told why, everything else goes on, and the
history stays.
"""

from __future__ import annotations

import json

import pytest

from services.accounts.domain.account_lock import EVERYTHING, LOCK_KINDS, lock_kind
from shared.kernel.errors import InvalidInput
from tests.accounts.lifecycle_desk import Desk


def lock(desk: Desk, *homes: str, kind: str = "legal_dispute", reason: str = "court of 12-01") -> None:
    desk.do("locks", accounts=list(homes), kind=kind, reason=reason)


def test_a_locked_account_is_refused_with_lock_reason_who_and_since(desk: Desk) -> None:
    home = desk.billed_home()
    lock(desk, home)
    status, answer = desk.post("/accounts/disconnections", {"accounts": [home], "reason": "x"})
    assert (status, answer["code"]) == (409, "account_locked")
    facts = answer["facts"]
    assert (facts["kind"], facts["reason"], facts["by"], facts["since"]) == (
        "legal_dispute",
        "court of 12-01",
        "staff:zhang",
        "2025-10-20",
    )
    assert (facts["place"], facts["account_no"]) == ("accounts/0", home)


def test_a_preview_is_refused_like_the_thing_itself(desk: Desk) -> None:
    home = desk.billed_home()
    lock(desk, home)
    assert desk.refused("disconnections", accounts=[home], preview=True) == "account_locked"


def test_what_the_kind_does_not_block_goes_on(desk: Desk) -> None:
    home = desk.billed_home()
    lock(desk, home)
    desk.do("areas", areas=[{"account_no": home, "building_area": "92.10"}])


@pytest.mark.parametrize(
    ("verb", "asked"),
    [
        ("areas", {"areas": [{"account_no": "", "building_area": "92.10"}]}),
        ("suspensions", {"suspensions": [{"account_no": "", "season": "2026-2027"}]}),
        ("resumptions", {"accounts": [""]}),
        ("disconnections", {"accounts": [""]}),
        ("transfers", {"transfers": [{"account_no": "", "name": "李明"}]}),
        ("notices", {"accounts": [""]}),
        ("cuts", {"accounts": [""]}),
        ("inspections", {"accounts": [""]}),
        ("class-changes", {"changes": [{"account_no": "", "price_class": "garage"}]}),
    ],
)
def test_while_facts_are_put_right_no_verb_of_the_lifecycle_is_open(desk: Desk, verb: str, asked: object) -> None:
    home = desk.billed_home()
    lock(desk, home, kind="data_correction")
    of_home = json.loads(json.dumps(asked).replace('""', f'"{home}"'))
    assert desk.refused(verb, **of_home) == "account_locked"


def test_a_lock_that_is_taken_off_blocks_nothing_and_stays_in_the_history(desk: Desk) -> None:
    home = desk.billed_home()
    lock(desk, home)
    desk.do("lock-releases", accounts=[home], kind="legal_dispute", reason="settled")
    desk.do("disconnections", accounts=[home])
    (told,) = desk.get(f"/accounts/{home}/locks")[1]["locks"]
    assert (told["kind"], told["since"], told["released"]["reason"]) == ("legal_dispute", "2025-10-20", "settled")


def test_one_locked_home_stops_the_whole_list(desk: Desk) -> None:
    homes = [desk.billed_home(), desk.billed_home()]
    lock(desk, homes[1])
    assert desk.refused("disconnections", accounts=homes) == "account_locked"


def test_a_second_lock_of_the_kind_and_a_release_of_none_are_refused(desk: Desk) -> None:
    home = desk.home()
    assert desk.refused("lock-releases", accounts=[home], kind="ownership") == "not_locked"
    lock(desk, home)
    assert desk.refused("locks", accounts=[home], kind="legal_dispute") == "already_locked"
    lock(desk, home, kind="ownership")
    desk.do("lock-releases", accounts=[home], kind="ownership")
    assert desk.refused("disconnections", accounts=[home]) == "account_locked"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"accounts": ["0119999999"], "kind": "ownership"}, "unknown_account"),
        ({"accounts": [], "kind": "ownership"}, "invalid_input"),
        ({"accounts": ["0119999999"] * 1001, "kind": "ownership"}, "invalid_input"),
        ({"accounts": None, "kind": "ownership"}, "invalid_input"),
        ({"accounts": [1], "kind": "ownership"}, "invalid_input"),
        ({"accounts": ["0119999999"], "kind": "whim"}, "invalid_input"),
        ({"accounts": ["0119999999"]}, "invalid_input"),
        ({"accounts": ["0119999999"], "kind": "ownership", "until": "2026"}, "invalid_input"),
        ({"accounts": ["0119999999"], "kind": "ownership", "reason": "x" * 201}, "invalid_input"),
        ({"accounts": ["0119999999"], "kind": "ownership", "reason": None}, "invalid_input"),
    ],
)
@pytest.mark.parametrize("verb", ["locks", "lock-releases"])
def test_what_cannot_be_read_locks_nothing(desk: Desk, verb: str, asked: dict[str, object], code: str) -> None:
    assert desk.refused(verb, **asked) == code


@pytest.mark.parametrize("verb", ["locks", "lock-releases"])
def test_an_account_twice_is_refused_and_a_clerk_locks_nothing(desk: Desk, verb: str) -> None:
    home = desk.home()
    assert desk.refused(verb, accounts=[home, home], kind="ownership") == "invalid_input"
    body = {"accounts": [home], "kind": "ownership", "reason": "x"}
    assert desk.post(f"/accounts/{verb}", body, roles=["clerk"])[0] == 403


def test_every_kind_blocks_something_and_an_unknown_kind_is_none() -> None:
    assert all(kind.blocks for kind in LOCK_KINDS.values())
    assert LOCK_KINDS["data_correction"].blocks == EVERYTHING
    with pytest.raises(InvalidInput):
        lock_kind("whim")
