"""What is owed on a day, by payer and by season, and how a late fee came about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from services.payments.channels import channel
from services.payments.domain.allocation import open_parts
from services.payments.domain.debt import Debt
from services.payments.domain.late_fee import late_fee_explained
from services.payments.domain.owed import Owed, OwedOfDebt, owed
from services.payments.storage.debts import open_debts
from services.payments.storage.holds import freeze_held
from services.payments.storage.payers import Payers
from shared.chassis.collection_rules import rules_on
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import UnknownAccount
from shared.kernel.money import format_yuan
from shared.kernel.rates import half_up
from shared.kernel.season import season_label
from shared.messages.accounts import SELF


def owed_on(work: Work, account_nos: Sequence[str], *, day: date, payer: str | None = None,
            through: str | None = None) -> list[dict[str, Any]]:  # fmt: skip
    """One answer an account, in the order asked. ``payer`` None: every payer that owes something, the household always.

    ``through`` is the code of the channel that the money would come through: discounts differ by it.
    Refuses `unknown_account`.
    """
    found = {
        row[0]: row
        for row in work.rows(
            "SELECT a.account_no, h.bank, a.household, a.hold_id, coalesce((SELECT sum(c.amount_fen - c.used_fen) FROM credits c"
            "  WHERE c.account_no = a.account_no AND c.payer = a.household AND c.used_fen < c.amount_fen), 0)::bigint"
            " FROM accounts a LEFT JOIN holds h ON h.hold_id = a.hold_id WHERE a.account_no = ANY(%s)",
            (list(account_nos),),
        )
    }
    debts = open_debts(work, account_nos)
    _freeze(work, [row[3] for row in found.values() if row[3] is not None], debts)
    known = Payers(work, {row[0]: row[2] for row in found.values()})
    way = channel(through) if through else None
    answers = []
    for account_no in account_nos:
        if account_no not in found:
            raise UnknownAccount("there is no such account", account_no=account_no)
        _, bank, household, _, credit_fen = found[account_no]
        mine = debts.get(account_no, [])
        payers = {household: SELF, **{debt.payer: known.called(account_no, debt.payer) for debt in mine}}
        if payer:
            payers = {known.known_as(account_no, payer): payer}
        answers.append({
            "account_no": account_no,
            "day": day.isoformat(),
            "in_bank_collection": bank,
            "credit": format_yuan(credit_fen),
            "payers": [_shown(name, owed(mine, day, payer=of, channel=way), day) for of, name in payers.items()],
        })  # fmt: skip
    return answers


def _freeze(work: Work, hold_ids: list[int], debts: dict[str, list[Debt]]) -> None:
    """Where the company's rules say so, a late fee stands still while a bank collects."""
    if hold_ids and rules_on(work, work.today).in_transit_freeze_late_fee:
        freeze_held(work, hold_ids, debts)


def _shown(payer: str, what: Owed, day: date) -> dict[str, Any]:
    by_season = groupby(what.lines, key=lambda line: line.debt.season)
    return {
        "payer": payer,
        **_sums(what.lines, day),
        "overdue_since": _overdue_since(what.lines, day),
        "seasons": [{"season": season_label(season), **_sums(list(lines), day)} for season, lines in by_season],
    }


def _sums(lines: Sequence[OwedOfDebt], day: date) -> dict[str, str]:
    """``overdue`` is what is past its due day, late fee included."""
    late_fen = sum(open_fen for line in lines for part, open_fen in open_parts(line.debt) if part.due_on < day)
    return {
        "overdue": format_yuan(late_fen + sum(line.late_fee_fen for line in lines)),
        "total": format_yuan(sum(line.total_fen for line in lines)),
        "principal": format_yuan(sum(line.principal_fen for line in lines)),
        "late_fee": format_yuan(sum(line.late_fee_fen for line in lines)),
        "discount": format_yuan(sum(line.discount_fen for line in lines)),
    }


def _overdue_since(lines: Sequence[OwedOfDebt], day: date) -> str | None:
    """The due day of the oldest that is past it; None when nothing is."""
    since = [part.due_on for line in lines for part, _ in open_parts(line.debt) if part.due_on < day]
    since += [line.debt.receivables[0].due_on for line in lines if line.late_fee_fen]
    return min(since).isoformat() if since else None


def late_fees_on(work: Work, account_no: str, *, day: date) -> list[dict[str, Any]]:
    """How the late fee of every bill that is not settled came about: its days, its sums, its cap, what was paid.

    ``raw`` is the fee without its cap. Refuses `unknown_account`.
    """
    rows = work.rows("SELECT hold_id FROM accounts WHERE account_no = %s", (account_no,))
    if not rows:
        raise UnknownAccount("there is no such account", account_no=account_no)
    debts = open_debts(work, [account_no])
    _freeze(work, [hold_id for (hold_id,) in rows if hold_id is not None], debts)
    return [_explained(debt, day) for debt in debts.get(account_no, []) if debt.of_household]


def _explained(debt: Debt, day: date) -> dict[str, Any]:
    told = late_fee_explained(debt, day)
    return {
        "season": season_label(debt.season),
        "bill_no": debt.bill_no,
        "policy": debt.terms.policy,
        "kind": told.kind,
        "frozen_on": debt.frozen_on.isoformat() if debt.frozen_on else None,
        "rate_permille": str(debt.terms.late_fee_daily_rate),
        "days": [
            {"from": part.first_on.isoformat(), "until": part.last_on.isoformat(), "days": part.days,
             "overdue": format_yuan(part.overdue_fen)}
            for part in told.segments
        ],
        "raw": format_yuan(half_up(told.raw_fen)),
        "cap": None if told.cap_fen is None else format_yuan(half_up(told.cap_fen)),
        "accrued": format_yuan(told.accrued_fen),
        "waived": format_yuan(told.waived_fen),
        "paid": format_yuan(told.settled_fen),
        "open": format_yuan(told.open_fen),
    }  # fmt: skip
