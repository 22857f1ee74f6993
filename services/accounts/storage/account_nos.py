"""Account numbers: which are taken, and new ones that nobody has had."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from shared.chassis.unit_of_work import Work

_NEXT = "SELECT lpad(nextval('account_nos')::text, 10, '0') FROM generate_series(1, %s)"

_FLATS = """
SELECT f.compound, f.building, f.unit, f.room, a.account_no
FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[]) AS f (compound, building, unit, room)
CROSS JOIN LATERAL (
    SELECT premises_id FROM premises
    WHERE compound = f.compound AND building = f.building AND unit = f.unit AND room = f.room LIMIT 1
) p
CROSS JOIN LATERAL (SELECT account_no FROM heat_accounts WHERE premises_id = p.premises_id LIMIT 1) a
"""


def known_accounts(work: Work, account_nos: Collection[str]) -> set[str]:
    rows = work.rows("SELECT account_no FROM heat_accounts WHERE account_no = ANY(%s)", (list(account_nos),))
    return {row[0] for row in rows}


def known_ledger_rows(work: Work, account_nos: Collection[str]) -> dict[str, bytes | None]:
    """Those of the accounts that exist: number → fingerprint of the ledger row it came from, or None."""
    rows = work.rows(
        "SELECT account_no, ledger_row FROM heat_accounts WHERE account_no = ANY(%s)", (list(account_nos),)
    )
    return {account_no: None if ledger_row is None else bytes(ledger_row) for account_no, ledger_row in rows}


def known_flats(work: Work, flats: Iterable[tuple[str, str, str, str]]) -> dict[tuple[str, str, str, str], str]:
    """Those of the flats (compound, building, unit, room) that have an account: flat → its number.

    Looked up flat by flat (LATERAL), whatever the statistics say of tables that an import is filling.
    """
    columns = [list(column) for column in zip(*flats, strict=True)]
    if not columns:
        return {}
    return {
        (compound, building, unit, room): account_no
        for compound, building, unit, room, account_no in work.rows(_FLATS, columns)
    }


def new_account_nos(work: Work, count: int) -> list[str]:
    """Numbers in a row of their own that no account has, whatever numbers an old system brought along."""
    found: list[str] = []
    while len(found) < count:
        drawn = [row[0] for row in work.rows(_NEXT, (count - len(found),))]
        taken = known_accounts(work, drawn)
        found += [account_no for account_no in drawn if account_no not in taken]
    return found
