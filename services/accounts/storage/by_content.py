"""What many bills share, kept once under a name made from its content: terms, and tariffs of a season."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from services.accounts.domain.tariff import Tariff
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


def tariff_ids_of(tariffs: Mapping[str, Tariff]) -> dict[str, str]:
    """By price class, the name of the tariff's facts."""
    return {price_class: _name_of(canonical(tariff.facts)) for price_class, tariff in tariffs.items()}


def keep_tariffs(work: Work, tariffs: Mapping[str, Tariff]) -> None:
    for tariff_id, facts in sorted((_name_of(canonical(tariff.facts)), tariff.facts) for tariff in tariffs.values()):
        work.rows(_KEEP_TARIFF, (tariff_id, canonical(facts)))


def tariff_facts(work: Work, tariff_ids: list[str]) -> dict[str, Any]:
    rows = work.rows("SELECT tariff_id, body FROM tariffs WHERE tariff_id = ANY(%s)", (tariff_ids,))
    return dict(rows)


def _name_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
