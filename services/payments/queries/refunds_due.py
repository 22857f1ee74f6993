"""Households that are owed money back of a season and were not paid yet, and until when they are to be."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.payments.storage.payers import payers_of
from services.payments.storage.refundable import held_credits, owed_back
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label
from shared.messages.accounts import is_household


def refunds_due(work: Work, *, season: int, due_on: date, after: str, limit: int) -> dict[str, Any]:
    """In the order of the accounts. ``waiting`` is the part that somebody asked for and nobody decided yet.

    ``days_late`` counts from the day after ``due_on``. ``next`` is what to ask ``after``, None at the end.
    """
    page = owed_back(work, season, after=after, limit=limit)
    payers = payers_of(work, page)
    credits = held_credits(work, page, season=season) if page else {}
    return {
        "season": season_label(season),
        "due_on": due_on.isoformat(),
        "days_late": max((work.today - due_on).days, 0),
        "households": [
            {"account_no": account_no, "payer": payers.called(account_no, payer),
             "amount": format_yuan(sum(credit.left_fen for credit in held)),
             "waiting": format_yuan(sum(credit.waits_fen for credit in held)),
             "since": min(credit.received_on for credit in held).isoformat()}
            for (account_no, payer), held in sorted(credits.items()) if is_household(payer)
        ],
        "next": page[-1] if len(page) == limit else None,
    }  # fmt: skip
