"""What is owed on a day, by season and by payer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from services.payments.domain.owed import Owed, owed
from services.payments.storage.debts import open_debts
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import UnknownAccount
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label
from shared.messages.accounts import SELF


def owed_on(work: Work, account_nos: Sequence[str], *, day: date, payer: str | None = None,
            channel: str | None = None) -> list[dict[str, Any]]:  # fmt: skip
    """One answer an account, in the order asked. ``payer`` None: every payer that owes something, the household always.

    Refuses `unknown_account`.
    """
    found = {
        row[0]: row
        for row in work.rows(
            "SELECT a.account_no, h.bank, coalesce((SELECT sum(c.amount_fen - c.used_fen) FROM credits c"
            "  WHERE c.account_no = a.account_no AND c.payer = 'self' AND c.used_fen < c.amount_fen), 0)::bigint"
            " FROM accounts a LEFT JOIN holds h ON h.hold_id = a.hold_id WHERE a.account_no = ANY(%s)",
            (list(account_nos),),
        )
    }
    debts = open_debts(work, account_nos)
    answers = []
    for account_no in account_nos:
        if account_no not in found:
            raise UnknownAccount("there is no such account", account_no=account_no)
        _, bank, credit_fen = found[account_no]
        mine = debts.get(account_no, [])
        payers = [payer] if payer else list(dict.fromkeys([SELF, *(debt.payer for debt in mine)]))
        answers.append({
            "account_no": account_no,
            "day": day.isoformat(),
            "in_bank_collection": bank,
            "credit": format_yuan(credit_fen),
            "payers": [_shown(name, owed(mine, day, payer=name, channel=channel)) for name in payers],
        })  # fmt: skip
    return answers


def _shown(payer: str, what: Owed) -> dict[str, Any]:
    return {
        "payer": payer,
        "total": format_yuan(what.total_fen),
        "principal": format_yuan(what.principal_fen),
        "late_fee": format_yuan(what.late_fee_fen),
        "discount": format_yuan(what.discount_fen),
        "seasons": [
            {"season": season_label(season), "total": format_yuan(total_fen)}
            for season, total_fen in sorted(what.by_season.items())
        ],
    }
