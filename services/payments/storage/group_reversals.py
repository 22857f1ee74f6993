"""Group payments that are taken back: which payments go with each, and that nothing became of them meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from services.payments.domain.reversal import AlreadyReversed, PartOfGroupPayment, Reversal
from services.payments.storage.books import Books
from services.payments.storage.group_payments import (
    GroupPayment,
    group_of,
    group_payments,
    lock_group_credits,
    members_of,
    take_group_back,
)  # fmt: skip
from shared.chassis.unit_of_work import Busy, Work
from shared.kernel.errors import refused_at
from shared.kernel.money import format_yuan


class GroupReversals:
    """The group payments of a list: each is taken back with all that it settled, in its place of the list.

    ``reversals`` are those of single payments, with the members of each group payment instead of itself.
    """

    def __init__(self, work: Work, asked: Sequence[Reversal]) -> None:
        self._asked = asked
        numbers = [reversal.payment_id for reversal in asked]
        self._known = group_payments(work, numbers)
        self._reversals = {each.payment_id: each for each in asked if each.payment_id in self._known}
        self.members = {member.payment_id: member for member in members_of(work, self._reversals)}
        part_of = group_of(work, numbers)
        expanded, self._places, seen = [], [], set()
        for place, reversal in enumerate(asked):
            with refused_at(f"/reversals/{place}", payment_id=reversal.payment_id):
                if reversal.payment_id in seen:
                    raise AlreadyReversed("this payment stands twice in the list")
                self._assert_whole(reversal, part_of)
            seen.add(reversal.payment_id)
            of_group = [replace(reversal, payment_id=member.payment_id) for member in self.members.values()
                        if member.group_payment_id == reversal.payment_id]  # fmt: skip
            these = of_group if reversal.payment_id in self._known else [reversal]
            expanded += these
            self._places += [place] * len(these)
        self.reversals = tuple(expanded)

    def place(self, expanded: int) -> int:
        return self._places[expanded]

    def assert_as_read(self, work: Work) -> None:
        """Once the accounts are locked, nothing else may have become of the groups since they were read."""
        if not self._reversals:
            return
        lock_group_credits(work, self._reversals)
        self._known = group_payments(work, self._reversals)
        for place, reversal in enumerate(self._asked):
            with refused_at(f"/reversals/{place}", payment_id=reversal.payment_id):
                self._assert_whole(reversal, {})
        if {member.payment_id for member in members_of(work, self._reversals)} != self.members.keys():
            raise Busy("a bill has just used the credit of this group payment")

    def had_waited(self, payment_id: int) -> bool:
        """Whether the money of a payment had waited as the payer's credit, and goes back there first."""
        member = self.members.get(payment_id)
        return member is not None and member.by_credit

    def taken(self) -> Iterator[tuple[int, GroupPayment, Reversal]]:
        """The group payments of the list, each with its place and its reversal."""
        for place, reversal in enumerate(self._asked):
            if reversal.payment_id in self._known:
                yield place, self._known[reversal.payment_id], reversal

    def take_back(self, books: Books) -> list[dict[str, Any]]:
        told = []
        for _, group, reversal in self.taken():
            new_id = take_group_back(books, group, reason=reversal.reason, today=books.work.today)
            told.append({"payment_id": new_id, "reverses": group.group_payment_id, "payer": group.payer,
                         "amount": format_yuan(group.amount_fen)})  # fmt: skip
        return told

    def _assert_whole(self, reversal: Reversal, part_of: Mapping[int, int]) -> None:
        if reversal.payment_id in part_of:
            raise PartOfGroupPayment("a group payment made this", group_payment_id=part_of[reversal.payment_id])
        group = self._known.get(reversal.payment_id)
        if group is not None and (group.reverses is not None or group.reversed_by is not None):
            raise AlreadyReversed("this group payment was taken back before", reversed_by=group.reversed_by)
