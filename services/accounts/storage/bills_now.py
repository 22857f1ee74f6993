"""Billing a home within a command: one that no season run bills, or that began after it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from services.accounts.domain.account import CHARGED
from services.accounts.domain.account_facts import AccountFacts
from services.accounts.domain.rating import values_of
from services.accounts.domain.season_charge import SeasonCharges, season_charges
from services.accounts.domain.season_run import Billed, HomeToBill
from services.accounts.storage.bill_corrections import Known, charges_of, shares_billed
from services.accounts.storage.billing_runs import add_done_chunk
from services.accounts.storage.bills import add_season_bills
from services.accounts.storage.by_content import keep_kinds
from services.accounts.storage.policies import recorded_policy_in_force
from services.accounts.storage.rows import BillingRunRow
from services.accounts.storage.season_turns import assert_books_open
from services.accounts.storage.seasons import declaration_in_force, heating_season
from shared.chassis.unit_of_work import Work

ISSUE = "issue"


class Ground(NamedTuple):
    """What the bills are made by: a policy, the declaration of the season if there is one, the charges of both."""

    policy_id: int
    season_id: int | None
    charges: SeasonCharges


def ground_in_force(work: Work, season: int) -> Ground:
    """By the policy and the dates that hold now."""
    active, declared = recorded_policy_in_force(work), declaration_in_force(work, season)
    charges = season_charges(active.policy, heating_season(active.policy, season, declared), work.today)
    return Ground(active.policy_id, declared.season_id if declared else None, charges)


def billed_already(work: Work, account_nos: Collection[str], season: int) -> dict[str, bool]:
    """Those of the accounts that have a live bill of the season; False: it is only a debt that an old system handed over."""
    rows = work.rows(
        "SELECT account_no, bool_or(kind <> 'opening') FROM bills WHERE account_no = ANY(%s) AND season = %s AND live"
        " GROUP BY account_no",
        (list(account_nos), season),
    )
    return dict(rows)


def ground_of(work: Work, account_nos: Sequence[str], season: int) -> dict[str, Ground]:
    """By account, what its bill of the season was made by; those without one are left out."""
    known: Known = {}
    found = {}
    for (account_no, of_season), shares in shares_billed(work, account_nos, from_season=season).items():
        issued = next((share for share in shares if share.policy_id is not None), None)
        if of_season == season and issued is not None:
            charges = charges_of(work, season, shares, known=known)
            found[account_no] = Ground(issued.policy_id or 0, issued.season_id, charges)
    return found


def bill_now(work: Work, accounts: Sequence[AccountFacts], ground: Ground) -> list[int]:
    """Bill homes that have no bill of the season, in one run of their own; what each is charged, in fen.

    Refuses what a home cannot be charged for, and `season_closed`; nothing of the list is billed then.
    """
    charges = ground.charges
    assert_books_open(work, [charges.season.season])
    billed = Billed()
    for facts in accounts:
        used = values_of(facts.home_in(charges.season))
        home = HomeToBill(facts.account_no, CHARGED[0], False, True, facts.heat_station, used, facts.household)
        charge = charges.of(used, heat_station=facts.heat_station, account_no=facts.account_no)
        billed.charges.append((home, charge))
        of_class = billed.sums.setdefault(home.price_class, [0, 0])
        of_class[0] += 1
        of_class[1] += charge.amount_fen
    run_id = work.new_ids(1)[0]
    work.add([
        BillingRunRow(run_id, work.command_id, charges.season.season, ISSUE, ground.policy_id, ground.season_id,
                      len(accounts))
    ])  # fmt: skip
    add_done_chunk(work, run_id, [facts.account_no for facts in accounts], billed, named=True)
    keep_kinds(work, {charge.scope: charges.kinds[charge.scope] for _, charge in billed.charges})
    add_season_bills(work, run_id, billed, charges)
    return [charge.amount_fen for _, charge in billed.charges]
