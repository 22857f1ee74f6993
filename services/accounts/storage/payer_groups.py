"""Groups of an employer: who they are, and whose shares they bear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of
from shared.kernel.errors import NotFound

_LEFT_TO_CARRY = """
SELECT m.account_no, c.share_pct, c.cap_m2, c.mechanism FROM group_members m
JOIN relief_cases c USING (case_id) LEFT JOIN relief_endings e USING (case_id) JOIN heat_accounts a ON a.account_no = m.account_no
WHERE m.group_id = %(group)s AND m.season = %(season)s - 1 AND e.case_id IS NULL AND c.until_on IS NULL
AND a.state <> 'disconnected' AND NOT EXISTS (
    SELECT FROM relief_cases n LEFT JOIN relief_endings ne USING (case_id)
    WHERE n.account_no = m.account_no AND n.season = %(season)s AND n.kind = c.kind AND n.payer = c.payer)
ORDER BY m.account_no LIMIT %(limit)s
"""


class GroupUnknown(NotFound):
    code = "group_unknown"
    remedy = "Open the group first, or check its code."


@row_of("payer_groups")
class PayerGroupRow(NamedTuple):
    group_id: int
    command_id: int
    code: str
    name: str
    uscc: str | None


@row_of("group_members")
class GroupMemberRow(NamedTuple):
    case_id: int
    command_id: int
    group_id: int
    account_no: str
    season: int


class Group(NamedTuple):
    group_id: int
    name: str


def group_named(work: Work, code: str) -> Group:
    """Refused: `group_unknown`."""
    rows = work.rows("SELECT group_id, name FROM payer_groups WHERE code = %s", (code,))
    if not rows:
        raise GroupUnknown("there is no such group", code=code)
    return Group(*rows[0])


def add_members(work: Work, group: Group, season: int, case_ids: Sequence[int], account_nos: Sequence[str]) -> None:
    work.add(
        GroupMemberRow(case_id, work.command_id, group.group_id, account_no, season)
        for case_id, account_no in zip(case_ids, account_nos, strict=True)
    )


def left_to_carry(work: Work, group: Group, *, season: int, limit: int) -> list[tuple[str, dict[str, object]]]:
    """Members of the season before who stayed to its end and are none of ``season`` yet, with what was agreed."""
    rows = work.rows(_LEFT_TO_CARRY, {"group": group.group_id, "season": season, "limit": limit})
    return [(row[0], dict(zip(("share_pct", "cap_m2", "mechanism"), row[1:], strict=True))) for row in rows]
