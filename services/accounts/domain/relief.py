"""Who bears how much of a charge: a finance bureau or an employer its share, the household the rest.

A share counts on the charge as it is (after suspension, part season or cut) and on the area up to a cap. Each payer's
part is rounded for itself; the household takes what is left, so the parts add up to the charge, always.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from services.accounts.domain.own_price import OwnPrice
from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.policy_rows import ReliefScheme
from services.accounts.domain.relief_kind import PRICE_CLASS, REIMBURSE, SPLIT_BILL, ReliefKind
from services.accounts.domain.season_dates import HeatingSeason
from shared.kernel.errors import InvalidInput, Refusal
from shared.kernel.rates import PERCENT, half_up
from shared.messages.accounts import SELF, is_household

NOBODY = "company"
"""Who bears what a price of its own takes off: the company itself, and nobody is billed for it."""


class ProofExpired(Refusal):
    code = "proof_expired"
    remedy = "Ask the household for a proof that is still valid."


class ProofMissing(Refusal):
    code = "proof_missing"
    remedy = "Ask for the proof that the policy names, and write down the last day on which it is valid."


class ApplicationWindowClosed(Refusal):
    code = "application_window_closed"
    remedy = "Say why the application is taken late (late_because), or wait for the days on which the policy takes it."


class OwnerDiffers(Refusal):
    code = "owner_differs"
    remedy = "Check the home; name the relation (relative) if the proof is of somebody of the owner's family."


class ReliefUnknown(InvalidInput):
    code = "relief_unknown"
    remedy = "Name a kind there is; give payer and share, or a price, where the policy does not."


class MechanismNotFollowed(InvalidInput):
    code = "relief_mechanism_not_followed"
    remedy = "Grant the kind by a mechanism that it has."


class ReliefGrantedBefore(Refusal):
    code = "relief_granted_before"
    status = 409
    remedy = "Look at the reliefs of the account; one payer bears one share of a kind in a season, and one price holds."


class ReliefExcluded(Refusal):
    code = "relief_excluded"
    status = 409
    remedy = "Choose one of them: this relief is for homes that get no other."


@dataclass(frozen=True, slots=True)
class Relief:
    """One payer bears ``share_pct`` percent of the charge of the first ``cap_m2`` m², None: of all of them.

    ``per_m2``: it bears so many yuan for each m² instead. A `PRICE_CLASS` has ``price`` (yuan per m²) or
    ``price_class``; without both ``share_pct`` is taken off the price. ``from_on`` and ``until_on`` (exclusive) are
    the days for which it holds; None: from the season's begin, or to its end. ``ended``: somebody ended it.
    """

    kind: str
    payer: str
    share_pct: Decimal
    cap_m2: Decimal | None
    mechanism: str = SPLIT_BILL
    price: Decimal | None = None
    price_class: str | None = None
    per_m2: Decimal | None = None
    from_on: date | None = None
    until_on: date | None = None
    case_id: int | None = None
    ended: bool = False

    def part_of(self, season: HeatingSeason) -> Fraction:
        """For which part of the season's days it holds."""
        first = max(self.from_on or season.start_on, season.start_on)
        if self.until_on is not None and self.until_on <= first:
            return Fraction(0)
        gone = season.days_from(self.until_on) if self.until_on is not None else 0
        return Fraction(season.days_from(first) - gone, season.day_count)


@dataclass(frozen=True, slots=True)
class AskedRelief:
    """What a clerk writes down; what is None is taken from the policy's scheme of that kind.

    ``holder`` is who is named in the proof, ``relative`` how he is related to the owner, where he is another.
    """

    kind: str
    payer: str | None = None
    share_pct: Decimal | None = None
    cap_m2: Decimal | None = None
    mechanism: str | None = None
    price: Decimal | None = None
    price_class: str | None = None
    proof_until: date | None = None
    holder: str | None = None
    relative: str | None = None
    late_because: str | None = None
    from_on: date | None = None
    until_on: date | None = None


class Base(NamedTuple):
    """What a share counts on: the area (m²), and the exact fee of the whole season in fen."""

    area_m2: Fraction
    season_fee_fen: Fraction


