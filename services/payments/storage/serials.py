"""A movement at a partner (bank, platform) is in the books once, under its serial."""

from __future__ import annotations

from collections.abc import Sequence

from shared.chassis.unit_of_work import Work
from shared.kernel.errors import Refusal


class DuplicateSerial(Refusal):
    code = "duplicate_serial"
    status = 409
    remedy = "This serial is in the books; look at that payment before sending another."


def assert_serials_free(work: Work, serials: Sequence[tuple[str, str | None, str | None]]) -> None:
    """Refuse serials that the books hold, or that stand twice in the list; each is channel, partner, serial."""
    if not serials:
        return
    if len(set(serials)) != len(serials):
        raise DuplicateSerial("a serial stands twice in this list")
    rows = work.rows(
        "SELECT p.channel, p.partner, p.serial FROM ("
        "SELECT channel, partner, serial FROM payments UNION ALL SELECT channel, partner, serial FROM group_payments) p"
        " JOIN unnest(%s::text[], %s::text[], %s::text[]) AS v (channel, partner, serial)"
        " ON p.channel = v.channel AND p.partner = v.partner AND p.serial = v.serial LIMIT 1",
        list(map(list, zip(*serials, strict=True))),
    )
    if rows:
        raise DuplicateSerial("this serial is in the books", partner=rows[0][1], serial=rows[0][2])
