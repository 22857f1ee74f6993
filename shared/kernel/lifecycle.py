"""A lifecycle is one table: which verb moves a thing from which state to which."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from shared.kernel.errors import Refusal


class TransitionRefused(Refusal):
    code = "transition_refused"
    status = 409
    remedy = "Look at the state of the thing; this verb is not open to it."


@dataclass(frozen=True)
class Move:
    verb: str
    sources: tuple[str, ...]
    target: str


class Lifecycle:
    """``Lifecycle("debit batch", initial="built", moves=[Move("hand_over", ("built",), "handed_over"), …])``"""

    def __init__(self, thing: str, *, initial: str, moves: Iterable[Move]) -> None:
        self.thing, self.initial = thing, initial
        self.moves = tuple(moves)
        self._targets = {(move.verb, source): move.target for move in self.moves for source in move.sources}
        self.states = tuple(
            dict.fromkeys([initial, *(s for m in self.moves for s in m.sources), *(m.target for m in self.moves)])
        )

    def after(self, verb: str, state: str) -> str:
        """The state that ``verb`` leads to from ``state``; refused when the table has no such move."""
        try:
            return self._targets[verb, state]
        except KeyError:
            raise TransitionRefused(
                f"a {self.thing} that is {state} cannot {verb.replace('_', ' ')}", state=state, verb=verb
            ) from None

    def open_to(self, state: str) -> list[str]:
        """The verbs that are open to ``state``."""
        return [verb for (verb, source) in self._targets if source == state]
