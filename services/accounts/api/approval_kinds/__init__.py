"""What a second person must agree to: one module a kind, found by its ``KIND``.

Its name is the kind's code and the stem of the verb that is carried out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from marshmallow import Schema

from services.accounts.approving import UseCase, done_by_one
from services.accounts.domain.approval_effect import NO_EFFECT, Effect, effect_of_accounts, effect_of_sums
from shared.chassis.http import identity
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput
from shared.kernel.registry import declarations, declared

COUNTS_AS: dict[str, tuple[str, Callable[[Any], Effect]]] = {
    "import_reliefs": ("grant_relief", effect_of_accounts),
    "carry_members": ("join_group", effect_of_sums),
}
"""Verbs that do the same by another way: by the rule of which kind one person is enough for them, and their effect."""


def effect_of_nothing(_answer: Any) -> Effect:
    """Of a verb that moves no money by itself."""
    return NO_EFFECT


@dataclass(frozen=True)
class ApprovalKind:
    """``schema`` is the body of the verb's own route; ``command`` makes the verb's command of what it loads.

    ``effect`` reads what a verb did to the bills from its answer, which its preview gives as well; `effect_of_nothing`
    where there is no preview. ``always``: where it is no trial, one person is never enough; ``exceptional``: for such a
    command he is not anywhere.
    """

    title: str
    schema: type[Schema]
    command: Callable[[dict[str, Any]], Any]
    use_case: UseCase
    effect: Callable[[Any], Effect] = effect_of_accounts
    always: bool = False
    exceptional: Callable[[Any], bool] = lambda _command: False

    @property
    def is_measured(self) -> bool:
        """Whether it is known for how many homes and how much it is: a rule's numbers are compared with that."""
        return self.effect is not effect_of_nothing

    def read(self, content: Any) -> Any:
        """The command of a content; refused where the route itself would refuse the body, and a preview."""
        messages = self.schema().validate(content) if isinstance(content, dict) else {"content": ["An object."]}
        if messages:
            place, reason = next(iter(messages.items()))
            raise InvalidInput(f"the content is not one of this kind: {reason}", place=f"content/{place}")
        command = self.command(self.schema().load(content))
        if getattr(command, "preview", False):
            raise InvalidInput("a preview does nothing that could be agreed to", place="content/preview")
        return command

    def shown(self, content: Any, work: Work) -> Effect:
        """What it would do now. The work must be one that is only read: what a preview would write is not sent."""
        command = self.read(content)
        if self.effect is effect_of_nothing:
            return NO_EFFECT
        return self.effect(self.use_case(replace(command, preview=True), work))


@cache
def kinds() -> dict[str, ApprovalKind]:
    import services.accounts.api.approval_kinds as folder

    return declarations(folder, attribute="KIND")


def kind_of(code: str) -> ApprovalKind:
    """Refused: a kind that does not exist."""
    kind: ApprovalKind = declared(kinds(), code, place="kind")
    return kind


def carry_out(code: str, content: Any, work: Work) -> tuple[Any, Effect]:
    """What the verb answers, done in this work, and what it did to the bills."""
    kind = kind_of(code)
    answer = kind.use_case(kind.read(content), work)
    return answer, kind.effect(answer)


def by_one_person(use_case: UseCase) -> UseCase:
    """The use case under its own name, refused with `needs_approval` where the rules find what it did too much for one."""
    code, effect = COUNTS_AS.get(use_case.__name__, (use_case.__name__, None))
    kind = kinds().get(code)
    if kind is None:
        return use_case
    return done_by_one(use_case, code, effect or kind.effect, person=person_asking(), exceptional=kind.exceptional)


def person_asking() -> str:
    """Whom what is done alone counts for."""
    who = identity()
    return who.person or who.subject
