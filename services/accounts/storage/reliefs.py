"""Relief cases: who bears a share of which home's charge for a season."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from services.accounts.domain.relief import Relief
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of

_OF_SEASON = """
SELECT account_no, kind, payer, share_pct, cap_m2, mechanism FROM relief_cases
WHERE season = %s AND account_no = ANY(%s) ORDER BY account_no, case_id
"""


_REIMBURSING = """
SELECT account_no, min(season)::integer FROM relief_cases WHERE account_no = ANY(%s) AND mechanism = 'REIMBURSE'
GROUP BY account_no
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


def reliefs_of(work: Work, account_nos: Collection[str], *, season: int) -> dict[str, list[Relief]]:
    """The reliefs of those accounts that have some, in the order in which they were granted."""
    found: defaultdict[str, list[Relief]] = defaultdict(list)
    for account_no, *relief in work.rows(_OF_SEASON, (season, list(account_nos))):
        found[account_no].append(Relief(*relief))
    return found


def reimbursing(work: Work, account_nos: Collection[str]) -> dict[str, int]:
    """Those of the accounts that get a subsidy paid back, and the first season for which they do."""
    return dict(work.rows(_REIMBURSING, (list(account_nos),))) if account_nos else {}
