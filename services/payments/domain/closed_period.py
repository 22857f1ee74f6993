"""Days of the year on which no payment is taken, through some channels or all of them."""

from __future__ import annotations

from datetime import date

from services.payments.domain.channel import Channel, names_channel
from shared.kernel.errors import Refusal
from shared.messages.accounts import ClosedPeriod, CollectionRules

_LAST_OF_FEBRUARY = "02-29"


class PaymentsClosed(Refusal):
    code = "payments_closed"
    status = 409
    remedy = "Take the money after the last closed day, or through a channel that is open."


def assert_open(rules: CollectionRules, channel: Channel, day: date) -> None:
    """Refuses `payments_closed` with the last closed day. Money of a partner bank is there already: always open."""
    if channel.has_partner:
        return
    for period in rules.closed_periods:
        if names_channel(period.channels, channel) and (last_on := _closed_until(period, day)):
            raise PaymentsClosed(
                f"payments are closed until {last_on}",
                channel=channel.code,
                until=last_on.isoformat(),
                value=day.isoformat(),
            )


def _closed_until(period: ClosedPeriod, day: date) -> date | None:
    """The last day of the period that ``day`` lies in; None when it lies in none."""
    for year in (day.year, day.year - 1):
        first_on = _in_year(period.first_day, year)
        last_on = _in_year(period.last_day, year + (period.last_day < period.first_day))
        if first_on <= day <= last_on:
            return last_on
    return None


def _in_year(month_day: str, year: int) -> date:
    if month_day == _LAST_OF_FEBRUARY:
        return date.fromordinal(date(year, 3, 1).toordinal() - 1)
    return date.fromisoformat(f"{year}-{month_day}")
