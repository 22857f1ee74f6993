"""What kinds of relief there are. Each is one declaration in `reliefs/`; what it comes to is the policy's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.policy_rows import ReliefScheme

SPLIT_BILL, REIMBURSE, PRICE_CLASS = "SPLIT_BILL", "REIMBURSE", "PRICE_CLASS"

SchemeOf = Callable[[PolicyInForce], ReliefScheme | None]


def of_policy(code: str) -> SchemeOf:
    """The policy describes the kind, if it knows it (parameter `relief_schemes`)."""
    return lambda values: next((scheme for scheme in values.relief_schemes if scheme.kind == code), None)


def scheme(kind: str, *, payer: str = "", **figures: object) -> ReliefScheme:
    """A scheme that a kind makes of other parameters of the policy."""
    known = {"pct": 0, "cap_m2": None, "mechanism": SPLIT_BILL, "price": None, "proof": None, "apply_from": None,
             "apply_until": None}  # fmt: skip
    return ReliefScheme(kind=kind, payer=payer, **{**known, **figures})  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class ReliefKind:
    """``title`` is Chinese and English; ``proof`` what has to be shown, as the trade calls it.

    ``mechanisms`` are those that it may be granted by. ``of_government``: its shares are claimed from a public payer.
    ``owner_matched``: where the policy says so, the proof has to be the owner's. ``alone``: only for homes that get
    no other relief. ``of_area``: a sum for each m², not a percentage (parameter `differential_subsidy_per_m2`).
    """

    code: str
    title: str
    title_en: str
    proof: str
    mechanisms: tuple[str, ...]
    scheme_of: SchemeOf
    of_government: bool = True
    owner_matched: bool = True
    alone: bool = False
    of_area: bool = False
