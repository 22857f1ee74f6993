"""Moves of accounts along their lifecycle: opened, suspended, resumed, cut, sold …"""

from __future__ import annotations

from services.accounts.domain.account import STATES
from services.accounts.domain.cell_kinds import DAY, WHOLE
from services.accounts.queries.listings import (
    ACCOUNT_NO,
    DAY_OF,
    DONE_BY,
    OFFICE,
    WORD,
    Column,
    Filter,
    Key,
    Listing,
    of_place,
)

LISTING = Listing(
    title="用热状态变动 · moves of accounts",
    roles=OFFICE,
    source="account_moves v JOIN commands m USING (command_id)",
    key=(Key("v.account_no", "text"), Key("v.move_id", "bigint")),
    columns=(
        Column("move_id", "变动号", "v.move_id", WHOLE),
        Column("account_no", "户号", "v.account_no"),
        Column("verb", "业务", "v.verb"),
        Column("from_state", "变动前", "v.from_state"),
        Column("to_state", "变动后", "v.to_state"),
        Column("effective_on", "生效日期", "v.effective_on", DAY),
        Column("reason", "原因", "v.reason"),
        *DONE_BY,
    ),
    filters={
        "account_no": Filter("v.account_no = %(account_no)s", ACCOUNT_NO),
        "verb": Filter("v.verb = %(verb)s", WORD),
        "to_state": Filter("v.to_state = %(to_state)s", WORD, choices=tuple(STATES)),
        "effective_from": Filter("v.effective_on >= %(effective_from)s::date", DAY_OF),
        "effective_until": Filter("v.effective_on < %(effective_until)s::date", DAY_OF),
        **of_place("v.account_no"),
    },
)
