"""What many bills share, kept once under a name made from its content: terms, and tariffs of a season."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from services.accounts.domain.policy_scope import Scope
from services.accounts.domain.season_charge import Kind
from shared.chassis.codec import canonical, encode
from shared.chassis.unit_of_work import Work
from shared.messages.accounts import PaymentTerms

_KEEP_TERMS = "INSERT INTO terms (terms_id, body) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING terms_id"
_KEEP_TARIFF = "INSERT INTO tariffs (tariff_id, body) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING tariff_id"


@lru_cache(maxsize=64)
def terms_id_of(terms: PaymentTerms) -> str:
    return _name_of(encode(terms))


def keep_terms(work: Work, terms: PaymentTerms) -> str:
    """Store terms, unless they are there; the name that bills know them by."""
    terms_id = terms_id_of(terms)
    work.rows(_KEEP_TERMS, (terms_id, encode(terms)))
    return terms_id


def kind_ids_of(kinds: Mapping[Scope, Kind]) -> dict[Scope, tuple[str, str]]:
    """By scope, the names of the tariff's facts and of the terms."""
    return {scope: (_name_of(canonical(kind.tariff.facts)), terms_id_of(kind.terms)) for scope, kind in kinds.items()}


def keep_kinds(work: Work, kinds: Mapping[Scope, Kind]) -> None:
    """Store tariffs and terms, unless they are there; in the order of their names, so that nobody waits in a circle."""
    for terms in sorted({kind.terms for kind in kinds.values()}, key=terms_id_of):
        keep_terms(work, terms)
    bodies = {_name_of(body): body for body in (canonical(kind.tariff.facts) for kind in kinds.values())}
    for tariff_id in sorted(bodies):
        work.rows(_KEEP_TARIFF, (tariff_id, bodies[tariff_id]))


def tariff_facts(work: Work, tariff_ids: list[str]) -> dict[str, Any]:
    rows = work.rows("SELECT tariff_id, body FROM tariffs WHERE tariff_id = ANY(%s)", (tariff_ids,))
    return dict(rows)


def _name_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
