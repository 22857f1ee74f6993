"""Days for which a household is owed something back."""

from __future__ import annotations

from services.accounts.domain.cell_kinds import DAY, SEASON, WHOLE
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
    title="退费权益 · refund entitlements",
    roles=OFFICE,
    source="entitlement_days e JOIN commands m USING (command_id)",
    key=(Key("e.account_no", "text"), Key("e.season", "smallint"), Key("e.claim_id", "bigint")),
    columns=(
        Column("claim_id", "权益号", "e.claim_id", WHOLE),
        Column("account_no", "户号", "e.account_no"),
        Column("season", "采暖季", "e.season", SEASON),
        Column("day", "日期", "e.day", DAY),
        Column("cause", "事由", "e.cause"),
        Column("share_of", "份额分子", "e.share_of", WHOLE),
        Column("share_by", "份额分母", "e.share_by", WHOLE),
        *DONE_BY,
    ),
    filters={
        "account_no": Filter("e.account_no = %(account_no)s", ACCOUNT_NO),
        "season": Filter("e.season = %(season)s", SEASON_OF),
        "cause": Filter("e.cause = %(cause)s", WORD),
        "day_from": Filter("e.day >= %(day_from)s::date", DAY_OF),
        "day_until": Filter("e.day < %(day_until)s::date", DAY_OF),
        **of_place("e.account_no"),
    },
)
