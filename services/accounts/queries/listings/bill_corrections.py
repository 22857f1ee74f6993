"""What corrected bills: by how much, why, by whom."""

from __future__ import annotations

from services.accounts.domain.cell_kinds import AMOUNT, DAY, SEASON, WHOLE
from services.accounts.queries.listings import (
    ACCOUNT_NO,
    DAY_OF,
    DONE_BY,
    OFFICE,
    SEASON_OF,
    WORD,
    Column,
    Filter,
    Key,
    Listing,
    of_place,
)

LISTING = Listing(
    title="账单更正 · corrections of bills",
    roles=OFFICE,
    source="bill_corrections k JOIN commands m USING (command_id)",
    key=(Key("k.account_no", "text"), Key("k.season", "smallint"), Key("k.correction_id", "bigint")),
    columns=(
        Column("correction_id", "更正号", "k.correction_id", WHOLE),
        Column("bill_no", "账单号", "k.bill_no", WHOLE),
        Column("account_no", "户号", "k.account_no"),
        Column("season", "采暖季", "k.season", SEASON),
        Column("kind", "类别", "k.kind"),
        Column("amount", "调整金额", "k.amount_fen", AMOUNT),
        Column("posted_on", "入账日期", "k.posted_on", DAY),
        Column("due_on", "到期日", "k.due_on", DAY),
        Column("reason", "原因", "k.reason"),
        *DONE_BY,
    ),
    filters={
        "account_no": Filter("k.account_no = %(account_no)s", ACCOUNT_NO),
        "season": Filter("k.season = %(season)s", SEASON_OF),
        "kind": Filter("k.kind = %(kind)s", WORD, choices=("correction", "credit_note", "assumption", "reimbursement")),
        "posted_from": Filter("k.posted_on >= %(posted_from)s::date", DAY_OF),
        "posted_until": Filter("k.posted_on < %(posted_until)s::date", DAY_OF),
        **of_place("k.account_no"),
    },
)
