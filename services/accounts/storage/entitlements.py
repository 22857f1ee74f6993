"""Days for which something is owed back, and the credit notes that follow from them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from services.accounts.domain.account_facts import AccountFacts
from services.accounts.domain.rating import values_of
from services.accounts.domain.refund_entitlement import DayClaim, refund_fen
from services.accounts.domain.season_charge import Charge, SeasonCharges
from services.accounts.storage.bill_corrections import (
    Corrected,
    Known,
    Share,
    assert_correctable,
    charges_of,
    post_corrections,
    shares_billed,
    told_by_account,
)
from shared.chassis.codec import canonical
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of
from shared.kernel.money import format_yuan
from shared.messages.accounts import is_household

CREDIT_NOTE = "credit_note"

_CLAIMS = """
SELECT account_no, day, cause, share_of, share_by FROM entitlement_days
WHERE account_no = ANY(%s) AND season = %s ORDER BY account_no, day
"""


@row_of("entitlement_days")
class EntitlementDayRow(NamedTuple):
    claim_id: int
    command_id: int
    account_no: str
    season: int
    day: date
    cause: str
    share_of: int
    share_by: int
    facts: str


class BilledSeason(NamedTuple):
    """A season of an account that was billed, and how: its charges, the home's own charge, every payer's share."""

    facts: AccountFacts
    season: int
    charges: SeasonCharges
    charge: Charge
    shares: list[Share]


class Claimed(NamedTuple):
    """Days that a fact claims for a home; ``source`` is the fact as it was reported, kept with every day."""

    billed: BilledSeason
    claims: Sequence[DayClaim]
    source: Mapping[str, object]


def billed_seasons(work: Work, accounts: Sequence[AccountFacts], *, season: int) -> dict[str, BilledSeason]:
    """Of those accounts that were billed for the season."""
    by_number = {facts.account_no: facts for facts in accounts}
    known: Known = {}
    found = {}
    for (account_no, billed), shares in shares_billed(work, list(by_number), from_season=season).items():
        if billed == season:
            facts, charges = by_number[account_no], charges_of(work, season, shares, known=known)
            home = facts.home_in(charges.season)
            charge = charges.of(values_of(home), heat_station=facts.heat_station, account_no=account_no)
            found[account_no] = BilledSeason(facts, season, charges, charge, shares)
    return found


def credit_claims(work: Work, claimed: Sequence[Claimed], *, reason: str, preview: bool) -> list[Corrected]:
    """Write the claims down and post what they add to what was credited before: one credit note a payer, or none.

    All of them are of one season, and an account stands among them once.
    """
    known = _known(work, [each.billed for each in claimed])
    notes: list[Corrected] = []
    for billed, claims, source in claimed:
        notes += _notes(billed, [*known[billed.facts.account_no], *claims], source)
    assert_correctable(work, notes)
    if not preview:
        _add(work, claimed)
        post_corrections(work, notes, reason=reason, kind=CREDIT_NOTE)
    return notes


def told_of_refunds(account_nos: Sequence[str], notes: Sequence[Corrected]) -> list[dict[str, Any]]:
    """Account by account: ``refund`` is what the notes give the household (all its owners), ``corrections`` every payer's."""
    told = told_by_account(notes)
    own: Counter[str] = Counter()
    for note in notes:
        own[note.account_no] -= note.amount_fen if is_household(note.share.payer) else 0
    return [
        {"account_no": number, "refund": format_yuan(own[number]), "corrections": told.get(number, [])}
        for number in account_nos
    ]


def _known(work: Work, seasons: Sequence[BilledSeason]) -> dict[str, list[DayClaim]]:
    claims: defaultdict[str, list[DayClaim]] = defaultdict(list)
    if seasons:
        numbers = [billed.facts.account_no for billed in seasons]
        for account_no, day, cause, share_of, share_by in work.rows(_CLAIMS, (numbers, seasons[0].season)):
            claims[account_no].append(DayClaim(day, cause, Fraction(share_of, share_by)))
    return claims


def _notes(billed: BilledSeason, claims: Sequence[DayClaim], source: Mapping[str, object]) -> list[Corrected]:
    values = billed.charges.kinds[billed.charge.scope].tariff.values
    notes = []
    for share in billed.shares:
        owed_back = refund_fen(values, billed.charges.season, fee_fen=share.charged_fen, claims=claims)
        more_fen = owed_back - (share.charged_fen - share.billed_fen)
        if more_fen > 0:
            derivation = canonical(
                {"rule": "refund_entitlement", "owed_back_fen": owed_back, "days": len(claims), **source}
            )
            notes.append(Corrected(
                billed.facts.account_no, billed.season, share, -more_fen, share.suspended, billed.charges.posted_on,
                billed.charge._replace(derivation=derivation), billed.charges,
            ))  # fmt: skip
    return notes


def _add(work: Work, claimed: Sequence[Claimed]) -> None:
    days = [(billed, claim, canonical(dict(source))) for billed, claims, source in claimed for claim in claims]
    ids = work.new_ids(len(days)) if days else ()
    work.add(
        EntitlementDayRow(claim_id, work.command_id, billed.facts.account_no, billed.season, claim.day, claim.cause,
                          claim.share.numerator, claim.share.denominator, facts)
        for claim_id, (billed, claim, facts) in zip(ids, days, strict=True)
    )  # fmt: skip
