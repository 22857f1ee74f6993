"""Where homes are, for verbs that concern all of them."""

from __future__ import annotations

from typing import NamedTuple


class Place(NamedTuple):
    """A heat station, a compound, or a building of a compound; what is None is not looked at."""

    heat_station: str | None = None
    compound: str | None = None
    building: str | None = None
    unit: str | None = None
