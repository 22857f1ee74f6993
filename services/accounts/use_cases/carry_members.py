"""The members of last season are members of this one, with what was agreed for each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.approval_effect import NO_EFFECT, effect_of_accounts
from services.accounts.domain.relief import AskedRelief
from services.accounts.storage.in_force import InForce
from services.accounts.storage.payer_groups import add_members, group_named, left_to_carry
from services.accounts.storage.relief_grants import decided_grants, post_grants
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label

KIND, MEMBERS_MAX = "employer", 1000


@dataclass(frozen=True, slots=True)
class CarryMembers:
    code: str
    reason: str


def carry_members(command: CarryMembers, work: Work) -> dict[str, Any]:
    """Take the next thousand that are left; whoever left the group, or its home, is not carried. Ask again until
    ``left`` is false: asked once more it changes nothing. Refuses `group_unknown`.
    """
    group = group_named(work, command.code)
    season = InForce(work).current_season
    found = left_to_carry(work, group, season=season, limit=MEMBERS_MAX + 1)
    members = found[:MEMBERS_MAX]
    effect = NO_EFFECT
    if members:
        asked = [(account_no, AskedRelief(KIND, group.name, **agreed)) for account_no, agreed in members]  # type: ignore[arg-type]
        grants = decided_grants(work, asked, place="members")
        case_ids = post_grants(work, grants, reason=command.reason)
        effect = effect_of_accounts({"accounts": grants.told()})
        add_members(work, group, season, case_ids, [account_no for account_no, _ in members])
    return {
        "season": season_label(season), "carried": len(members), "left": len(found) > len(members), "homes": len(members),
        "charged": format_yuan(effect.charged_fen), "credited": format_yuan(effect.credited_fen),
    }  # fmt: skip