def relief_of(asked: AskedRelief, kind: ReliefKind, values: PolicyInForce, *, day: date, owner: str = "") -> Relief:
    """The relief that is granted on ``day``.

    Refused: a proof whose last day is past (`proof_expired`), or that is missing; an application outside the policy's
    days; a kind that neither the policy nor the clerk describes; a mechanism that the kind does not have; the proof of
    somebody else than the owner, where the policy wants his.
    """
    scheme = kind.scheme_of(values)
    _assert_proven(asked, scheme, day)
    _assert_owner(asked, kind, values, owner)
    mechanism = asked.mechanism or (scheme.mechanism if scheme else kind.mechanisms[0])
    if mechanism not in kind.mechanisms:
        raise MechanismNotFollowed(f"{kind.code} has {', '.join(kind.mechanisms)}", place="mechanism", value=mechanism)
    if mechanism == PRICE_CLASS:
        return _priced(asked, scheme)
    payer = asked.payer or (scheme.payer if scheme else None)
    share_pct = asked.share_pct if asked.share_pct is not None else (scheme.pct if scheme else None)
    per_m2 = scheme.price if scheme and kind.of_area else None
    if not payer or share_pct is None or (kind.of_area and per_m2 is None):
        raise ReliefUnknown("the policy has no such scheme, and payer and share are not given", place="kind",
                            value=asked.kind)  # fmt: skip
    if is_household(payer):
        raise InvalidInput("the household cannot relieve itself", place="payer", value=payer)
    cap_m2 = asked.cap_m2 if asked.cap_m2 is not None else (scheme.cap_m2 if scheme else None)
    return Relief(asked.kind, payer, share_pct, cap_m2, mechanism, per_m2=per_m2, from_on=asked.from_on,
                  until_on=asked.until_on)  # fmt: skip


def assert_compatible(
    relief: Relief, granted: Sequence[Relief], kinds: dict[str, ReliefKind], *, day: date
) -> None:  # fmt: skip
    """Refuse a second share of one payer and kind, a second price, and what is for homes without any other relief.

    Of those ``granted`` before, what has ended by ``day`` stands in nobody's way.
    """
    granted = [each for each in granted if each.until_on is None or each.until_on > day]
    if any((each.kind, each.payer) == (relief.kind, relief.payer) for each in granted):
        raise ReliefGrantedBefore(
            "this payer bears a share of this season already", payer=relief.payer, kind=relief.kind
        )
    if relief.mechanism == PRICE_CLASS and any(each.mechanism == PRICE_CLASS for each in granted):
        raise ReliefGrantedBefore("the home has a price of its own already", kind=relief.kind)
    others = [each.kind for each in granted]
    if others and (kinds[relief.kind].alone or any(kinds[other].alone for other in others if other in kinds)):
        raise ReliefExcluded("the home has another relief", kind=relief.kind, granted=others)


def after_the_last(relief: Relief, granted: Iterable[Relief], season: HeatingSeason) -> Relief:
    """Granted again to the same payer, it holds from the day on which the share before ended: no day is borne twice."""
    if relief.mechanism == PRICE_CLASS:
        return relief
    first = relief.from_on or season.start_on
    ended = (each.until_on for each in granted if (each.kind, each.payer) == (relief.kind, relief.payer))
    last = max((until_on for until_on in ended if until_on is not None), default=first)
    return relief if last <= first else replace(relief, from_on=last)


def own_price_of(reliefs: Iterable[Relief]) -> OwnPrice | None:
    """The price that a home with these reliefs is charged by; None: that of its class. One that ended never held."""
    priced = next((each for each in reliefs if each.mechanism == PRICE_CLASS and each.until_on is None), None)
    if priced is None:
        return None
    cap_dm2 = None if priced.cap_m2 is None else int(priced.cap_m2 * 100)
    pct_off = None if priced.price is not None or priced.price_class is not None else priced.share_pct
    return OwnPrice(priced.kind, priced.price, priced.price_class, pct_off, cap_dm2)


def divide(charge_fen: int, *, area_m2: Fraction, reliefs: Iterable[Relief], season_fee_fen: Fraction | None = None,
           season: HeatingSeason | None = None) -> dict[str, int]:  # fmt: skip
    """The parts of a charge by payer, the household's (`SELF`) among them even when it is 0.

    Earlier reliefs go first; none takes more than is left. Only `SPLIT_BILL` divides a bill. ``season``: a relief that
    holds for some of its days bears that part of its share.
    """
    base = Base(area_m2, Fraction(charge_fen) if season_fee_fen is None else season_fee_fen)
    left_fen = charge_fen
    parts: dict[str, int] = {}
    for relief in reliefs:
        if relief.mechanism == SPLIT_BILL:
            part_fen = min(left_fen, _share_fen(charge_fen, base, relief, season))
            parts[relief.payer] = parts.get(relief.payer, 0) + part_fen
            left_fen -= part_fen
    return {SELF: left_fen, **parts}


