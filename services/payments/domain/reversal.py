"""A payment that is to be taken back, by itself or as a group payment with all that it settled."""

from __future__ import annotations

from dataclasses import dataclass

from shared.kernel.errors import Refusal


class AlreadyReversed(Refusal):
    code = "already_reversed"
    status = 409
    remedy = "Nothing is left to do: this payment was taken back before."


class PartOfGroupPayment(Refusal):
    code = "part_of_group_payment"
    status = 409
    remedy = "Take the whole group payment back: it is named in the facts."


@dataclass(frozen=True, slots=True)
class Reversal:
    """``payment_id`` may be that of a group payment: everything that it settled goes with it.

    ``in_hall``: a supervisor does it, on any later day too.
    """

    payment_id: int
    reason: str
    in_hall: bool = False
