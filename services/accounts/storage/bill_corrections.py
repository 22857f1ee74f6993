"""Correcting bills: the season is charged again under the facts that hold now, and the difference is posted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import Any, NamedTuple

from services.accounts.domain.account_facts import AccountFacts
from services.accounts.domain.payment_terms import due_parts
from services.accounts.domain.policy_scope import Scope
from services.accounts.domain.rating import values_of
from services.accounts.domain.relief import Relief, base_of, divide, due_back_fen, reimbursed
from services.accounts.domain.season_charge import Charge, SeasonCharges, season_charges
from services.accounts.storage.by_content import keep_kinds, kind_ids_of
from services.accounts.storage.payer_shares import shares_of_others
from services.accounts.storage.policies import policy_of
from services.accounts.storage.reliefs import reliefs_of
from services.accounts.storage.rows import BillRow, CorrectionRow
from services.accounts.storage.season_turns import assert_books_open
from services.accounts.storage.seasons import declaration, heating_season
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan
from shared.kernel.rates import half_up
from shared.kernel.season import season_label
from shared.messages.accounts import SELF, BillsCorrected, CorrectedBill, is_household

CORRECTION, REIMBURSEMENT = "correction", "reimbursement"
SHARE, BEGINS = "share", "begins"
"""A share that began with a correction has a bill of nothing; one that begins with this correction gets it now."""

Reliefs = Mapping[str, Sequence[Relief]]
Known = dict[tuple[int, int | None, int | None], SeasonCharges]
"""Charges by season, policy and declaration."""

_BILLED = """
SELECT b.account_no, b.season, b.bill_no, b.payer, b.price_class, b.kind,
       (b.amount_fen + coalesce(c.charged_fen, 0))::bigint, (b.amount_fen + coalesce(c.all_fen, 0))::bigint,
       coalesce(c.suspended, b.suspended), coalesce(p.policy_id, r.policy_id),
       CASE WHEN p.policy_id IS NULL THEN r.season_id ELSE p.season_id END, coalesce(c.reimbursed_fen, 0)::bigint,
       coalesce(c.raised_fen, 0)::bigint,
       -- NULL: settled. What payments never spoke of is open.
       CASE WHEN d.bill_no IS NULL THEN b.amount_fen WHEN NOT coalesce(d.settled, d.open_fen = 0) THEN d.open_fen END