def reimbursed(charge_fen: int, *, area_m2: Fraction, reliefs: Iterable[Relief], season_fee_fen: Fraction | None = None,
               season: HeatingSeason | None = None) -> dict[str, int]:  # fmt: skip
    """By payer, what the household gets back of a bill that it bears whole; only `REIMBURSE` pays back.

    What others bear of the bill itself comes first: nobody gets back more than is left to the household.
    """
    granted = list(reliefs)
    base = Base(area_m2, Fraction(charge_fen) if season_fee_fen is None else season_fee_fen)
    left_fen = divide(charge_fen, area_m2=area_m2, reliefs=granted, season_fee_fen=season_fee_fen, season=season)[SELF]
    parts: dict[str, int] = {}
    for relief in granted:
        if relief.mechanism == REIMBURSE:
            part_fen = min(left_fen, _share_fen(charge_fen, base, relief, season))
            parts[relief.payer] = parts.get(relief.payer, 0) + part_fen
            left_fen -= part_fen
    return parts


def due_back_fen(wanted_fen: int, given_fen: int, *, open_fen: int | None, raised_fen: int) -> int:
    """What of a subsidy of ``wanted_fen`` the household is to have, of which ``given_fen`` it has.

    All of it once its bill is settled (``open_fen`` None). While something is open again nothing, unless that is no more
    than what corrections added to the bill (``raised_fen``): what was paid before stays paid.
    """
    if open_fen is None:
        return wanted_fen
    return min(given_fen, wanted_fen) if open_fen <= raised_fen else 0


def base_of(derivation: str) -> Base:
    """What shares of a charge count on, out of its derivation."""
    node = json.loads(derivation)
    while "area_dm2" not in node:
        node = node["of"]
    factor = Fraction(node.get("missing_area_factor_pct", "100")) * PERCENT
    return Base(Fraction(node["area_dm2"], 100) * factor, Fraction(node["exact"]))


def _share_fen(charge_fen: int, base: Base, relief: Relief, season: HeatingSeason | None) -> int:
    """What the payer bears of a charge, rounded half-up: 90 % of 95 of 110 m².

    A sum for each m² is that part of the season's whole fee, so that a suspended home's is as much smaller.
    """
    counted = base.area_m2 if relief.cap_m2 is None else min(Fraction(relief.cap_m2), base.area_m2)
    part = Fraction(1) if season is None else relief.part_of(season)
    if relief.per_m2 is not None:
        if not base.season_fee_fen:
            return 0
        return half_up(charge_fen * counted * 100 * Fraction(relief.per_m2) / base.season_fee_fen * part)
    return half_up(charge_fen * counted / base.area_m2 * Fraction(relief.share_pct) * PERCENT * part)


def _assert_proven(asked: AskedRelief, scheme: ReliefScheme | None, day: date) -> None:
    if asked.proof_until is not None and asked.proof_until < day:
        raise ProofExpired(f"the proof ended on {asked.proof_until}", proof_until=asked.proof_until.isoformat())
    if scheme is None:
        return
    if scheme.proof is not None and asked.proof_until is None:
        raise ProofMissing(f"the policy asks for {scheme.proof}", proof=scheme.proof)
    if scheme.apply_from is not None and scheme.apply_until is not None and asked.late_because is None:
        first, last = scheme.apply_from.in_year(day.year), scheme.apply_until.in_year(day.year)
        taken = first <= day <= last if first <= last else day >= first or day <= last
        if not taken:
            raise ApplicationWindowClosed(f"applications are taken from {scheme.apply_from} to {scheme.apply_until}",
                                          first=str(scheme.apply_from), last=str(scheme.apply_until))  # fmt: skip


def _assert_owner(asked: AskedRelief, kind: ReliefKind, values: PolicyInForce, owner: str) -> None:
    if not (kind.owner_matched and values.relief_requires_owner_match and asked.holder and owner):
        return
    if asked.relative is None and "".join(asked.holder.split()) != "".join(owner.split()):
        raise OwnerDiffers("the proof is of somebody else than the owner", holder=asked.holder)


def _priced(asked: AskedRelief, scheme: ReliefScheme | None) -> Relief:
    price = asked.price or (scheme.price if scheme else None)
    cap_m2 = asked.cap_m2 if asked.cap_m2 is not None else (scheme.cap_m2 if scheme else None)
    if asked.price_class is not None:
        return Relief(asked.kind, NOBODY, Decimal(0), cap_m2, PRICE_CLASS, price_class=asked.price_class)
    if asked.share_pct is not None and asked.price is None:
        return Relief(asked.kind, NOBODY, asked.share_pct, cap_m2, PRICE_CLASS)
    if price is None:
        raise ReliefUnknown("a price, a class or a percentage off is not given", place="kind", value=asked.kind)
    return Relief(asked.kind, NOBODY, Decimal(0), cap_m2, PRICE_CLASS, price)
