"""Receipt numbers of an outlet: taken in the transaction that uses them, so that none is missing and none is twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from shared.chassis.unit_of_work import Work


def take_receipt_nos(work: Work, outlets: Sequence[str | None]) -> list[int | None]:
    """The next number of each outlet named, in the order of the list; None where no outlet is named.

    The outlet's row stays locked until the work ends: a till is one person, so nobody waits.
    """
    wanted = Counter(outlet for outlet in outlets if outlet is not None)
    following = {outlet: _take(work, outlet, count) for outlet, count in sorted(wanted.items())}
    numbers: list[int | None] = []
    for outlet in outlets:
        if outlet is None:
            numbers.append(None)
            continue
        numbers.append(following[outlet])
        following[outlet] += 1
    return numbers


def _take(work: Work, outlet: str, count: int) -> int:
    rows = work.rows(
        "INSERT INTO outlets AS o (outlet, next_no) VALUES (%s, 1 + %s)"
        " ON CONFLICT (outlet) DO UPDATE SET next_no = o.next_no + %s RETURNING next_no - %s",
        (outlet, count, count, count),
    )
    return int(rows[0][0])
