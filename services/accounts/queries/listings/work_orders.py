"""Work orders: what waits where, for which crew, and what was done."""

from __future__ import annotations

from services.accounts.domain.work_order import KINDS, WORK_ORDER
from services.accounts.queries.listings import (
    ACCOUNT_NO,
    DAY,
    DAY_OF,
    OFFICE,
    WHOLE,
    WORD,
    Column,
    Filter,
    Key,
    Listing,
)

LISTING = Listing(
    title="工单 · work orders",
    roles=OFFICE,
    source="work_orders o LEFT JOIN work_results r USING (work_order_id)",
    key=(Key("o.work_order_id", "bigint"),),
    columns=(
        Column("work_order_id", "工单号", "o.work_order_id", WHOLE),
        Column("kind", "内容", "o.kind"),
        Column("cause", "起因", "o.cause"),
        Column("state", "状态", "o.state"),
        Column("assignee", "班组", "o.assignee"),
        Column("account_no", "户号", "o.account_no"),
        Column("connection_id", "入网申请号", "o.connection_id", WHOLE),
        Column("heat_station", "换热站", "o.heat_station"),
        Column("compound", "小区", "o.compound"),
        Column("building", "楼栋", "o.building"),
        Column("unit", "单元", "o.unit"),
        Column("room", "房号", "o.room"),
        Column("opened_on", "开单日期", "o.opened_on", DAY),
        Column("note", "说明", "o.note"),
        Column("done_by", "施工人", "r.done_by"),
        Column("done_on", "完成日期", "r.done_on", DAY),
        Column("valve", "阀门", "r.valve"),
        Column("seal_no", "铅封号", "r.seal_no"),
    ),
    filters={
        "state": Filter(
            "o.state = %(state)s",
            WORD,
            choices=(*WORK_ORDER.states, "waiting"),
            by_value={"waiting": "o.state IN ('opened', 'assigned', 'failed')"},
        ),
        "kind": Filter("o.kind = %(kind)s", WORD, choices=tuple(KINDS)),
        "assignee": Filter("o.assignee = %(assignee)s"),
        "account_no": Filter("o.account_no = %(account_no)s", ACCOUNT_NO),
        "heat_station": Filter("o.heat_station = %(heat_station)s"),
        "compound": Filter("o.compound = %(compound)s"),
        "building": Filter("o.compound = %(compound)s AND o.building = %(building)s", needs=("compound",)),
        "seal_no": Filter("r.seal_no = %(seal_no)s"),
        "opened_from": Filter("o.opened_on >= %(opened_from)s::date", DAY_OF),
        "opened_until": Filter("o.opened_on < %(opened_until)s::date", DAY_OF),
    },
)
