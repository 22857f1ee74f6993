"""Homes that the rows of a list may mean: two questions for a thousand rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from services.accounts.domain.relief_list import Address, Candidate
from shared.chassis.unit_of_work import Work

_CANDIDATES = """
SELECT a.account_no, c.name, c.id_no, p.compound, p.building, p.unit, p.room, EXISTS (
    SELECT FROM relief_cases r LEFT JOIN relief_endings e USING (case_id)
    WHERE r.account_no = a.account_no AND r.season = %(season)s AND r.kind = %(kind)s AND e.case_id IS NULL)
"""
_BY_ID = f"""{_CANDIDATES}
FROM customers c JOIN heat_accounts a USING (customer_id) JOIN premises p USING (premises_id)
WHERE c.id_no = ANY(%(id_nos)s) AND a.state NOT IN ('not_connected', 'disconnected') ORDER BY a.account_no
"""
_BY_ADDRESS = f"""{_CANDIDATES}
FROM unnest(%(compounds)s::text[], %(buildings)s::text[], %(units)s::text[], %(rooms)s::text[]) AS v (compound, building, unit, room)
JOIN premises p ON p.compound = v.compound AND p.building = v.building AND p.unit = v.unit AND p.room = v.room
JOIN heat_accounts a USING (premises_id) JOIN customers c USING (customer_id)
WHERE a.state NOT IN ('not_connected', 'disconnected') ORDER BY a.account_no
"""


def candidates_by_id(work: Work, id_nos: Collection[str], *, season: int, kind: str) -> dict[str, list[Candidate]]:
    found: defaultdict[str, list[Candidate]] = defaultdict(list)
    for row in work.rows(_BY_ID, {"id_nos": list(id_nos), "season": season, "kind": kind}) if id_nos else ():
        found[row[2]].append(_candidate(row))
    return found


def candidates_by_address(
    work: Work, addresses: Collection[Address], *, season: int, kind: str
) -> dict[Address, Candidate]:
    if not addresses:
        return {}
    names = ("compounds", "buildings", "units", "rooms")
    columns = dict(zip(names, map(list, zip(*addresses, strict=True)), strict=True))
    rows = work.rows(_BY_ADDRESS, {**columns, "season": season, "kind": kind})
    return {each.address: each for each in map(_candidate, rows)}


def _candidate(row: tuple[str, str, str | None, str, str, str, str, bool]) -> Candidate:
    account_no, name, id_no, compound, building, unit, room, granted = row
    return Candidate(account_no, name, id_no, (compound, building, unit, room), granted)
