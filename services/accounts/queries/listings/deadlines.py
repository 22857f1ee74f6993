"""What is due by when for applications, in the order of their days.

A suspended home whose bill of the season is paid keeps nobody waiting, whenever that became known.
"""

from __future__ import annotations

from services.accounts.domain.deadline import KINDS
from services.accounts.queries.listings import (
    ACCOUNT_NO,
    DAY,
    DAY_OF,
    FLAG,
    OFFICE,
    WHOLE,
    WORD,
    Column,
    Filter,
    Key,
    Listing,
)

_UNPAID = """EXISTS (SELECT FROM bills b LEFT JOIN debts t USING (bill_no, payer)
    WHERE b.account_no = s.account_no AND b.season = s.season AND b.live AND b.payer = a.household
      AND coalesce(t.open_fen, b.amount_fen) > 0)"""
_WAITS = (
    "d.ended_on IS NULL AND (d.kind <> 'suspension_payment'"
    f" OR (a.state = 'suspended' AND a.suspended_from = s.season AND {_UNPAID}))"
)

LISTING = Listing(
    title="办理时限 · deadlines",
    roles=("cashier", *OFFICE),
    source="deadlines d LEFT JOIN suspension_applications s ON s.application_id = d.suspension_id"
    " LEFT JOIN heat_accounts a ON a.account_no = s.account_no",
    key=(Key("(d.due_on - date '2000-01-01')", "integer"), Key("d.deadline_id", "bigint")),
    columns=(
        Column("deadline_id", "编号", "d.deadline_id", WHOLE),
        Column("kind", "事项", "d.kind"),
        Column("connection_id", "入网申请号", "d.connection_id", WHOLE),
        Column("suspension_id", "报停申请号", "d.suspension_id", WHOLE),
        Column("account_no", "户号", "s.account_no"),
        Column("begun_on", "起算日期", "d.begun_on", DAY),
        Column("days", "天数", "d.days", WHOLE),
        Column("counts", "计算方式", "d.counts"),
        Column("due_on", "截止日期", "d.due_on", DAY),
        Column("assumed", "日历未公布", "d.assumed", FLAG),
        Column(
            "state",
            "状态",
            f"CASE WHEN NOT ({_WAITS}) THEN 'ended' WHEN d.due_on < %(today)s THEN 'overdue' ELSE 'open' END",
        ),
        Column("ended_on", "办结日期", "d.ended_on", DAY),
        Column("outcome", "结果", "d.outcome"),
    ),
    filters={
        "state": Filter(
            "true",
            WORD,
            choices=("open", "overdue", "ended", "waiting"),
            by_value={
                "open": f"{_WAITS} AND d.due_on >= %(today)s",
                "overdue": f"{_WAITS} AND d.due_on < %(today)s",
                "waiting": _WAITS,
                "ended": f"NOT ({_WAITS})",
            },
        ),
        "kind": Filter("d.kind = %(kind)s", WORD, choices=tuple(KINDS)),
        "account_no": Filter("s.account_no = %(account_no)s", ACCOUNT_NO),
        "due_from": Filter("d.due_on >= %(due_from)s::date", DAY_OF),
        "due_until": Filter("d.due_on < %(due_until)s::date", DAY_OF),
    },
)
