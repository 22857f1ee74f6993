"""Members of groups, season by season: their share, what is billed of it and what is open."""

from __future__ import annotations

from services.accounts.domain.cell_kinds import AMOUNT, DAY, NUMBER, SEASON, WHOLE
from services.accounts.queries.listings import (
    ACCOUNT_NO,
    DONE_BY,
    OFFICE,
    PLACE,
    SEASON_OF,
    Column,
    Filter,
    Key,
    Listing,
    of_place,
)
from services.accounts.storage.payer_shares import BILLED_SHARE

_SHARE = (
    """(SELECT coalesce(sum(x.{}), 0)::bigint FROM payer_shares s """
    + BILLED_SHARE.format("s")
    + """
    WHERE s.payer = g.name AND s.season = n.season AND s.account_no = n.account_no)"""
)

LISTING = Listing(
    title="单位成员 · members of groups",
    roles=OFFICE,
    source="group_members n JOIN payer_groups g USING (group_id) JOIN relief_cases r USING (case_id)"
    " LEFT JOIN relief_endings e USING (case_id) JOIN commands m ON m.command_id = n.command_id"
    " JOIN heat_accounts a ON a.account_no = n.account_no JOIN customers c USING (customer_id)"
    " JOIN premises p USING (premises_id)",
    key=(Key("n.account_no", "text"), Key("n.case_id", "bigint")),
    columns=(
        Column("group", "单位编号", "g.code"),
        Column("group_name", "单位", "g.name"),
        Column("account_no", "户号", "n.account_no"),
        Column("name", "户名", "c.name"),
        *PLACE,
        Column("season", "采暖季", "n.season", SEASON),
        Column("share_pct", "比例", "r.share_pct", NUMBER),
        Column("cap_m2", "面积上限", "r.cap_m2", NUMBER),
        Column("mechanism", "方式", "r.mechanism"),
        Column("from_on", "起始日", "r.from_on", DAY),
        Column("until_on", "截止日", "coalesce(e.until_on, r.until_on)", DAY),
        Column("billed", "应缴", _SHARE.format("billed_fen"), AMOUNT),
        Column("open", "未缴", _SHARE.format("open_fen"), AMOUNT),
        Column("case_id", "减免号", "n.case_id", WHOLE),
        *DONE_BY,
    ),
    filters={
        "group": Filter("g.code = %(group)s"),
        "season": Filter("n.season = %(season)s", SEASON_OF),
        "account_no": Filter("n.account_no = %(account_no)s", ACCOUNT_NO),
        **of_place("n.account_no"),
    },
)
