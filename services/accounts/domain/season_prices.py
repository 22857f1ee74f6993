"""Prices that were decreed for one season: another price, or a residential price that changes within it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from services.accounts.domain.month_day import parse_month_day
from shared.kernel.errors import InvalidInput

_PRICE = re.compile(r"(?:0|[1-9][0-9]{0,3})(?:\.[0-9]{1,4})?", re.ASCII)
_KNOWN = ("price_residential", "price_nonresidential", "segments", "published")


class SeasonInvalid(InvalidInput):
    code = "season_invalid"
    remedy = "Give the season's first and last day, and the prices as they were published."


class PriceSegment(NamedTuple):
    """A residential price and the number of the season's days on which it holds."""

    price: Decimal
    days: int


@dataclass(frozen=True, slots=True)
class SeasonPrices:
    """None and empty mean: the policy's price. At most one of the three residential forms is there.

    ``segments`` count by days; ``published`` are the prices per m² of each part of the season, added up as
    they were published (they may have been cut off to the fen).
    """

    price_residential: Decimal | None = None
    price_nonresidential: Decimal | None = None
    segments: tuple[PriceSegment, ...] = ()
    published: tuple[Decimal, ...] = ()


NO_OTHER_PRICES = SeasonPrices()


def read_season_prices(texts: Mapping[str, str], *, start_on: date, end_on: date) -> SeasonPrices:
    """``{"segments": "11-16:24.00 01-01:26.40"}`` → prices; other keys are ``price_residential``,
    ``price_nonresidential`` and ``published`` (``"7.82 17.78"``). Both days are included.

    Refused: an unknown key, a price that is none, parts that do not begin with the season or do not follow
    each other, more than one form of the residential price.
    """
    unknown = [key for key in texts if key not in _KNOWN]
    if unknown:
        raise _refusal(unknown[0], texts[unknown[0]], f"known are {', '.join(_KNOWN)}")
    forms = [key for key in ("price_residential", "segments", "published") if key in texts]
    if len(forms) > 1:
        raise _refusal(forms[1], texts[forms[1]], f"the residential price is already given by {forms[0]}")
    return SeasonPrices(
        price_residential=_optional(texts, "price_residential"),
        price_nonresidential=_optional(texts, "price_nonresidential"),
        segments=_segments(texts["segments"], start_on, end_on) if "segments" in texts else (),
        published=_published(texts["published"]) if "published" in texts else (),
    )


def _optional(texts: Mapping[str, str], key: str) -> Decimal | None:
    return _price(texts[key], key) if key in texts else None


def _published(text: str) -> tuple[Decimal, ...]:
    prices = tuple(_price(word, "published") for word in text.split())
    if not prices:
        raise _refusal("published", text, "one price for each part of the season")
    return prices


def _segments(text: str, start_on: date, end_on: date) -> tuple[PriceSegment, ...]:
    begins: list[tuple[date, Decimal]] = []
    for word in text.split():
        day, _, price = word.partition(":")
        begins.append((_day_of_season(day, start_on, text), _price(price, "segments")))
    days = [day for day, _ in begins]
    if not days or days[0] != start_on or days != sorted(set(days)) or days[-1] > end_on:
        raise _refusal("segments", text, f"the first price begins on {start_on}, the others later, none after {end_on}")
    ends = [*days[1:], date.fromordinal(end_on.toordinal() + 1)]
    return tuple(PriceSegment(price, (end - day).days) for (day, price), end in zip(begins, ends, strict=True))


def _day_of_season(text: str, start_on: date, whole: str) -> date:
    month_day = parse_month_day(text)
    if month_day is None:
        raise _refusal("segments", whole, "each part is MM-DD:PRICE")
    day = month_day.in_year(start_on.year)
    return day if day >= start_on else month_day.in_year(start_on.year + 1)


def _price(text: str, key: str) -> Decimal:
    if not _PRICE.fullmatch(text) or Decimal(text) == 0:
        raise _refusal(key, text, "a price is yuan per m², more than 0, with at most 4 decimals")
    return Decimal(text)


def _refusal(key: str, value: str, expected: str) -> SeasonInvalid:
    return SeasonInvalid(f"{key}: {expected}", place=key, value=value)
