"""The season run: accounts bill every home, the bus tells payments, receivables and ledger stand there."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from deploy.bench.company import Company
from deploy.bench.floor import FloorFailed
from deploy.bench.homes import CALLER
from deploy.bench.mixture import MIXTURES
from deploy.bench.season import DAY, SEASON, bill_in_sets, by_workers, make_homes, one_number
from deploy.bench.stage import Stage, stage
from services.accounts.use_cases.issue_bills import IssueBills, issue_bills
from shared.chassis.codec import strict_json

SERVICES = ("accounts", "payments")

_EXPECTED = """
SELECT sum(bills * (({homes} - 1 - kind) / {kinds} + 1)) FROM (
    SELECT account_no::bigint AS kind, count(*) AS bills FROM bills
    WHERE account_no < lpad('{kinds}', 10, '0') GROUP BY account_no
) patterns
"""


@dataclass(frozen=True)
class Measured:
    """Seconds; ``peaks_mb`` by process."""

    floor: float
    ours: float
    peaks_mb: dict[str, float] = field(default_factory=dict)


def measure(
    admin_url: str, *, accounts: int, workers: int, told: Callable[[str], None], homes: str = "plain"
) -> Measured:
    """The floor on copies of the databases, then us on the databases themselves; ``homes`` is one of `MIXTURES`."""
    mixture = MIXTURES[homes]
    kinds = len(mixture.kinds)
    with stage(admin_url, day=DAY, services=SERVICES, bus=True) as where:
        told(f"{accounts} homes of {kinds} kinds …")
        make_homes(where, accounts, mixture)
        where.tidy()
        told("floor: bills, receivables and postings in sets …")
        with where.copies() as copies:
            began = time.monotonic()
            by_workers(workers, accounts, partial(bill_in_sets, copies, kinds=kinds))
            floor = time.monotonic() - began
            _assert_billed(copies, accounts, kinds)
        told(f"the season run, {workers} processes bill …")
        company = Company(where, *SERVICES)
        with company:
            began = time.monotonic()
            _bill(where, company, workers)
            company.come_to_rest(also=lambda: _done(where))
            ours = time.monotonic() - began
        _assert_billed(where.databases, accounts, kinds)
    return Measured(floor, ours, company.peaks_mb)


def _bill(where: Stage, company: Company, workers: int) -> None:
    """Begin the run; the service's own worker takes its chunks, and so do ``workers`` - 1 helpers."""
    runtime = where.runtime("accounts")
    run = strict_json(runtime.commands.run(issue_bills, IssueBills(SEASON), caller=CALLER).body.decode())
    runtime.engine.dispose()
    for _ in range(workers - 1 if run["state"] == "running" else 0):
        company.start("accounts", "bill", str(run["run_id"]))


def _done(where: Stage) -> bool:
    return one_number(where.databases["accounts"], "SELECT count(*) FROM billing_chunks WHERE done_by IS NULL") == 0


def _assert_billed(databases: dict[str, str], accounts: int, kinds: int) -> None:
    """Every home has the bills of its kind, and payments is owed to the fen what accounts billed."""
    billed = one_number(databases["accounts"], "SELECT sum(amount_fen) FROM bills")
    bills = one_number(databases["accounts"], "SELECT count(*) FROM bills")
    expected = one_number(databases["accounts"], _EXPECTED.format(kinds=kinds, homes=accounts + kinds))
    owed = one_number(databases["payments"], "SELECT sum(amount_fen) FROM receivables")
    posted = one_number(databases["payments"], "SELECT sum(amount_fen) FROM postings")
    owing = one_number(databases["payments"], "SELECT count(*) FROM receivables")
    if not billed == owed == posted or not expected == bills == owing:
        raise FloorFailed("the season is not billed", billed=billed, owed=owed, posted=posted, bills=bills,
                          expected=expected, owing=owing)  # fmt: skip
