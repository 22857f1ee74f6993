"""Applications for a suspension."""

from __future__ import annotations

from services.accounts.domain.suspension_application import SUSPENSION_APPLICATION
from services.accounts.queries.listings import (
    ACCOUNT_NO,
    DAY,
    DONE_BY,
    OFFICE,
    SEASON,
    SEASON_OF,
    WHOLE,
    WORD,
    Column,
    Filter,
    Key,
    Listing,
    of_place,
)

LISTING = Listing(
    title="报停申请 · applications for a suspension",
    roles=("cashier", *OFFICE),
    source="suspension_applications s JOIN commands m USING (command_id)",
    key=(Key("s.application_id", "bigint"),),
    columns=(
        Column("application_id", "申请号", "s.application_id", WHOLE),
        Column("account_no", "户号", "s.account_no"),
        Column("season", "采暖季", "s.season", SEASON),
        Column("seasons", "季数", "s.seasons", WHOLE),
        Column("asked_on", "申请日期", "s.asked_on", DAY),
        Column("state", "状态", "s.state"),
        Column("granted_on", "批准日期", "s.granted_on", DAY),
        *DONE_BY,
    ),
    filters={
        "state": Filter("s.state = %(state)s", WORD, choices=SUSPENSION_APPLICATION.states),
        "season": Filter("s.season = %(season)s", SEASON_OF),
        "account_no": Filter("s.account_no = %(account_no)s", ACCOUNT_NO),
        **of_place("s.account_no"),
    },
)
