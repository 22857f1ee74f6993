"""Season runs and how far each is."""

from __future__ import annotations

from services.accounts.domain.cell_kinds import SEASON, WHOLE
from services.accounts.queries.listings import DONE_BY, OFFICE, SEASON_OF, WORD, Column, Filter, Key, Listing

_STATE = """CASE WHEN EXISTS (SELECT FROM billing_chunks k WHERE k.run_id = r.run_id AND k.done_by IS NULL)
    THEN 'running' ELSE 'done' END"""
_SUM = "(SELECT coalesce(sum(k.{0}), 0)::bigint FROM billing_chunks k WHERE k.run_id = r.run_id)"

LISTING = Listing(
    title="开账批次 · season runs",
    roles=OFFICE,
    source="billing_runs r JOIN policies p USING (policy_id) JOIN commands m ON m.command_id = r.command_id",
    key=(Key("r.run_id", "bigint"),),
    columns=(
        Column("run_id", "批次号", "r.run_id", WHOLE),
        Column("season", "采暖季", "r.season", SEASON),
        Column("mode", "方式", "r.mode"),
        Column("state", "状态", _STATE),
        Column("policy", "政策", "p.name"),
        Column("policy_version", "政策版本", "p.version"),
        Column("accounts", "户数", "r.accounts", WHOLE),
        Column("billed", "出账户数", _SUM.format("billed"), WHOLE),
        Column("already", "已有账单", _SUM.format("already"), WHOLE),
        Column("parked", "挂起户数", _SUM.format("parked"), WHOLE),
        *DONE_BY,
    ),
    filters={
        "season": Filter("r.season = %(season)s", SEASON_OF),
        "mode": Filter("r.mode = %(mode)s", WORD, choices=("issue", "preview")),
        "state": Filter(f"{_STATE} = %(state)s", WORD, choices=("running", "done")),
    },
)
