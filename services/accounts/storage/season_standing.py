"""How a season stands on a day: homes and areas by state, what was billed and collected, in one statement.

Everything is read as of the day from dated rows: periods, areas, bills and corrections, what payments told, branches.
A whole city is hashed and added up in one pass over each table; with a filter the homes are found first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from services.accounts.domain.season_report import Group, Measures
from shared.chassis.unit_of_work import Work

STATEMENT_TIMEOUT = "300s"
"""A city of two million homes is added up in about a minute; nobody's counter waits for it."""

_COLUMNS: Mapping[str, str] = {
    "branch": "coalesce(w.branch, '')",
    "compound": "p.compound",
    "building": "p.building",
    "heat_station": "coalesce(p.heat_station, '')",
    "price_class": "a.price_class",
}

_STANDING = """
WITH periods AS (
    SELECT account_no, min(state) FILTER (WHERE from_on <= %(day)s AND (until_on IS NULL OR until_on > %(day)s)) AS state
    FROM inactive_periods WHERE until_on IS NULL OR until_on > from_on GROUP BY account_no
), areas AS (
    SELECT DISTINCT ON (premises_id) premises_id, building_area FROM premises_areas JOIN commands k USING (command_id)
    WHERE valid_from <= %(day)s ORDER BY premises_id, valid_from DESC, k.at DESC, version_id DESC
), belonging AS (
    SELECT DISTINCT ON (compound) compound, branch FROM branch_compounds JOIN commands k USING (command_id)
    WHERE valid_from <= %(day)s ORDER BY compound, valid_from DESC, k.at DESC, assignment_id DESC
), homes AS MATERIALIZED (
    SELECT a.account_no, coalesce(w.branch, '') AS branch, p.compound, p.building, p.unit,
           coalesce(p.heat_station, '') AS heat_station, a.price_class,
           CASE WHEN i.state IS NOT NULL THEN i.state
                WHEN a.state = 'not_connected' OR a.connected_on > %(day)s THEN 'never_connected'
                WHEN i.account_no IS NULL AND a.state <> 'active' THEN a.state  -- it came so from the old system
                ELSE 'heated' END AS state,
           (coalesce(v.building_area, p.building_area) * 100)::bigint AS dm2
    FROM heat_accounts a JOIN premises p USING (premises_id)
    LEFT JOIN periods i USING (account_no) LEFT JOIN areas v USING (premises_id) LEFT JOIN belonging w USING (compound)
    WHERE a.opened_on <= %(day)s{filters}
), billed AS (
    SELECT account_no, sum(fen) FILTER (WHERE season = %(season)s) AS fen,
           sum(fen) FILTER (WHERE season < %(season)s) AS earlier_fen, bool_or(season = %(season)s) AS is_billed
    FROM (SELECT account_no, season, amount_fen AS fen FROM bills
          WHERE live AND season <= %(season)s AND posted_on <= %(day)s{of_homes}
          UNION ALL
          SELECT account_no, season, amount_fen FROM bill_corrections
          WHERE season <= %(season)s AND posted_on <= %(day)s{of_homes}) told
    GROUP BY account_no
), collected AS (
    SELECT account_no, sum(paid_fen) FILTER (WHERE season = %(season)s) AS paid_fen,
           sum(discount_fen) FILTER (WHERE season = %(season)s) AS discount_fen,
           sum(rounding_fen) FILTER (WHERE season = %(season)s) AS rounding_fen,
           sum(late_fee_fen) FILTER (WHERE season = %(season)s) AS late_fee_fen,
           sum(paid_fen + discount_fen + rounding_fen) FILTER (WHERE season < %(season)s) AS earlier_fen
    FROM collections WHERE season <= %(season)s AND collected_on <= %(day)s{of_homes} GROUP BY account_no
), charged AS (
    SELECT DISTINCT ON (account_no) account_no, dm2
    FROM (SELECT account_no, '-infinity'::timestamptz AS at, 0 AS number, {area} AS dm2
          FROM bills CROSS JOIN LATERAL {node} AS node
          WHERE live AND kind = 'season' AND season = %(season)s AND posted_on <= %(day)s{of_homes}
          UNION ALL
          SELECT account_no, k.at, correction_id, {area}
          FROM bill_corrections JOIN commands k USING (command_id) CROSS JOIN LATERAL {node} AS node
          WHERE kind = 'correction' AND season = %(season)s AND posted_on <= %(day)s{of_homes}) told
    ORDER BY account_no, at DESC, number DESC
)
SELECT {keys},
       count(*) FILTER (WHERE h.state = 'heated'), count(*) FILTER (WHERE h.state = 'suspended'),
       count(*) FILTER (WHERE h.state = 'cut'), count(*) FILTER (WHERE h.state = 'disconnected'),
       count(*) FILTER (WHERE h.state = 'never_connected'),
       coalesce(sum(h.dm2) FILTER (WHERE h.state = 'heated'), 0)::bigint,
       coalesce(sum(h.dm2) FILTER (WHERE h.state = 'suspended'), 0)::bigint,
       coalesce(sum(h.dm2) FILTER (WHERE h.state = 'cut'), 0)::bigint,
       coalesce(sum(h.dm2) FILTER (WHERE h.state = 'disconnected'), 0)::bigint,
       coalesce(sum(h.dm2) FILTER (WHERE h.state = 'never_connected'), 0)::bigint,
       count(*) FILTER (WHERE b.is_billed), coalesce(sum(g.dm2), 0)::bigint, coalesce(sum(b.fen), 0)::bigint,
       coalesce(sum(c.paid_fen), 0)::bigint, coalesce(sum(c.discount_fen), 0)::bigint,
       coalesce(sum(c.rounding_fen), 0)::bigint, coalesce(sum(c.late_fee_fen), 0)::bigint,
       (coalesce(sum(b.earlier_fen), 0) - coalesce(sum(c.earlier_fen), 0))::bigint
FROM homes h LEFT JOIN billed b USING (account_no) LEFT JOIN collected c USING (account_no)
LEFT JOIN charged g USING (account_no)
GROUP BY {keys} ORDER BY {order}
"""
# The node of a derivation that holds the area, and the area that it charges (`relief.base_of`).
_NODE = "jsonb_path_query_first(derivation, '$.** ? (exists (@.area_dm2))')"
_AREA = "((node->>'area_dm2')::numeric * coalesce(node->>'missing_area_factor_pct', '100')::numeric / 100)"
_OF_HOMES = " AND account_no IN (SELECT account_no FROM homes)"


