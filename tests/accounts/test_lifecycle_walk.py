"""A long walk over the lifecycle of a few homes: whatever happens in whatever order, states follow the table, periods never
overlap, every bill is what the whole season costs under the facts that hold, and no area or account is lost on the way.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from services.accounts.domain.account_facts import CUT, DISCONNECTED, LIFECYCLE, SUSPENDED
from services.accounts.domain.account_lock import LOCK_KINDS
from services.accounts.domain.derivation import recomputed_fen
from services.accounts.domain.home_parts import home_on
from services.accounts.queries.account_bills import account_bills
from services.accounts.queries.account_on_day import account_on_day
from services.accounts.storage.account_facts import facts_of
from shared.kernel.money import parse_yuan
from shared.kernel.season import season_label
from tests.accounts.lifecycle_desk import NUMBERS, Desk

HOMES, STEPS = 4, 60
VERBS = {"areas": 3, "suspensions": 6, "resumptions": 3, "cuts": 3, "disconnections": 1, "inspections": 3, "bill": 6,
         "class-changes": 4, "mergers": 2, "divisions": 2, "locks": 2, "lock-releases": 3}  # fmt: skip
"""How often each is tried."""
OF_VERB = {"suspensions": "suspend", "resumptions": "resume", "cuts": "cut", "disconnections": "disconnect",
           "class-changes": "change_class", "mergers": "merge", "divisions": "split"}  # fmt: skip
BLOCKED = {**OF_VERB, "areas": "area", "inspections": "inspect"}
FEN_PER_DM2_MOST = 32


class Walk:
    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk, self.dice, self.day = desk, random.Random(seed), date(2025, 7, 2)
        desk.set_day(self.day)
        self.homes = [desk.home() for _ in range(HOMES)]
        self.billed: set[tuple[str, int]] = set()
        self.locked: set[tuple[str, str]] = set()

    @property
    def season(self) -> int:
        return self.day.year if self.day.month >= 7 else self.day.year - 1

    def step(self) -> str:
        self.day += timedelta(days=self.dice.randint(0, 20))
        self.desk.set_day(self.day)
        home, verb = self.dice.choice(self.homes), self.dice.choices(list(VERBS), list(VERBS.values()))[0]
        before, area = self.desk.state(home), self._area_of_all()
        code = self._bill(home) if verb == "bill" else self._do(verb, home)
        after = self.desk.state(home)
        if code is None and verb in OF_VERB:
            assert after == LIFECYCLE.after(OF_VERB[verb], before)
        elif code is not None:
            assert after == before
        if verb not in ("areas", "disconnections"):
            assert self._area_of_all() == area, "areas move, and none comes or goes"
        if blocking := [
            kind for of, kind in self.locked if of == home and LOCK_KINDS[kind].holds(BLOCKED.get(verb, "-"))
        ]:
            assert code is not None, f"{verb} went through {blocking}"
        return f"{self.day} {verb} {home}: {before} → {after} {code or ''}"

    def _bill(self, home: str) -> str | None:
        status, answer = self.desk.post("/billing-runs", {"season": season_label(self.season), "accounts": [home]})
        if status == 201 and answer["billed"]:
            self.billed.add((home, self.season))
        return None if status == 201 else str(answer["code"])

    def _do(self, verb: str, home: str) -> str | None:
        if verb == "cuts":
            self._notice(home)
        else:
            self.desk.payments.paid(home)
        status, answer = self.desk.post(f"/accounts/{verb}", {"reason": "walk", **self._asked(verb, home)})
        assert status in (201, 409), answer
        if status != 201:
            return str(answer["code"])
        if verb == "locks":
            self.locked.add((home, answer["accounts"][0]["kind"]))
        if verb == "lock-releases":
            self.locked.discard((home, answer["accounts"][0]["kind"]))
        if verb == "divisions":
            part = answer["accounts"][0]["part"]
            self.homes.append(part["account_no"])
            self.billed |= {(part["account_no"], self.season)} if part["charged"] is not None else set()
        if verb == "inspections" and answer["accounts"][0]["billed"]:
            self.billed.add((home, self.season))
        return None

    def _asked(self, verb: str, home: str) -> dict[str, Any]:
        if verb == "areas":
            area = f"{self.dice.randint(20, 130)}.{self.dice.randint(10, 99)}"
            return {"areas": [{"account_no": home, "building_area": area}]}
        if verb == "suspensions":
            season = season_label(self.day.year + self.dice.randint(0, 1))
            return {"suspensions": [{"account_no": home, "season": season, "seasons": self.dice.choice([1, 2, None])}]}
        if verb == "class-changes":
            return {
                "changes": [
                    {"account_no": home, "price_class": self.dice.choice(["residential", "nonresidential", "garage"])}
                ]
            }
        if verb == "mergers":
            other = self.dice.choice([each for each in self.homes if each != home])
            self.desk.payments.paid(other)
            return {"mergers": [{"account_no": home, "other_no": other}]}
        if verb == "divisions":
            with self.desk.runtime.commands.reading() as work:
                whole = facts_of(work, [home])[home].home.building_area_dm2
            leaves = self.dice.randint(1, whole - 1)
            part = {"room": f"{next(NUMBERS)}W", "building_area": m2(leaves)}
            return {
                "divisions": [{"account_no": home, "remaining": {"building_area": m2(whole - leaves)}, "part": part}]
            }
        if verb in ("locks", "lock-releases"):
            return {"accounts": [home], "kind": self.dice.choice(["legal_dispute", "inspection", "ownership"])}
        return {"accounts": [home]}

    def _notice(self, home: str) -> None:
        self.desk.payments.owing(home, "1.00", since="2020-12-31")
        for back in (40, 20):
            self.desk.set_day(self.day - timedelta(days=back))
            self.desk.post("/accounts/notices", {"accounts": [home]})
        self.desk.set_day(self.day)

    def _area_of_all(self) -> int:
        """0.01 m² of all accounts that did not end in another one."""
        with self.desk.runtime.commands.reading() as work:
            return sum(
                each.home.building_area_dm2 for each in facts_of(work, self.homes).values() if each.merged_on is None
            )

    def holds(self) -> None:
        with self.desk.runtime.commands.reading() as work:
            facts = facts_of(work, self.homes)
            bills = {home: account_bills(work, home)["bills"] for home in self.homes}
            waiting = work.rows(
                "SELECT account_no FROM work_orders WHERE account_no = ANY(%s) AND state IN ('opened', 'assigned', 'failed')"
                " AND kind IN ('close_valve', 'open_valve')", (self.homes,),
            )  # fmt: skip
            asked = self.dice.choice(self.homes)
            day = self.day - timedelta(days=self.dice.randint(0, 200))
            told = account_on_day(work, asked, day)
        assert len(set(waiting)) == len(waiting), "nobody is sent to close and to open one valve"
        there = home_on(facts[asked].home, facts[asked].formers, day)
        assert told["home"]["price_class"] == there.price_class
        most = FEN_PER_DM2_MOST * max(13100 * HOMES, sum(each.home.building_area_dm2 for each in facts.values()))
        for home in self.homes:
            periods = facts[home].periods
            ends = [period.until_on or date.max for period in periods]
            assert all(end <= later.from_on for end, later in zip(ends, periods[1:], strict=False))
            assert {period.state for period in periods} <= {SUSPENDED, CUT, DISCONNECTED}
            assert {bill["season"] for bill in bills[home]} == {season_label(s) for of, s in self.billed if of == home}
            for bill in bills[home]:
                charged = parse_yuan(bill["amount"])
                assert 0 <= charged <= most
                assert charged == recomputed_fen(bill["derivation"]), bill


def m2(area_dm2: int) -> str:
    return f"{area_dm2 // 100}.{area_dm2 % 100:02d}"


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_states_and_bills_follow_the_facts(desk: Desk, seed: int) -> None:
    walk = Walk(desk, seed)
    told = []
    for _ in range(STEPS):
        try:
            told.append(walk.step())
            walk.holds()
        except AssertionError as error:
            raise AssertionError("\n".join(told)) from error
    assert len({line.split(" → ")[1].split()[0] for line in told}) > 2, "the walk went somewhere"