FROM bills b
LEFT JOIN debts d USING (bill_no, payer)
LEFT JOIN LATERAL (
    SELECT sum(amount_fen) FILTER (WHERE kind NOT IN ('credit_note', 'reimbursement')) AS charged_fen,
           sum(amount_fen) FILTER (WHERE kind <> 'reimbursement') AS all_fen,
           sum(amount_fen) FILTER (WHERE kind = 'reimbursement') AS reimbursed_fen,
           sum(amount_fen) FILTER (WHERE kind = 'correction' AND amount_fen > 0) AS raised_fen,
           (array_agg(suspended ORDER BY k.at DESC, correction_id DESC))[1] AS suspended
    FROM bill_corrections c JOIN commands k USING (command_id)
    WHERE c.account_no = b.account_no AND c.season = b.season AND c.bill_no = b.bill_no AND c.payer = b.payer
) c ON true
LEFT JOIN billing_runs r USING (run_id)
-- A price that was decided on since holds in place of the one that it was billed at.
LEFT JOIN LATERAL (
    SELECT policy_id, season_id FROM price_decisions WHERE season = b.season AND decided_at > r.created_at
    ORDER BY decided_at DESC LIMIT 1
) p ON true
WHERE b.account_no = ANY(%s) AND b.season >= %s AND b.live AND b.kind <> 'opening'
ORDER BY b.account_no, b.season, b.kind, b.payer
"""


class Share(NamedTuple):
    """What one payer was billed of a season so far. ``charged_fen`` is without credit notes, ``billed_fen`` with them.

    ``reimbursed_fen`` is what this payer was billed besides, of subsidies that were paid back; ``raised_fen`` what
    corrections added; ``open_fen`` None: it is settled. ``policy_id`` and ``season_id``: what it is charged by.
    """

    bill_no: int
    payer: str
    price_class: str
    kind: str
    charged_fen: int
    billed_fen: int
    suspended: bool
    policy_id: int | None
    season_id: int | None
    reimbursed_fen: int = 0
    raised_fen: int = 0
    open_fen: int | None = None


class Corrected(NamedTuple):
    """By how much one payer's share of a season is more (or, below zero, less), and the charge that it comes from.

    ``credited``: it is a subsidy that was paid back to this owner. Its kind is its own then.
    """

    account_no: str
    season: int
    share: Share
    amount_fen: int
    suspended: bool
    due_on: date
    charge: Charge
    charges: SeasonCharges
    credited: str | None = None

    def told(self) -> dict[str, Any]:
        billed_fen = self.share.billed_fen + self.share.reimbursed_fen
        return {
            "season": season_label(self.season),
            "bill_no": self.share.bill_no,
            "payer": self.share.payer,
            "billed_before": format_yuan(billed_fen),
            "amount": format_yuan(self.amount_fen),
            "billed": format_yuan(billed_fen + self.amount_fen),
            "due_on": self.due_on.isoformat(),
        }


def shares_billed(work: Work, account_nos: Sequence[str], *, from_season: int) -> dict[tuple[str, int], list[Share]]:
    """What each payer was billed so far, by account and season, in the order of their numbers."""
    rows = work.rows(_BILLED, (list(account_nos), from_season))
    return {
        key: [Share(*row[2:]) for row in of_bill] for key, of_bill in groupby(rows, key=lambda row: (row[0], row[1]))
    }


def charges_of(work: Work, season: int, shares: Sequence[Share], *, known: Known | None = None) -> SeasonCharges:
    """The charges under the policy and the dates that the season was billed by (or that were decided since), posted today.

    ``known`` are those of a list that were asked for before.
    """
    issued = next(share for share in shares if share.policy_id is not None)
    key = (season, issued.policy_id, issued.season_id)
    if known is not None and key in known:
        return known[key]
    policy = policy_of(work, issued.policy_id or 0)
    declared = declaration(work, issued.season_id) if issued.season_id else None
    charges = season_charges(policy, heating_season(policy, season, declared), work.today)
    if known is not None:
        known[key] = charges
    return charges


def corrections_due(
    work: Work, accounts: Sequence[AccountFacts], *, from_season: int, reliefs: Mapping[int, Reliefs] | None = None,
    priced: SeasonCharges | None = None,
) -> list[Corrected]:  # fmt: skip
    """What is to be posted, now that these facts hold, of the seasons from ``from_season`` on that are billed.

    ``reliefs``, by season, stand in for those that are stored, ``priced`` for the charges of its season. Refuses
    `season_closed`.
    """
    found = _due(work, accounts, from_season=from_season, reliefs=reliefs, priced=priced)
    assert_correctable(work, found)
    return found


def subsidies_due(work: Work, accounts: Sequence[AccountFacts], *, from_season: int) -> list[Corrected]:
    """Of `corrections_due` the subsidies that are paid back: they follow the money, whatever the season's books are."""
    return [each for each in _due(work, accounts, from_season=from_season) if each.credited]


def assert_correctable(work: Work, corrections: Iterable[Corrected]) -> None:
    """Refuses `season_closed`: a bill of a season whose books are closed stays as it is."""
    assert_books_open(work, {each.season for each in corrections if not each.credited})


def _due(
    work: Work, accounts: Sequence[AccountFacts], *, from_season: int, reliefs: Mapping[int, Reliefs] | None = None,
    priced: SeasonCharges | None = None,
) -> list[Corrected]:  # fmt: skip
    facts = {each.account_no: each for each in accounts}
    billed = shares_billed(work, list(facts), from_season=from_season)
    by_season = {
        season: (reliefs or {}).get(season) or reliefs_of(work, list(facts), season=season)
        for season in sorted({season for _, season in billed})
    }
    known: Known = {}
    found: list[Corrected] = []
    for (account_no, season), shares in billed.items():
        reliefs_here = by_season[season].get(account_no, [])
        charges = priced if priced and priced.season.season == season else charges_of(work, season, shares, known=known)
        found += _of_bill(work, facts[account_no], season, shares, reliefs_here, charges)
    return found


