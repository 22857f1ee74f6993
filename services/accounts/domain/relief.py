"""Who bears how much of a charge: a finance bureau or an employer its share, the household the rest.

A share counts on the charge as it is (after suspension, part season or cut) and on the area up to a cap. Each payer's
part is rounded for itself; the household takes what is left, so the parts add up to the charge, always.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.policy_rows import ReliefScheme
from shared.kernel.errors import InvalidInput, Refusal
from shared.kernel.rates import PERCENT, half_up
from shared.messages.accounts import SELF, is_household

EMPLOYER = "employer"
SPLIT_BILL, REIMBURSE, PRICE_CLASS = "SPLIT_BILL", "REIMBURSE", "PRICE_CLASS"


class ProofExpired(Refusal):
    code = "proof_expired"
    remedy = "Ask the household for a proof that is still valid."


class ReliefUnknown(InvalidInput):
    code = "relief_unknown"
    remedy = "Name a kind of the policy, or give payer and share."


class MechanismNotFollowed(InvalidInput):
    code = "relief_mechanism_not_followed"
    remedy = "Grant it as a share of the bill, or as a subsidy that is paid back."


class ReliefGrantedBefore(Refusal):
    code = "relief_granted_before"
    status = 409
    remedy = "Look at the reliefs of the account; one payer bears one share of a kind in a season."


@dataclass(frozen=True, slots=True)
class Relief:
    """One payer bears ``share_pct`` percent of the charge of the first ``cap_m2`` m², None: of all of them."""

    kind: str
    payer: str
    share_pct: Decimal
    cap_m2: Decimal | None
    mechanism: str = SPLIT_BILL


@dataclass(frozen=True, slots=True)
class AskedRelief:
    """What a clerk writes down; what is None is taken from the policy's scheme of that kind."""

    kind: str
    payer: str | None = None
    share_pct: Decimal | None = None
    cap_m2: Decimal | None = None
    mechanism: str | None = None
    proof_until: date | None = None


def relief_of(asked: AskedRelief, values: PolicyInForce, *, day: date) -> Relief:
    """The relief that is granted on ``day``.

    Refused: a proof whose last day is past (`proof_expired`), a kind that neither the policy nor the clerk describes,
    another mechanism than `SPLIT_BILL`.
    """
    if asked.proof_until is not None and asked.proof_until < day:
        raise ProofExpired(f"the proof ended on {asked.proof_until}", proof_until=asked.proof_until.isoformat())
    scheme = _scheme(asked.kind, values)
    payer = asked.payer or (scheme.payer if scheme else None)
    share_pct = asked.share_pct if asked.share_pct is not None else (scheme.pct if scheme else None)
    if not payer or share_pct is None:
        raise ReliefUnknown("the policy has no such scheme, and payer and share are not given", place="kind",
                            value=asked.kind)  # fmt: skip
    if is_household(payer):
        raise InvalidInput("the household cannot relieve itself", place="payer", value=payer)
    cap_m2 = asked.cap_m2 if asked.cap_m2 is not None else (scheme.cap_m2 if scheme else None)
    mechanism = asked.mechanism or (scheme.mechanism if scheme else SPLIT_BILL)
    if mechanism == PRICE_CLASS:
        raise MechanismNotFollowed(f"{mechanism} divides no bill", place="mechanism", value=mechanism)
    return Relief(asked.kind, payer, share_pct, cap_m2, mechanism)


def divide(charge_fen: int, *, area_m2: Fraction, reliefs: Iterable[Relief]) -> dict[str, int]:
    """The parts of a charge by payer, the household's (`SELF`) among them even when it is 0.

    Earlier reliefs go first; none takes more than is left. Only `SPLIT_BILL` divides a bill.
    """
    left_fen = charge_fen
    parts: dict[str, int] = {}
    for relief in reliefs:
        if relief.mechanism != SPLIT_BILL:
            continue
        part_fen = min(left_fen, subsidy_fen(charge_fen, area_m2=area_m2, relief=relief))
        parts[relief.payer] = parts.get(relief.payer, 0) + part_fen
        left_fen -= part_fen
    return {SELF: left_fen, **parts}


def reimbursed(charge_fen: int, *, area_m2: Fraction, reliefs: Iterable[Relief]) -> dict[str, int]:
    """By payer, what the household gets back of a bill that it bears whole; only `REIMBURSE` pays back.

    What others bear of the bill itself comes first: nobody gets back more than is left to the household.
    """
    granted = list(reliefs)
    left_fen = divide(charge_fen, area_m2=area_m2, reliefs=granted)[SELF]
    parts: dict[str, int] = {}
    for relief in granted:
        if relief.mechanism == REIMBURSE:
            part_fen = min(left_fen, subsidy_fen(charge_fen, area_m2=area_m2, relief=relief))
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


def charged_area_m2(derivation: str) -> Fraction:
    """The area that a charge counts on, out of its derivation."""
    node = json.loads(derivation)
    while "area_dm2" not in node:
        node = node["of"]
    return Fraction(node["area_dm2"], 100) * Fraction(node.get("missing_area_factor_pct", "100")) * PERCENT


def subsidy_fen(charge_fen: int, *, area_m2: Fraction, relief: Relief) -> int:
    """What the payer bears of a charge for ``area_m2``, rounded half-up: 90 % of 95 of 110 m²."""
    counted = area_m2 if relief.cap_m2 is None else min(Fraction(relief.cap_m2), area_m2)
    return half_up(charge_fen * counted / area_m2 * Fraction(relief.share_pct) * PERCENT)


def _scheme(kind: str, values: PolicyInForce) -> ReliefScheme | None:
    """The policy's scheme of that kind; an employer's is made of its two parameters."""
    if kind == EMPLOYER:
        return ReliefScheme(EMPLOYER, values.employer_share_pct, values.employer_cap_m2, SPLIT_BILL, "", None, None,
                            None, None)  # fmt: skip
    return next((scheme for scheme in values.relief_schemes if scheme.kind == kind), None)
