"""Employers, and others that pay for many homes, are known by a code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.accounts.domain.ledger_values import Wrong, company_no
from services.accounts.domain.new_account import NumberWrong
from services.accounts.storage.payer_groups import PayerGroupRow
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput, Refusal, refused_at
from shared.messages.accounts import is_household


class GroupKnown(Refusal):
    code = "group_known"
    status = 409
    remedy = "Look at the groups there are: a code and a name belong to one of them."


@dataclass(frozen=True, slots=True)
class NewGroup:
    """``name`` is the payer of its members' shares; ``uscc`` the unified code of the organisation."""

    code: str
    name: str
    uscc: str | None = None


@dataclass(frozen=True, slots=True)
class OpenGroups:
    groups: tuple[NewGroup, ...]


def open_groups(command: OpenGroups, work: Work) -> dict[str, Any]:
    """Open all of the list, or none. Refuses `group_known`, `number_wrong`."""
    known = work.rows("SELECT code, name FROM payer_groups WHERE code = ANY(%s) OR name = ANY(%s)",
                      ([group.code for group in command.groups], [group.name for group in command.groups]))  # fmt: skip
    codes, names = {row[0] for row in known}, {row[1] for row in known}
    for number, group in enumerate(command.groups):
        with refused_at(f"groups/{number}", group=group.code):
            _assert_sound(group)
            if group.code in codes or group.name in names:
                raise GroupKnown("this code or name is taken", code=group.code, name=group.name)
        codes.add(group.code)
        names.add(group.name)
    ids = work.new_ids(len(command.groups))
    work.add(
        PayerGroupRow(group_id, work.command_id, group.code, group.name, group.uscc)
        for group_id, group in zip(ids, command.groups, strict=True)
    )
    return {"groups": [{"code": group.code, "name": group.name} for group in command.groups]}


def _assert_sound(group: NewGroup) -> None:
    if is_household(group.name):
        raise InvalidInput("this is how households are called", place="name", value=group.name)
    if group.uscc is not None:
        try:
            company_no(group.uscc)
        except Wrong as wrong:
            raise NumberWrong(
                "the code of the organisation cannot be right", place="uscc", reason=wrong.reason
            ) from None