def standing(
    work: Work, *, day: date, season: int, keys: Sequence[str], filters: Mapping[str, str] | None = None
) -> list[Group]:
    """The homes that were opened by ``day``, grouped by ``keys`` (of `season_report.KEYS`), in the order of their names.

    ``filters`` (of `season_report.FILTERS`) keep the homes of one branch, compound and so on; "" keeps those without it.
    """
    chosen = filters or {}
    sql = _STANDING.format(
        keys=", ".join(f"h.{key}" for key in keys),
        order=", ".join(f'h.{key} COLLATE "C"' for key in keys),
        filters="".join(f" AND {_COLUMNS[name]} = %({name})s" for name in chosen),
        of_homes=_OF_HOMES if chosen else "",
        area=_AREA,
        node=_NODE,
    )
    read_patiently(work)
    rows = work.rows(sql, {"day": day, "season": season, **chosen})
    return [Group(row[: len(keys)], Measures(*row[len(keys) :])) for row in rows]


def read_patiently(work: Work) -> None:
    """For the rest of this work: time and memory for statements that read everything, planned for what they ask."""
    work.rows(
        "SELECT set_config('statement_timeout', %s, true), set_config('work_mem', '128MB', true),"
        " set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true)",
        (STATEMENT_TIMEOUT,),
    )
