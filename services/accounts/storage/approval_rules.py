"""Which verbs need a second person from when on: the last word on each kind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from services.accounts.domain.approval_rule import ApprovalRule, DoneAlone
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of


@row_of("approval_rules")
class RuleRow(NamedTuple):
    command_id: int
    kind: str
    from_fen: int | None
    from_homes: int | None
    decide_within_days: int
    whole_day: bool


@row_of("done_alone")
class DoneAloneRow(NamedTuple):
    command_id: int
    kind: str
    person: str
    business_on: date
    homes: int
    amount_fen: int


_LAST = """
SELECT DISTINCT ON (kind) kind, from_fen, from_homes, decide_within_days, whole_day
FROM approval_rules JOIN commands k USING (command_id) WHERE kind = ANY(%s)
ORDER BY kind, k.at DESC, k.command_id DESC
"""


def rules_in_force(work: Work, kinds: Sequence[str]) -> dict[str, ApprovalRule]:
    """Of every kind; one for which nothing was set up needs nobody."""
    found = {row[0]: ApprovalRule(*row) for row in work.rows(_LAST, (list(kinds),))}
    return {kind: found.get(kind, ApprovalRule(kind)) for kind in kinds}


def done_alone_today(work: Work, person: str, kind: str) -> DoneAlone:
    """What the person did alone of this kind today; until the work ends he does nothing more of it beside."""
    work.rows("SELECT pg_advisory_xact_lock(hashtextextended(%s, 20251109))", (f"{person}/{kind}",))
    rows = work.rows(
        "SELECT coalesce(sum(homes), 0)::integer, coalesce(sum(amount_fen), 0)::bigint FROM done_alone"
        " WHERE person = %s AND kind = %s AND business_on = %s",
        (person, kind, work.today),
    )
    return DoneAlone(*rows[0])
