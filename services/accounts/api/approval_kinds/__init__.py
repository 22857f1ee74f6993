"""What a second person must agree to: one module a kind, found by its ``KIND``.

Its name is the kind's code and the stem of the verb that is carried out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from marshmallow import Schema

from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput
from shared.kernel.registry import declarations, declared


@dataclass(frozen=True)
class ApprovalKind:
    """``schema`` is the body of the verb's own route; ``command`` makes the verb's command of what it loads.

    ``amount_fen`` of such a command is what limits are compared with, 0 where no money moves.
    """

    title: str
    schema: type[Schema]
    command: Callable[[dict[str, Any]], Any]
    use_case: Callable[[Any, Work], Any]
    amount_fen: Callable[[Any, Work], int] = lambda _command, _work: 0

    def read(self, content: Any) -> Any:
        """The command of a content; refused where the route itself would refuse the body."""
        messages = self.schema().validate(content) if isinstance(content, dict) else {"content": ["An object."]}
        if messages:
            place, reason = next(iter(messages.items()))
            raise InvalidInput(f"the content is not one of this kind: {reason}", place=f"content/{place}")
        return self.command(self.schema().load(content))


@cache
def kinds() -> dict[str, ApprovalKind]:
    import services.accounts.api.approval_kinds as folder

    return declarations(folder, attribute="KIND")


def kind_of(code: str) -> ApprovalKind:
    """Refused: a kind that does not exist."""
    kind: ApprovalKind = declared(kinds(), code, place="kind")
    return kind


def carry_out(code: str, content: Any, work: Work) -> Any:
    """What the verb answers, done in this work."""
    kind = kind_of(code)
    return kind.use_case(kind.read(content), work)
