"""What a group bears this season or another: its members, and of their shares what is billed, paid and open."""

from __future__ import annotations

from typing import Any

from services.accounts.storage.payer_groups import group_named
from services.accounts.storage.payer_shares import BILLED_SHARE
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label

_SUMS = f"""
SELECT count(*), coalesce(sum(x.billed_fen), 0)::bigint, coalesce(sum(x.open_fen), 0)::bigint
FROM payer_shares s {BILLED_SHARE.format("s")} WHERE s.payer = %(payer)s AND s.season = %(season)s
"""
_MEMBERS = "SELECT count(DISTINCT account_no) FROM group_members WHERE group_id = %s AND season = %s"


def group_statement(work: Work, code: str, *, season: int) -> dict[str, Any]:
    """Sums over all members; the members themselves are the list `group_members`. Refuses `group_unknown`."""
    group = group_named(work, code)
    shares, billed_fen, open_fen = work.rows(_SUMS, {"payer": group.name, "season": season})[0]
    return {
        "code": code, "name": group.name, "season": season_label(season),
        "members": work.rows(_MEMBERS, (group.group_id, season))[0][0], "shares": shares,
        "billed": format_yuan(billed_fen), "paid": format_yuan(billed_fen - open_fen), "open": format_yuan(open_fen),
    }  # fmt: skip