def _of_bill(
    work: Work, facts: AccountFacts, season: int, shares: list[Share], reliefs: Sequence[Relief], charges: SeasonCharges
) -> list[Corrected]:
    """What the season costs now, less what reliefs put on others, is the household's.

    Shares of former owners are for the verb that made them.
    """
    issued = next(share for share in shares if share.policy_id is not None)
    home = facts.home_in(charges.season)
    charge = charges.of(values_of(home), heat_station=facts.heat_station, account_no=facts.account_no)
    own = _own_share(shares, facts.household, issued)
    divided, back = _shared(charge, charges, reliefs) if reliefs else ({}, {})
    relieved = {payer: fen for payer, fen in divided.items() if payer != SELF}
    former_fen = sum(share.charged_fen for share in shares if share is not own and share.payer not in relieved)
    targets = [(own, charge.amount_fen - former_fen - sum(relieved.values()))]
    targets += [(_share_of(payer, shares, issued), fen) for payer, fen in relieved.items()]
    suspended = home.without_heat
    due_on = due_parts(
        charges.policy, charges.season, amount_fen=1, posted_on=work.today, payer="", scope=charge.scope
    )[0][1]
    found = []
    for share, target_fen in targets:
        amount_fen = max(target_fen - share.charged_fen, -share.billed_fen)
        if amount_fen or suspended != share.suspended:
            found.append(Corrected(facts.account_no, season, share, amount_fen, suspended, due_on, charge, charges))
    more_fen = max(0, targets[0][1] - own.charged_fen)
    for payer, wanted_fen in back.items():
        share = _share_of(payer, shares, issued)
        given_fen = share.reimbursed_fen
        open_fen = own.open_fen if own.open_fen is not None or not more_fen else more_fen
        due_fen = due_back_fen(wanted_fen, given_fen, open_fen=open_fen, raised_fen=own.raised_fen + more_fen)
        if due_fen != given_fen:
            found.append(Corrected(facts.account_no, season, share, due_fen - given_fen, suspended, due_on, charge,
                                   charges, own.payer))  # fmt: skip
    return found


def _shared(charge: Charge, charges: SeasonCharges, reliefs: Sequence[Relief]) -> tuple[dict[str, int], dict[str, int]]:
    """What each payer bears of the bill, and what others pay back of it."""
    area_m2, season_fee_fen = base_of(charge.derivation)
    words: dict[str, Any] = {"area_m2": area_m2, "season_fee_fen": season_fee_fen, "reliefs": reliefs,
                             "season": charges.season}  # fmt: skip
    return divide(charge.amount_fen, **words), reimbursed(charge.amount_fen, **words)


def _own_share(shares: Sequence[Share], household: str, issued: Share) -> Share:
    """The household's share; where it has none, as after a sale, that of the owner before."""
    owners = [share for share in shares if is_household(share.payer)]
    return next((share for share in owners if share.payer == household), owners[-1] if owners else issued)


def split_by_days(
    work: Work, facts: AccountFacts, season: int, household: str, *, since: date | None
) -> list[Corrected]:
    """The household's share of the season is divided by today: the days before are the owner's, the rest is the next one's.

    ``since`` is the day from which the share is his, None from the season's first. Empty where the season is not billed.
    """
    shares = shares_billed(work, [facts.account_no], from_season=season).get((facts.account_no, season), [])
    own = next((share for share in shares if share.payer == facts.household), None)
    if own is None:
        return []
    charges = charges_of(work, season, shares)
    home = facts.home_in(charges.season)
    charge = charges.of(values_of(home), heat_station=facts.heat_station, account_no=facts.account_no)
    of_days = charges.season.day_count if since is None else charges.season.days_from(since)
    former_fen = half_up(Fraction(own.charged_fen * (of_days - charges.season.days_from(work.today)), of_days))
    due_on = due_parts(
        charges.policy, charges.season, amount_fen=1, posted_on=work.today, payer="", scope=charge.scope
    )[0][1]
    amount_fen = max(former_fen - own.charged_fen, -own.billed_fen)
    targets = ((own, amount_fen), (_share_of(household, shares, own), own.charged_fen - former_fen))
    found = [
        Corrected(facts.account_no, season, share, fen, home.without_heat, due_on, charge, charges)
        for share, fen in targets if fen
    ]  # fmt: skip
    assert_correctable(work, found)
    return found


