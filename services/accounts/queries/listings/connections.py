"""Applications for a new connection."""

from __future__ import annotations

from services.accounts.domain.cell_kinds import WHOLE
from services.accounts.domain.connection import CONNECTION
from services.accounts.queries.listings import DONE_BY, OFFICE, WORD, Column, Filter, Key, Listing

LISTING = Listing(
    title="入网申请 · applications for a connection",
    roles=("cashier", *OFFICE),
    source="(SELECT application_id, command_id, state, account_no, account::jsonb AS asked"
    " FROM connection_applications) n JOIN commands m USING (command_id)",
    key=(Key("n.application_id", "bigint"),),
    columns=(
        Column("application_id", "申请号", "n.application_id", WHOLE),
        Column("state", "状态", "n.state"),
        Column("account_no", "户号", "n.account_no"),
        Column("name", "户名", "n.asked->>'name'"),
        Column("compound", "小区", "n.asked->>'compound'"),
        Column("building", "楼栋", "n.asked->>'building'"),
        Column("unit", "单元", "n.asked->>'unit'"),
        Column("room", "房号", "n.asked->>'room'"),
        *DONE_BY,
    ),
    filters={
        "state": Filter("n.state = %(state)s", WORD, choices=CONNECTION.states),
        "compound": Filter("n.asked->>'compound' = %(compound)s"),
    },
)
