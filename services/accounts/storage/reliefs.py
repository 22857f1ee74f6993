"""Relief cases: who bears a share of which home's charge for a season, or by which price of its own it is charged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from services.accounts.domain.own_price import OwnPrice
from services.accounts.domain.relief import AskedRelief, Relief, own_price_of
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of

_CASES = """
SELECT c.account_no, c.season, c.kind, c.payer, c.share_pct, c.cap_m2, c.mechanism, c.price, c.price_class, c.per_m2,
       c.from_on, coalesce(e.until_on, c.until_on), c.case_id, e.case_id IS NOT NULL
FROM relief_cases c JOIN commands k ON k.command_id = c.command_id LEFT JOIN relief_endings e USING (case_id)
WHERE c.account_no = ANY(%s) AND {which} ORDER BY c.account_no, k.at, c.case_id
"""
_OF_SEASON = _CASES.format(which="c.season = %s")
_PRICED = _CASES.format(which="c.mechanism = 'PRICE_CLASS'")
_REIMBURSING = """
SELECT account_no, min(season)::integer FROM relief_cases WHERE account_no = ANY(%s) AND mechanism = 'REIMBURSE'
GROUP BY account_no
"""
_OWNERS = """
SELECT a.account_no, c.name FROM heat_accounts a JOIN customers c USING (customer_id) WHERE a.account_no = ANY(%s)
"""


@row_of("relief_cases")
class ReliefCaseRow(NamedTuple):
    case_id: int
    command_id: int
    account_no: str
    season: int
    kind: str
    payer: str
    share_pct: Decimal
    cap_m2: Decimal | None
    mechanism: str
    proof_until: date | None
    reason: str
    price: Decimal | None
    price_class: str | None
    per_m2: Decimal | None
    from_on: date | None
    until_on: date | None
    holder: str | None
    relative: str | None


@row_of("relief_endings")
class ReliefEndingRow(NamedTuple):
    case_id: int
    command_id: int
    until_on: date
    reason: str


def reliefs_of(work: Work, account_nos: Collection[str], *, season: int) -> dict[str, list[Relief]]:
    """The reliefs of those accounts that have some, in the order in which they were granted."""
    found: defaultdict[str, list[Relief]] = defaultdict(list)
    for account_no, _, *relief in work.rows(_OF_SEASON, (list(account_nos), season)):
        found[account_no].append(Relief(*relief))
    return found


def own_prices_of(work: Work, account_nos: Collection[str]) -> dict[str, Mapping[int, OwnPrice]]:
    """By account and season, the prices by which homes are charged instead of their classes'."""
    priced: defaultdict[str, dict[int, list[Relief]]] = defaultdict(dict)
    for account_no, season, *relief in work.rows(_PRICED, (list(account_nos),)):
        priced[account_no].setdefault(season, []).append(Relief(*relief))
    return {
        account_no: {season: own for season, reliefs in seasons.items() if (own := own_price_of(reliefs))}
        for account_no, seasons in priced.items()
    }


def add_reliefs(
    work: Work, season: int, granted: Collection[tuple[str, Relief, AskedRelief]], *, reason: str
) -> Sequence[int]:
    """Write them; the numbers of the cases."""
    case_ids = work.new_ids(len(granted)) if granted else ()
    work.add(
        ReliefCaseRow(case_id, work.command_id, account_no, season, relief.kind, relief.payer, relief.share_pct,
                      relief.cap_m2, relief.mechanism, asked.proof_until, reason, relief.price, relief.price_class,
                      relief.per_m2, relief.from_on, relief.until_on, asked.holder, asked.relative)
        for case_id, (account_no, relief, asked) in zip(case_ids, granted, strict=True)
    )  # fmt: skip
    return case_ids


def owners_of(work: Work, account_nos: Collection[str]) -> dict[str, str]:
    """The names of the present owners."""
    return dict(work.rows(_OWNERS, (list(account_nos),)))


def reimbursing(work: Work, account_nos: Collection[str]) -> dict[str, int]:
    """Those of the accounts that get a subsidy paid back, and the first season for which they do."""
    return dict(work.rows(_REIMBURSING, (list(account_nos),))) if account_nos else {}
