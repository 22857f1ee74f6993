"""Homes join the group of their employer: it bears its share of them this season."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from services.accounts.domain.relief import AskedRelief
from services.accounts.storage.payer_groups import add_members, group_named
from services.accounts.storage.relief_grants import decided_grants, post_grants
from shared.chassis.unit_of_work import Work

KIND, PLACE = "employer", "members"


@dataclass(frozen=True, slots=True)
class NewMember:
    """What is None is the policy's; ``from_on`` and ``until_on`` (exclusive) are the days that the group bears."""

    account_no: str
    share_pct: Decimal | None = None
    cap_m2: Decimal | None = None
    mechanism: str | None = None
    from_on: date | None = None
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class JoinGroup:
    code: str
    members: tuple[NewMember, ...]
    reason: str
    preview: bool = False


def join_group(command: JoinGroup, work: Work) -> dict[str, Any]:
    """Take all of the list, or none. A member leaves by `end_relief`. Refuses `group_unknown`, and what relief refuses."""
    group = group_named(work, command.code)
    asked = [
        (member.account_no, AskedRelief(KIND, group.name, member.share_pct, member.cap_m2, member.mechanism,
                                        from_on=member.from_on, until_on=member.until_on))
        for member in command.members
    ]  # fmt: skip
    grants = decided_grants(work, asked, place=PLACE)
    if not command.preview:
        case_ids = post_grants(work, grants, reason=command.reason)
        add_members(work, group, grants.season, case_ids, [member.account_no for member in command.members])
    return {"accounts": grants.told()}