def rest_for_next(work: Work, facts: AccountFacts, season: int, household: str) -> list[Corrected]:
    """What the season costs now beyond what was billed of it is the next owner's; what was billed stays where it is."""
    shares = shares_billed(work, [facts.account_no], from_season=season).get((facts.account_no, season), [])
    if not shares:
        return []
    charges = charges_of(work, season, shares)
    home = facts.home_in(charges.season)
    charge = charges.of(values_of(home), heat_station=facts.heat_station, account_no=facts.account_no)
    amount_fen = charge.amount_fen - sum(share.charged_fen for share in shares)
    due_on = due_parts(
        charges.policy, charges.season, amount_fen=1, posted_on=work.today, payer="", scope=charge.scope
    )[0][1]
    own = _share_of(household, shares, shares[0])
    rest = Corrected(facts.account_no, season, own, amount_fen, home.without_heat, due_on, charge, charges)
    return [rest] if amount_fen > 0 else []


def _share_of(payer: str, shares: Sequence[Share], issued: Share) -> Share:
    """The payer's share as it was billed so far, or one that begins now, with nothing."""
    begins = Share(issued.bill_no, payer, issued.price_class, BEGINS, 0, 0, issued.suspended, None, None)
    return next((share for share in shares if share.payer == payer), begins)


def post_corrections(work: Work, corrections: Sequence[Corrected], *, reason: str, kind: str = CORRECTION) -> None:
    """Write them, and tell the others, in one event. Refuses `season_closed`."""
    if not corrections:
        return
    assert_correctable(work, corrections)
    terms: dict[str, Any] = {}
    kept: dict[tuple[int, Scope], tuple[str, str]] = {}
    known: set[tuple[int, str]] = set()
    items, rows, begun = [], [], []
    for correction_id, corrected in zip(work.new_ids(len(corrections)), corrections, strict=True):
        scope = corrected.charge.scope
        key = (id(corrected.charges), scope)
        if key not in kept:
            kept[key] = _kept(work, corrected)
        tariff_id, terms_id = kept[key]
        terms[terms_id] = corrected.charges.kinds[scope].terms
        account_no, season, share, amount_fen, suspended, due_on, charge, _, credited = corrected
        its_kind = REIMBURSEMENT if credited else kind
        rows.append(CorrectionRow(
            correction_id, work.command_id, share.bill_no, share.payer, account_no, season, its_kind, amount_fen, suspended,
            work.today, due_on, reason, tariff_id, charge.derivation,
        ))  # fmt: skip
        items.append(CorrectedBill(
            account_no, share.bill_no, correction_id, season, share.payer, its_kind, scope.price_class, suspended, terms_id,
            work.today, due_on, amount_fen, credited,
        ))  # fmt: skip
        if share.kind == BEGINS and (share.bill_no, share.payer) not in known:
            known.add((share.bill_no, share.payer))
            begun.append(BillRow(
                share.bill_no, share.payer, work.command_id, None, account_no, season, SHARE, scope.price_class, suspended,
                0, work.today, "[]", terms_id, None, None,
            ))  # fmt: skip
    work.add(begun)
    work.add(shares_of_others(begun))
    work.add(rows)
    work.emit(BillsCorrected(terms, tuple(items)))


def _kept(work: Work, corrected: Corrected) -> tuple[str, str]:
    """The names of the tariff and the terms; both are stored."""
    scope = corrected.charge.scope
    kinds = {scope: corrected.charges.kinds[scope]}
    keep_kinds(work, kinds)
    return kind_ids_of(kinds)[scope]


def told_by_account(corrections: Iterable[Corrected]) -> Mapping[str, list[dict[str, Any]]]:
    told: dict[str, list[dict[str, Any]]] = {}
    for corrected in corrections:
        told.setdefault(corrected.account_no, []).append(corrected.told())
    return told
