"""Groups: employers and others that pay for many homes."""

from __future__ import annotations

from services.accounts.queries.listings import BEGINS, DONE_BY, OFFICE, PREFIX, Column, Filter, Key, Listing

LISTING = Listing(
    title="缴费单位 · groups",
    roles=OFFICE,
    source="payer_groups g JOIN commands m USING (command_id)",
    key=(Key("g.code", "text"),),
    columns=(
        Column("code", "单位编号", "g.code"),
        Column("name", "单位", "g.name"),
        Column("uscc", "统一社会信用代码", "g.uscc"),
        *DONE_BY,
    ),
    filters={"code": Filter("g.code = %(code)s"), "name": Filter(BEGINS.format("g.name", "%(name)s"), PREFIX)},
)
