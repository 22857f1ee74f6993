"""Banks and mandates as people may see them."""

from __future__ import annotations

from typing import Any

from services.bank_gateway.domain.masking import masked_name, masked_number
from services.bank_gateway.storage.banks import declared_banks
from shared.chassis.unit_of_work import Work


def banks(work: Work) -> list[dict[str, Any]]:
    """Every declared bank with the number of its live mandates; last, under ``unassigned``, those that wait."""
    counts = dict(work.rows("SELECT bank, count(*) FROM mandates WHERE revoked_on IS NULL GROUP BY bank"))
    told: list[dict[str, Any]] = [
        {
            "code": bank.code, "name": bank.title, "profile": bank.profile, "parameters": dict(bank.parameters),
            "purpose": bank.purpose, "mandates": counts.get(bank.code, 0),
            "names": [{"name": name, "bank_code": number} for name, number in bank.bank_codes.items()],
        }
        for bank in declared_banks(work)
    ]  # fmt: skip
    return [*told, {"code": "unassigned", "name": "", "profile": None, "mandates": counts.get("unassigned", 0),
                    "names": _waiting_names(work)}]  # fmt: skip


def _waiting_names(work: Work) -> list[dict[str, Any]]:
    rows = work.rows(
        "SELECT DISTINCT bank_name FROM mandates WHERE bank = 'unassigned' AND revoked_on IS NULL ORDER BY bank_name LIMIT 200"
    )
    return [{"name": name, "bank_code": ""} for (name,) in rows]


def mandates(work: Work, *, bank: str | None, account_no: str | None, after: str, limit: int) -> dict[str, Any]:
    """Live mandates in the order of their accounts, personal data masked; ``next`` is what to ask ``after``."""
    rows = work.rows(
        "SELECT account_no, bank, bank_name, bank_account, holder, agreed_on FROM mandates WHERE revoked_on IS NULL"
        " AND (%(bank)s::text IS NULL OR bank = %(bank)s) AND (%(account)s::text IS NULL OR account_no = %(account)s)"
        " AND account_no > %(after)s ORDER BY account_no LIMIT %(limit)s",
        {"bank": bank, "account": account_no, "after": after, "limit": limit},
    )
    return {
        "mandates": [
            {"account_no": account, "bank": code, "bank_name": name, "bank_account": masked_number(number),
             "holder": masked_name(holder), "agreed_on": agreed_on.isoformat()}
            for account, code, name, number, holder, agreed_on in rows
        ],
        "next": rows[-1][0] if len(rows) == limit else None,
    }  # fmt: skip
