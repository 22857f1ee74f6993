"""A long walk over the lifecycle of a few homes: whatever happens in whatever order, states follow the table, periods never
overlap, and every bill is what the whole season costs under the facts that hold.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from services.accounts.domain.account_facts import CUT, DISCONNECTED, LIFECYCLE, SUSPENDED
from services.accounts.domain.derivation import recomputed_fen
from services.accounts.queries.account_bills import account_bills
from services.accounts.storage.account_facts import facts_of
from shared.kernel.money import parse_yuan
from shared.kernel.season import season_label
from tests.accounts.lifecycle_desk import Desk

HOMES, STEPS = 4, 40
VERBS = {"areas": 3, "suspensions": 6, "resumptions": 3, "cuts": 3, "disconnections": 1, "inspections": 2, "bill": 6}
"""How often each is tried."""
OF_VERB = {"suspensions": "suspend", "resumptions": "resume", "cuts": "cut", "disconnections": "disconnect"}
FULL_FEE_MOST = 131 * 2600


class Walk:
    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk, self.dice, self.day = desk, random.Random(seed), date(2025, 7, 2)
        desk.set_day(self.day)
        self.homes = [desk.home() for _ in range(HOMES)]
        self.billed: set[tuple[str, int]] = set()

    def step(self) -> str:
        self.day += timedelta(days=self.dice.randint(0, 25))
        self.desk.set_day(self.day)
        home, verb = self.dice.choice(self.homes), self.dice.choices(list(VERBS), list(VERBS.values()))[0]
        before = self.desk.state(home)
        code = self._bill(home) if verb == "bill" else self._do(verb, home)
        after = self.desk.state(home)
        if code is None and verb in OF_VERB:
            assert after == LIFECYCLE.after(OF_VERB[verb], before)
        elif code is not None:
            assert after == before
        return f"{self.day} {verb} {home}: {before} → {after} {code or ''}"

    def _bill(self, home: str) -> str | None:
        season = self.day.year if self.day.month >= 7 else self.day.year - 1
        status, answer = self.desk.post("/billing-runs", {"season": season_label(season), "accounts": [home]})
        if status == 201 and answer["billed"]:
            self.billed.add((home, season))
        return None if status == 201 else str(answer["code"])

    def _do(self, verb: str, home: str) -> str | None:
        asked: dict[str, object] = {"accounts": [home]}
        if verb == "areas":
            asked = {
                "areas": [
                    {"account_no": home, "building_area": f"{self.dice.randint(20, 130)}.{self.dice.randint(10, 99)}"}
                ]
            }
        elif verb == "suspensions":
            season = self.day.year + self.dice.randint(0, 1)
            asked = {
                "suspensions": [
                    {"account_no": home, "season": season_label(season), "seasons": self.dice.choice([1, 2, None])}
                ]
            }
        elif verb == "cuts":
            self.desk.payments.owing(home, "1.00", since="2020-12-31")
            for back in (40, 20):
                self.desk.set_day(self.day - timedelta(days=back))
                self.desk.post("/accounts/notices", {"accounts": [home]})
            self.desk.set_day(self.day)
        if verb != "cuts":
            self.desk.payments.paid(home)
        status, answer = self.desk.post(f"/accounts/{verb}", {"reason": "walk", **asked})
        assert status in (201, 409), answer
        return None if status == 201 else str(answer["code"])

    def holds(self) -> None:
        with self.desk.runtime.commands.reading() as work:
            facts = facts_of(work, self.homes)
            bills = {home: account_bills(work, home)["bills"] for home in self.homes}
        for home in self.homes:
            periods = facts[home].periods
            ends = [period.until_on or date.max for period in periods]
            assert all(end <= later.from_on for end, later in zip(ends, periods[1:], strict=False))
            assert {period.state for period in periods} <= {SUSPENDED, CUT, DISCONNECTED}
            assert {bill["season"] for bill in bills[home]} == {season_label(s) for of, s in self.billed if of == home}
            for bill in bills[home]:
                charged = parse_yuan(bill["amount"])
                assert 0 <= charged <= FULL_FEE_MOST
                assert charged == recomputed_fen(bill["derivation"]), bill


@pytest.mark.parametrize("seed", range(2))
def test_whatever_happens_states_and_bills_follow_the_facts(desk: Desk, seed: int) -> None:
    walk = Walk(desk, seed)
    told = []
    for _ in range(STEPS):
        told.append(walk.step())
        try:
            walk.holds()
        except AssertionError as error:
            raise AssertionError("\n".join(told)) from error
    assert len({line.split(" → ")[1].split()[0] for line in told}) > 2, "the walk went somewhere"
