"""Finding accounts by where they are, or by what they were billed, a page at a time in the order of their numbers."""

from __future__ import annotations

from services.accounts.domain.place import Place
from shared.chassis.unit_of_work import Work

_AT = """
SELECT a.account_no FROM heat_accounts a JOIN premises p USING (premises_id)
WHERE a.account_no > %(after)s AND (%(heat_station)s::text IS NULL OR p.heat_station = %(heat_station)s)
  AND (%(compound)s::text IS NULL OR p.compound = %(compound)s)
  AND (%(building)s::text IS NULL OR p.building = %(building)s)
  AND (%(unit)s::text IS NULL OR p.unit = %(unit)s)
ORDER BY a.account_no LIMIT %(limit)s
"""
_BILLED = """
SELECT account_no FROM bills WHERE season = %s AND live AND kind = 'season' AND account_no > %s
ORDER BY account_no LIMIT %s
"""


def account_nos_at(work: Work, place: Place, *, after: str, limit: int) -> list[str]:
    return [row[0] for row in work.rows(_AT, {**place._asdict(), "after": after, "limit": limit})]


def account_nos_billed(work: Work, season: int, *, after: str, limit: int) -> list[str]:
    return [row[0] for row in work.rows(_BILLED, (season, after, limit))]
