"""Relief: who else bears a share of which home's season."""

from __future__ import annotations

from services.accounts.domain.cell_kinds import DAY, NUMBER, SEASON, WHOLE
from services.accounts.queries.listings import (
    ACCOUNT_NO,
    DONE_BY,
    OFFICE,
    PLACE,
    SEASON_OF,
    WORD,
    Column,
    Filter,
    Key,
    Listing,
    of_place,
)

LISTING = Listing(
    title="减免 · relief",
    roles=OFFICE,
    source="relief_cases r JOIN commands m USING (command_id) JOIN heat_accounts a USING (account_no)"
    " JOIN customers c USING (customer_id) JOIN premises p USING (premises_id)"
    " LEFT JOIN relief_endings x ON x.case_id = r.case_id",
    key=(Key("r.account_no", "text"), Key("r.season", "smallint"), Key("r.case_id", "bigint")),
    columns=(
        Column("case_id", "减免号", "r.case_id", WHOLE),
        Column("account_no", "户号", "r.account_no"),
        Column("name", "户名", "c.name"),
        *PLACE,
        Column("season", "采暖季", "r.season", SEASON),
        Column("kind", "类别", "r.kind"),
        Column("payer", "承担方", "r.payer"),
        Column("mechanism", "方式", "r.mechanism"),
        Column("share_pct", "比例", "r.share_pct", NUMBER),
        Column("cap_m2", "面积上限", "r.cap_m2", NUMBER),
        Column("price", "优惠单价", "r.price", NUMBER),
        Column("price_class", "优惠用热性质", "r.price_class"),
        Column("per_m2", "每平方米补贴", "r.per_m2", NUMBER),
        Column("from_on", "起始日", "r.from_on", DAY),
        Column("until_on", "截止日", "least(r.until_on, x.until_on)", DAY),
        Column("proof_until", "证明有效期", "r.proof_until", DAY),
        Column("reason", "原因", "r.reason"),
        *DONE_BY,
    ),
    filters={
        "account_no": Filter("r.account_no = %(account_no)s", ACCOUNT_NO),
        "season": Filter("r.season = %(season)s", SEASON_OF),
        "kind": Filter("r.kind = %(kind)s", WORD),
        "payer": Filter("r.payer = %(payer)s"),
        "mechanism": Filter("r.mechanism = %(mechanism)s", WORD, choices=("SPLIT_BILL", "REIMBURSE", "PRICE_CLASS")),
        **of_place("r.account_no"),
    },
)
