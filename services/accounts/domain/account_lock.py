"""Locks on an account: why it is held, and which verbs are refused until somebody takes the lock off."""

from __future__ import annotations

from typing import NamedTuple

from shared.kernel.errors import InvalidInput, Refusal

EVERYTHING = frozenset({"*"})
_LEAVES = frozenset({"disconnect", "transfer", "merge", "split"})


class LockKind(NamedTuple):
    """``blocks`` are verbs by their names, or `EVERYTHING`."""

    title: str
    blocks: frozenset[str]

    def holds(self, verb: str) -> bool:
        return self.blocks == EVERYTHING or verb in self.blocks


LOCK_KINDS: dict[str, LockKind] = {
    "legal_dispute": LockKind("法律纠纷 · a court decides: nobody is dunned, cut off or leaves",
                              _LEAVES | {"notice", "cut", "change_class"}),
    "data_correction": LockKind("资料更正 · the facts are being put right: nothing is built on them", EVERYTHING),
    "inspection": LockKind("稽查 · an inspection runs: the home stays as it was found",
                           _LEAVES | {"suspend", "resume", "change_class", "area"}),
    "ownership": LockKind("产权争议 · who owns the home is disputed", _LEAVES | {"suspend", "resume"}),
}  # fmt: skip
"""Code → what it is, and what it blocks. What the others owe and pay is not held by a lock of an account."""


class Lock(NamedTuple):
    lock_id: int
    account_no: str
    kind: str
    since: str
    reason: str
    by: str


class AccountLocked(Refusal):
    code = "account_locked"
    status = 409
    remedy = "Ask whoever locked the account; when the reason is gone, the lock is taken off."


class NotLocked(Refusal):
    code = "not_locked"
    status = 409
    remedy = "Look at the locks of the account: none of this kind is on it."


class AlreadyLocked(Refusal):
    code = "already_locked"
    status = 409
    remedy = "A lock of this kind is on the account; take it off first, or leave it."


def lock_kind(code: str) -> LockKind:
    """Refuses a kind that does not exist."""
    if code not in LOCK_KINDS:
        raise InvalidInput(f"known are {', '.join(LOCK_KINDS)}", place="kind", value=code)
    return LOCK_KINDS[code]


def blocked(verb: str, locks: list[Lock]) -> Lock | None:
    """The first lock that blocks the verb; a verb without a name is blocked by what blocks everything."""
    return next((lock for lock in locks if LOCK_KINDS[lock.kind].holds(verb)), None)


def assert_open_to(verb: str, locks: list[Lock]) -> None:
    """Refuses `account_locked`, naming the lock, its reason, who set it and since when."""
    if lock := blocked(verb, locks):
        title = LOCK_KINDS[lock.kind].title.split(" · ")[0]
        raise AccountLocked(f"the account is locked since {lock.since} ({title}: {lock.reason})", lock_id=lock.lock_id,
                            kind=lock.kind, reason=lock.reason, by=lock.by, since=lock.since)  # fmt: skip
