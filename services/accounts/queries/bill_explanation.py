"""How a bill came about: a sentence for each step in Chinese and in English, checked, and why it is not last season's."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from services.accounts.domain.bill_difference import Cause, causes_of, tell_difference
from services.accounts.domain.derivation import nodes_of, recomputed_fen
from services.accounts.domain.explanation import Told, explain, explain_in_english, told
from services.accounts.domain.opening_balance import explain_opening
from services.accounts.domain.policy_entry import GROUNDS
from services.accounts.storage.by_content import tariff_facts
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import NotFound
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label

_BILL = "SELECT season, kind, amount_fen FROM bills WHERE account_no = %s AND bill_no = %s ORDER BY payer LIMIT 1"
_CHARGES = """
SELECT season, tariff_id, derivation FROM (
    SELECT season, tariff_id, derivation, posted_on, 0 AS step, bill_no AS number
    FROM bills WHERE account_no = %(account_no)s AND live AND derivation IS NOT NULL
    UNION ALL
    SELECT season, tariff_id, derivation, posted_on, 1, correction_id
    FROM bill_corrections WHERE account_no = %(account_no)s AND kind = 'correction'
) charges
WHERE season <= %(season)s ORDER BY season DESC, step DESC, posted_on DESC, number DESC
"""
_SHARES = """
SELECT payer, sum(amount_fen)::bigint FROM (
    SELECT payer, amount_fen FROM bills WHERE account_no = %(account_no)s AND season = %(season)s AND live
    UNION ALL
    SELECT payer, amount_fen FROM bill_corrections WHERE account_no = %(account_no)s AND season = %(season)s
) shares GROUP BY payer ORDER BY payer
"""
_CORRECTIONS = """
SELECT payer, kind, amount_fen, posted_on, reason FROM bill_corrections
WHERE account_no = %s AND season = %s ORDER BY posted_on, correction_id
"""


class UnknownBill(NotFound):
    code = "unknown_bill"
    remedy = "Check the number of the bill; it belongs to one account."


class _SeasonCharge(NamedTuple):
    """What a season costs as it stands, after every correction."""

    season: int
    derivation: dict[str, Any]

    @property
    def fen(self) -> int:
        return int(self.derivation["line"]["fen"])


def bill_explanation(work: Work, account_no: str, bill_no: int) -> dict[str, Any]:
    """Refused: `unknown_bill`."""
    rows = work.rows(_BILL, (account_no, bill_no))
    if not rows:
        raise UnknownBill("this account has no such bill", account_no=account_no, bill_no=bill_no)
    season, kind, amount_fen = rows[0]
    which = {"account_no": account_no, "season": season}
    head = {
        "account_no": account_no,
        "bill_no": bill_no,
        "season": season_label(season),
        "kind": kind,
        "shares": [{"payer": payer, "amount": format_yuan(fen)} for payer, fen in work.rows(_SHARES, which)],
        "corrections": [_correction(row) for row in work.rows(_CORRECTIONS, (account_no, season))],
    }
    charges = _charges(work, which)
    if not charges or charges[0].season != season:
        return {**head, **_without_derivation(season, amount_fen)}
    before = next((charge for charge in charges if charge.season < season), None)
    return {**head, **_derived(charges[0].derivation), "last_season": _compared(before, charges[0]) if before else None}


def _charges(work: Work, which: Mapping[str, Any]) -> list[_SeasonCharge]:
    """The charge of each season up to this one as it stands, the last season first."""
    latest: dict[int, tuple[str, Any]] = {}
    for season, tariff_id, line in work.rows(_CHARGES, which):
        latest.setdefault(season, (tariff_id, line))
    facts = tariff_facts(work, [tariff_id for tariff_id, _ in latest.values()])
    return [
        _SeasonCharge(season, {"tariff": facts[tariff_id], "line": line})
        for season, (tariff_id, line) in latest.items()
    ]


def _without_derivation(season: int, amount_fen: int) -> dict[str, Any]:
    return {
        "charge": format_yuan(amount_fen),
        "zh": explain_opening(season, amount_fen),
        "en": f"Arrears of {season_label(season)}, {format_yuan(amount_fen)} yuan, handed over by the old system.",
        "steps": [],
        "parameters": [],
        "last_season": None,
    }


def _derived(derivation: Mapping[str, Any]) -> dict[str, Any]:
    tariff, line = derivation["tariff"], derivation["line"]
    again_fen = recomputed_fen(derivation)
    return {
        "charge": format_yuan(line["fen"]),
        "recomputed": format_yuan(again_fen),
        "agrees": again_fen == line["fen"],
        "zh": explain(derivation),
        "en": explain_in_english(derivation),
        "policy": {key: tariff[key] for key in ("policy", "version", "document")},
        "steps": [_step(node, tariff) for node in nodes_of(line)],
        "parameters": [_parameter(name, used) for name, used in sorted(_used(derivation).items())],
    }


def _step(node: Mapping[str, Any], tariff: Mapping[str, Any]) -> dict[str, Any]:
    sentence = told(node, tariff)
    return {
        "rule": node["rule"],
        "amount": format_yuan(node["fen"]),
        "exact_fen": node["exact"],
        "rounded": Fraction(node["exact"]).denominator != 1,
        "zh": sentence.zh,
        "en": sentence.en,
    }


def _used(derivation: Mapping[str, Any]) -> dict[str, Any]:
    used = dict(derivation["tariff"]["parameters"])
    for node in nodes_of(derivation["line"]):
        used.update(node.get("parameters", {}))
    return used


def _parameter(name: str, used: Mapping[str, Any]) -> dict[str, Any]:
    ground = next((word for word in GROUNDS if word in used), "")
    scope = {key: value for key, value in used.items() if key not in ("value", *GROUNDS)}
    return {"parameter": name, "value": used["value"], "ground": ground, "text": used.get(ground, ""), "scope": scope}


def _correction(row: tuple[Any, ...]) -> dict[str, Any]:
    payer, kind, amount_fen, posted_on, reason = row
    return {
        "payer": payer,
        "kind": kind,
        "amount": format_yuan(amount_fen),
        "posted_on": posted_on.isoformat(),
        "reason": reason,
    }


def _compared(before: _SeasonCharge, now: _SeasonCharge) -> dict[str, Any]:
    causes = causes_of(before.derivation, now.derivation)
    label = season_label(before.season)
    sentence = tell_difference(before.fen, now.fen, causes, than=Told(f"{label}采暖期", f"in the season {label}"))
    return {
        "season": label,
        "charge": format_yuan(before.fen),
        "difference": format_yuan(now.fen - before.fen),
        "zh": sentence.zh,
        "en": sentence.en,
        "causes": [_cause(cause) for cause in causes],
    }


def _cause(cause: Cause) -> dict[str, Any]:
    return {"cause": cause.code, "amount": format_yuan(cause.fen), "zh": cause.told.zh, "en": cause.told.en}
