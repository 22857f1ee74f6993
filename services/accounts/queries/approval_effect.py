"""What a request would do to the bills, home by home: as it was asked for, or as it would be now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.accounts.domain.approval_effect import Effect, EffectLine
from services.accounts.storage.approvals import read_request
from shared.chassis.codec import strict_json
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan

EffectOf = Callable[[str, Any, Work], Effect]
"""``(kind, content, work)`` → what it would do now."""

_STORED = "SELECT homes, charged_fen, credited_fen, amount_fen, effect_hash FROM approvals WHERE approval_id = %s"
_LINES = """
SELECT account_no, season, payer, amount_fen FROM approval_effect_lines
WHERE approval_id = %s AND line > %s ORDER BY line LIMIT %s
"""


def asked_effect(work: Work, approval_id: int, *, after: int, limit: int) -> dict[str, Any]:
    """A page of the lines that follow line ``after``. Refuses `unknown_request`."""
    read_request(work, approval_id)
    homes, charged_fen, credited_fen, amount_fen, effect_hash = work.rows(_STORED, (approval_id,))[0]
    lines = [EffectLine(*row) for row in work.rows(_LINES, (approval_id, after, limit))]
    return {
        "homes": homes,
        "charged": format_yuan(charged_fen),
        "credited": format_yuan(credited_fen),
        "amount": format_yuan(amount_fen),
        "effect_hash": None if effect_hash is None else bytes(effect_hash).hex(),
        **_page(lines, after=after, limit=limit),
    }


def effect_now(work: Work, approval_id: int, effect_of: EffectOf, *, after: int, limit: int) -> dict[str, Any]:
    """The same, worked out now. Refuses `unknown_request`, and what the thing itself refuses now."""
    request = read_request(work, approval_id)
    effect = effect_of(request.kind, strict_json(request.content), work)
    return {**effect.told(), **_page(list(effect.lines[after : after + limit]), after=after, limit=limit)}


def _page(lines: list[EffectLine], *, after: int, limit: int) -> dict[str, Any]:
    return {"lines": [line.told() for line in lines], "next": after + limit if len(lines) == limit else None}
