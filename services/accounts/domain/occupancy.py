"""A building is let in when enough of its homes want heat: one that few use cools its neighbours and loses what it is sent."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from services.accounts.domain.policy_values import plain_number
from shared.kernel.errors import Refusal

_WHOLE = Decimal(100)


class OccupancyTooLow(Refusal):
    code = "occupancy_too_low"
    status = 409
    remedy = "Collect more applications in the building first; its number of homes is that of POST /buildings."


class Occupancy(NamedTuple):
    """Of a building: its homes, those that are heated now, and those that have applied and not been accepted yet."""

    homes: int
    heated: int
    applied: int

    @property
    def pct(self) -> Decimal:
        return (_WHOLE * (self.heated + self.applied) / self.homes).quantize(Decimal("0.01"))


def assert_gate_open(occupancy: Occupancy, gate_pct: Decimal) -> None:
    """Exactly the percentage is enough. Refuses `occupancy_too_low`."""
    if (occupancy.heated + occupancy.applied) * _WHOLE < gate_pct * occupancy.homes:
        raise OccupancyTooLow(
            f"{occupancy.heated + occupancy.applied} of {occupancy.homes} homes are heated or have applied,"
            f" less than {plain_number(gate_pct)} %",
            homes=occupancy.homes, heated=occupancy.heated, applied=occupancy.applied,
            pct=str(occupancy.pct), gate_pct=plain_number(gate_pct),
        )  # fmt: skip
