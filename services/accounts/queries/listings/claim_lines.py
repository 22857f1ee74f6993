"""The lines of claims: what a payer has to be shown, home by home."""

from __future__ import annotations

from services.accounts.domain.cell_kinds import AMOUNT, NUMBER, SEASON, WHOLE
from services.accounts.queries.listings import (
    ACCOUNT_NO,
    EXACT,
    OFFICE,
    PLACE,
    SEASON_OF,
    Column,
    Filter,
    Key,
    Listing,
)

LISTING = Listing(
    title="请款明细 · lines of claims",
    roles=OFFICE,
    source="claim_lines l JOIN claim_batches q USING (batch_no) JOIN bills b ON b.bill_no = l.bill_no AND b.payer = l.payer"
    " JOIN heat_accounts a ON a.account_no = l.account_no JOIN customers c USING (customer_id)"
    " JOIN premises p USING (premises_id) LEFT JOIN LATERAL (SELECT * FROM relief_cases k WHERE k.account_no = l.account_no"
    " AND k.season = q.season AND k.payer = l.payer ORDER BY k.case_id DESC LIMIT 1) r ON true",
    key=(Key("l.batch_no", "bigint"), Key("l.bill_no", "bigint"), Key("l.payer", "text")),
    columns=(
        Column("batch_no", "请款号", "l.batch_no", WHOLE),
        Column("account_no", "户号", "l.account_no"),
        Column("name", "户名", "c.name"),
        *PLACE,
        Column("building_area", "建筑面积", "p.building_area", NUMBER),
        Column("season", "采暖季", "q.season", SEASON),
        Column("bill_no", "账单号", "l.bill_no", WHOLE),
        Column("kind", "类别", "r.kind"),
        Column("mechanism", "方式", "r.mechanism"),
        Column("holder", "证件持有人", "r.holder"),
        Column("amount", "金额", "l.amount_fen", AMOUNT),
    ),
    filters={
        "batch_no": Filter(
            "l.batch_no = CASE WHEN %(batch_no)s ~ '^[0-9]{1,18}$' THEN %(batch_no)s::bigint END", EXACT
        ),
        "account_no": Filter("l.account_no = %(account_no)s", ACCOUNT_NO),
        "season": Filter("q.season = %(season)s", SEASON_OF),
        "payer": Filter("q.payer = %(payer)s"),
    },
)
