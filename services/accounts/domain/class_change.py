"""A home is used otherwise from a day on: a flat becomes a shop."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import NamedTuple

from services.accounts.domain.account_facts import LIFECYCLE, AccountFacts
from services.accounts.domain.home_parts import FormerHome
from shared.kernel.errors import InvalidInput, Refusal


class ClassUnchanged(Refusal):
    code = "class_unchanged"
    status = 409
    remedy = "The home is of this class already; look at the account."


class NewClass(NamedTuple):
    """``since`` None: from today on."""

    account_no: str
    price_class: str
    since: date | None = None


class ClassChanged(NamedTuple):
    """``facts`` are those that hold after it, ``former`` is how the home was before ``since``."""

    facts: AccountFacts
    former: FormerHome


def changed_class(facts: AccountFacts, asked: NewClass, *, earliest: date, today: date) -> ClassChanged:
    """The account with the class from the day on. A change is told late at most into the season that runs.

    Refuses `transition_refused`, `class_unchanged`, and a day that lies ahead, before ``earliest`` (the end of the last
    season: what was billed of it stays), or before the last change.
    """
    LIFECYCLE.after("change_class", facts.state_on(today))
    since = asked.since or today
    last = max((former.until_on for former in facts.formers), default=earliest)
    if not max(earliest, last) <= since <= today:
        raise InvalidInput(f"the class changes on a day from {max(earliest, last)} to {today}", place="since",
                           value=since.isoformat())  # fmt: skip
    if facts.home.price_class == asked.price_class:
        raise ClassUnchanged(f"the home is {asked.price_class}", price_class=asked.price_class)
    former = FormerHome(since, price_class=facts.home.price_class)
    home = replace(facts.home, price_class=asked.price_class)
    return ClassChanged(replace(facts, home=home, formers=(*facts.formers, former)), former)
