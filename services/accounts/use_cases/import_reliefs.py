"""People of a government list get their relief: those whose home is found beyond doubt, the others are told why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from services.accounts.domain.account_lock import AccountLocked
from services.accounts.domain.relief import AskedRelief, ReliefExcluded
from services.accounts.domain.relief_list import ALREADY_GRANTED, HELD, MATCHED, ListRow, Outcome, matched
from services.accounts.reliefs import relief_kind
from services.accounts.storage.in_force import InForce
from services.accounts.storage.relief_candidates import candidates_by_address, candidates_by_id
from services.accounts.storage.relief_grants import decided_grants, post_grants
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class ImportReliefs:
    """At most a thousand rows of one list, all of one kind. ``payer`` None: the policy's."""

    rows: tuple[ListRow, ...]
    kind: str
    reason: str
    payer: str | None = None
    preview: bool = False


def import_reliefs(command: ImportReliefs, work: Work) -> dict[str, Any]:
    """Match the rows and grant what matched; the same rows again change nothing.

    Refuses what `relief_of` refuses for the list as a whole (`relief_unknown`, `application_window_closed`, …).
    """
    in_force = InForce(work)
    season, kind = in_force.current_season, relief_kind(command.kind)
    addresses = {row.address for row in command.rows if row.address[0]}
    by_id = candidates_by_id(work, {row.id_no for row in command.rows if row.id_no}, season=season, kind=kind.code)
    by_address = candidates_by_address(work, addresses, season=season, kind=kind.code)
    owner_matched = kind.owner_matched and in_force.policy.for_season(season).relief_requires_owner_match
    outcomes = _once(
        [matched(row, by_id, by_address, day=work.today, owner_matched=owner_matched) for row in command.rows]
    )
    grants = None
    while asked := _asked(command.rows, outcomes, kind.code, command.payer, owner_matched=owner_matched):
        try:
            grants = decided_grants(work, asked, place="rows")
            break
        except (AccountLocked, ReliefExcluded) as refusal:  # of this home alone: the others of the list get theirs
            outcomes = _held(outcomes, refusal)
    if grants and not command.preview:
        post_grants(work, grants, reason=command.reason)
    return {"rows": [outcome._asdict() for outcome in outcomes], "accounts": grants.told() if grants else []}


def _asked(rows: Sequence[ListRow], outcomes: Sequence[Outcome], kind: str, payer: str | None, *,
           owner_matched: bool) -> list[tuple[str, AskedRelief]]:  # fmt: skip
    relative = None if owner_matched else "名单 · as listed"
    return [
        (outcome.account_no or "", AskedRelief(kind, payer, proof_until=row.proof_until, holder=row.name, relative=relative))
        for row, outcome in zip(rows, outcomes, strict=True) if outcome.outcome == MATCHED
    ]  # fmt: skip


def _held(outcomes: Sequence[Outcome], refusal: Refusal) -> list[Outcome]:
    account_no = refusal.facts["account_no"]
    return [
        each._replace(outcome=HELD, reason=refusal.detail)
        if (each.outcome, each.account_no) == (MATCHED, account_no) else each
        for each in outcomes
    ]  # fmt: skip


def _once(outcomes: list[Outcome]) -> list[Outcome]:
    """A home that two rows mean gets its relief by the first of them."""
    first: dict[str, int] = {}
    told = []
    for outcome in outcomes:
        if outcome.outcome == MATCHED and outcome.account_no is not None:
            before = first.setdefault(outcome.account_no, outcome.row)
            if before != outcome.row:
                words = f"与第{before}行为同一户 · the same home as in row {before}"
                outcome = outcome._replace(outcome=ALREADY_GRANTED, reason=words)
        told.append(outcome)
    return told
