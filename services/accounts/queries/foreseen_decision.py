"""What a decision would come to, before it is taken: bulk decisions are shown first."""

from __future__ import annotations

from typing import Any

from services.accounts.domain.approval import APPROVED, Person, assert_open_to, decides_as
from services.accounts.domain.approval_effect import NO_EFFECT, assert_effect_is
from services.accounts.queries.approval_effect import EffectOf
from services.accounts.storage.approvals import limits_in_force, read_request
from services.accounts.storage.delegations import absent_for
from shared.chassis.codec import strict_json
from shared.chassis.unit_of_work import Work


def foreseen_decision(work: Work, approval_id: int, verb: str, checker: Person, effect_of: EffectOf, *, seen: bytes,
                      seen_effect: bytes | None) -> dict[str, Any]:  # fmt: skip
    """Refuses what `decide_approval` would refuse now."""
    request = read_request(work, approval_id)
    state = assert_open_to(request, verb, checker, seen=seen)
    absent, limits = absent_for(work, checker.login), limits_in_force(work, request.kind)
    right = decides_as(request, checker, absent, limits, amount_fen=request.amount_fen)
    effect = NO_EFFECT
    if state == APPROVED:
        effect = effect_of(request.kind, strict_json(request.content), work)
        assert_effect_is(effect, seen_effect)
        right = decides_as(request, checker, absent, limits, amount_fen=effect.amount_fen)
    lent_by = None if right is checker else right.login
    return {"approval_id": approval_id, "state": state, "on_behalf_of": lent_by, **effect.told()}
