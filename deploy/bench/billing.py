"""The season run: accounts bill every home, the bus tells payments, receivables and ledger stand there."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from deploy.bench.company import Company
from deploy.bench.floor import FloorFailed
from deploy.bench.homes import CALLER
from deploy.bench.season import DAY, SEASON, bill_in_sets, by_workers, make_homes, one_number
from deploy.bench.stage import Stage, stage
from services.accounts.use_cases.issue_bills import IssueBills, issue_bills
from shared.chassis.codec import strict_json

SERVICES = ("accounts", "payments")


@dataclass(frozen=True)
class Measured:
    """Seconds; ``peaks_mb`` by process."""

    floor: float
    ours: float
    peaks_mb: dict[str, float] = field(default_factory=dict)


def measure(admin_url: str, *, accounts: int, workers: int, told: Callable[[str], None]) -> Measured:
    """The floor on copies of the databases, then us on the databases themselves."""
    with stage(admin_url, day=DAY, services=SERVICES, bus=True) as where:
        told(f"{accounts} homes …")
        make_homes(where, accounts)
        where.tidy()
        told("floor: bills, receivables and postings in sets …")
        with where.copies() as copies:
            began = time.monotonic()
            by_workers(workers, accounts, lambda first, last: bill_in_sets(copies, first, last))
            floor = time.monotonic() - began
            _assert_billed(copies, accounts)
        told(f"the season run, {workers} processes bill …")
        company = Company(where, *SERVICES)
        with company:
            began = time.monotonic()
            _bill(where, company, workers)
            company.come_to_rest(also=lambda: _done(where))
            ours = time.monotonic() - began
        _assert_billed(where.databases, accounts)
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


def _assert_billed(databases: dict[str, str], accounts: int) -> None:
    """Every home has its bill, and payments owes itself to the fen what accounts billed."""
    billed = one_number(databases["accounts"], "SELECT sum(amount_fen) FROM bills")
    owed = one_number(databases["payments"], "SELECT sum(amount_fen) FROM receivables")
    posted = one_number(databases["payments"], "SELECT sum(amount_fen) FROM postings")
    homes = one_number(databases["payments"], "SELECT count(*) FROM receivables")
    if not billed == owed == posted or homes != accounts + 1:
        raise FloorFailed("the season is not billed", billed=billed, owed=owed, posted=posted, homes=homes)
