"""Claims on finance bureaus and employers."""

from __future__ import annotations

from services.accounts.domain.cell_kinds import AMOUNT, DAY, SEASON, WHOLE
from services.accounts.domain.claim import LIFECYCLE
from services.accounts.queries.listings import DONE_BY, OFFICE, SEASON_OF, WORD, Column, Filter, Key, Listing

_SUM = "(SELECT {} FROM claim_lines l WHERE l.batch_no = q.batch_no)"

LISTING = Listing(
    title="补贴请款 · claims",
    roles=OFFICE,
    source="claim_batches q JOIN commands m USING (command_id)",
    key=(Key("q.batch_no", "bigint"),),
    columns=(
        Column("batch_no", "请款号", "q.batch_no", WHOLE),
        Column("payer", "承担方", "q.payer"),
        Column("season", "采暖季", "q.season", SEASON),
        Column("state", "状态", "q.state"),
        Column("drawn_on", "编制日期", "q.drawn_on", DAY),
        Column("sent_on", "送达日期", "q.sent_on", DAY),
        Column("lines", "户数", _SUM.format("count(*)"), WHOLE),
        Column("amount", "金额", _SUM.format("coalesce(sum(l.amount_fen), 0)::bigint"), AMOUNT),
        *DONE_BY,
    ),
    filters={
        "payer": Filter("q.payer = %(payer)s"),
        "season": Filter("q.season = %(season)s", SEASON_OF),
        "state": Filter("q.state = %(state)s", WORD, choices=LIFECYCLE.states),
    },
)
