"""A city's homes go through whatever may happen to them, in lists, season after season. After every step the states, the
bills and the ledger are those of a model that knows nothing of the product. NUAN_TEST_WALK_MOVES=100000 walks further.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from deploy.local.databases import ScratchDatabases
from deploy.local.in_process import InProcessSystem
from deploy.scenario.always_true import differences
from deploy.scenario.asking import Asking, StoryRefused
from services.accounts.storage.account_facts import facts_of
from shared.chassis.database import transaction
from shared.kernel.season import season_label
from tests.journeys.heated_city import Home, Spell, days_of, season_of

MOVES = int(os.environ.get("NUAN_TEST_WALK_MOVES", "10000"))
HOMES = 1000
POLICY = {"dunning_min_notices": "0", "suspend_requires_no_debt": "false"}
DEADLINE = (9, 30)


class Walk:
    """``moves`` counts homes to which something happened."""

    def __init__(self, system: InProcessSystem, seed: int) -> None:
        self.system, self.ask, self.dice = system, Asking(system), random.Random(seed)
        self.day, self.moves = date(2025, 7, 2), 0
        self.told: list[str] = []
        self.paid: list[int] = []
        self._owed: list[dict[str, Any]] | None = None
        self._touched: set[str] = set()
        self.ask.post("accounts", "/policies", {"name": "default", "set": POLICY})
        self.homes = {
            number: Home(number, self.dice.randint(2000, 13000)) for number in (f"97{n:08d}" for n in range(HOMES))
        }
        self.ask.post("accounts", "/accounts", {"accounts": [
            {"account_no": home.account_no, "compound": "city", "building": "1", "room": home.account_no, "name": "住户",
             "building_area": f"{home.area_dm2 / 100:.2f}"}
            for home in self.homes.values()
        ]})  # fmt: skip
        system.settle()

    @property
    def season(self) -> int:
        return season_of(self.day)

    def in_state(self, *states: str, most: int = 400) -> list[Home]:
        """Some homes in one of these states, in no order."""
        found = [home for home in self.homes.values() if home.state(self.day) in states]
        return self.dice.sample(found, min(len(found), self.dice.randint(1, most)))

    def step(self) -> None:
        before, self._owed = season_of(self.day), None
        self.day += timedelta(days=self.dice.randint(1, 9))
        self.system.set_day(self.day)
        if season_of(self.day) != before or not self.told:
            self.bill()
        doing: Callable[[], None] = self.dice.choice([
            self.suspend, self.suspend, self.resume, self.resume, self.cut, self.disconnect, self.inspect, self.measure,
            self.measure, self.pay, self.pay, self.take_back, self.transfer, self.refused,
        ])  # fmt: skip
        doing()
        self.system.settle(seconds=60)

    def _done(self, verb: str, homes: Sequence[Home], **asked: Any) -> None:
        self.told.append(f"{self.day} {verb} {len(homes)}")
        self._touched |= {home.account_no for home in homes}
        if homes:
            self.ask.post("accounts", f"/accounts/{verb}", {"reason": "walk", **asked})
            self.moves += len(homes)

    def bill(self) -> None:
        self.told.append(f"{self.day} bill {self.season}")
        self.ask.post("accounts", "/billing-runs", {"season": season_label(self.season)})
        for home in self.homes.values():
            if home.state(self.day) != "disconnected":
                home.billed[self.season] = home.fee(self.season)
        self._touched = set(self.homes)
        self.moves += HOMES

    def suspend(self) -> None:
        """In time for the season, for a year or two or until further notice."""
        season = self.day.year + (self.day.timetuple()[1:3] > DEADLINE)
        homes, seasons = self.in_state("active"), self.dice.choice([1, 2, None])
        self._done("suspensions", homes, suspensions=[
            {"account_no": home.account_no, "season": season_label(season), "seasons": seasons} for home in homes
        ])  # fmt: skip
        until = None if seasons is None else days_of(season + seasons - 1)[-1] + timedelta(days=1)
        for home in homes:
            home.spells.append(Spell("suspended", self.day, until, season))
            home.charged_again(since=season)

    def resume(self) -> None:
        late = self.late()
        homes = [home for home in self.in_state("suspended", "cut") if home.account_no not in late]
        self._done("resumptions", homes, accounts=[home.account_no for home in homes])
        for home in homes:
            home.ends(self.day)
            home.charged_again(since=self.season)

    def cut(self) -> None:
        late = self.late()
        homes = [home for home in self.in_state("active") if home.account_no in late]
        self._done("cuts", homes, accounts=[home.account_no for home in homes])
        for home in homes:
            home.spells.append(Spell("cut", self.day, None))
            home.charged_again(since=self.season)

    def disconnect(self) -> None:
        """Few leave, or the city would be empty soon."""
        homes = [
            home for home in self.in_state("active", "suspended", "cut", most=4) if home.account_no not in self.late()
        ]
        self._done("disconnections", homes, accounts=[home.account_no for home in homes])
        for home in homes:
            home.ends(self.day)
            home.spells.append(Spell("disconnected", self.day, None))
            home.charged_again(since=self.season)

    def inspect(self) -> None:
        homes = self.in_state("suspended", most=20)
        self._done("inspections", homes, accounts=[home.account_no for home in homes])
        for home in homes:
            home.caught.add(self.season)
            home.charged_again(since=self.season)

    def measure(self) -> None:
        homes = self.in_state("active", "suspended", "cut")
        for home in homes:
            home.area_dm2 = self.dice.randint(2000, 13000)
        self._done("areas", homes, areas=[
            {"account_no": home.account_no, "building_area": f"{home.area_dm2 / 100:.2f}"} for home in homes
        ])  # fmt: skip
        for home in homes:
            home.charged_again(since=self.season)

    def transfer(self) -> None:
        """A home changes hands; what was billed stays with who was billed."""
        late = self.late()
        homes = [home for home in self.in_state("active", most=30) if home.account_no not in late]
        self._done("transfers", homes, transfers=[{"account_no": home.account_no, "name": "新住户"} for home in homes])

    def owed(self) -> list[dict[str, Any]]:
        if self._owed is None:
            self._owed = list(self.ask.post("payments", "/owed", {"account_nos": list(self.homes)}))
        return self._owed

    def late(self) -> set[str]:
        """Homes whose present owner owes something past its due day."""
        return {
            one["account_no"] for one in self.owed()
            for payer in one["payers"] if payer["payer"] == "self" and payer["overdue"] != "0.00"
        }  # fmt: skip

    def pay(self) -> None:
        """Many pay what they owe, some a part of it or too much."""
        due = [
            (one["account_no"], next(p["total"] for p in one["payers"] if p["payer"] == "self")) for one in self.owed()
        ]
        payments = [
            {"account_no": account_no, "channel": "pos",
             "amount": total if self.dice.random() < 0.8 else f"{self.dice.randint(1, 4000)}.{self.dice.randint(10, 99)}"}
            for account_no, total in self.dice.sample(due, 400) if total != "0.00"
        ]  # fmt: skip
        self.told.append(f"{self.day} pay {len(payments)}")
        if payments:
            taken = self.ask.post("payments", "/payments", {"payments": payments})["payments"]
            self._touched |= {payment["account_no"] for payment in payments}
            self.paid += [payment["payment_id"] for payment in taken]
            self.moves += len(payments)

    def take_back(self) -> None:
        """Some payments bounce."""
        back = self.dice.sample(self.paid, min(len(self.paid), self.dice.randint(1, 40)))
        self.paid = [payment_id for payment_id in self.paid if payment_id not in back]
        self.told.append(f"{self.day} reverse {len(back)}")
        if back:
            reversals = [{"payment_id": payment_id, "reason": "bounced", "at": "hall"} for payment_id in back]
            taken = self.ask.post("payments", "/payments/reversals", {"reversals": reversals})["reversals"]
            self._touched |= {reversal["account_no"] for reversal in taken}
            self.moves += len(back)

    def refused(self) -> None:
        """One home of the list is in a state in which that cannot be: nothing happens to any of them."""
        verb, good, bad, code = self.dice.choice([
            ("disconnections", "active", "disconnected", "transition_refused"),
            ("inspections", "suspended", "active", "transition_refused"),
            ("resumptions", "cut", "active", "transition_refused"),
        ])  # fmt: skip
        late = self.late()
        homes = [
            *(home for home in self.in_state(good, most=5) if home.account_no not in late),
            *self.in_state(bad, most=1),
        ]
        if not homes or homes[-1].state(self.day) != bad:
            return
        self.told.append(f"{self.day} refused {verb}")
        with pytest.raises(StoryRefused) as refusal:
            self.ask.post(
                "accounts", f"/accounts/{verb}", {"reason": "walk", "accounts": [h.account_no for h in homes]}
            )
        assert refusal.value.code == code

    def holds(self) -> None:
        """Of the homes that were touched; after a season run, and in the end, of all."""
        homes = {number: self.homes[number] for number in self._touched}
        self._touched = set()
        with self.system.runtimes["accounts"].commands.reading() as work:
            facts = facts_of(work, list(homes))
        states = {number: facts[number].state_on(self.day) for number in homes}
        assert states == {number: home.state(self.day) for number, home in homes.items()}
        expected = {(number, season): fen for number, home in homes.items() for season, fen in home.billed.items()}
        assert self._sums("accounts", _BILLED, homes) == expected
        assert self._sums("payments", _OWED, homes) == {key: fen for key, fen in expected.items() if fen}
        with transaction(self.system.runtimes["payments"].engine) as cursor:
            assert cursor.execute(_UNBALANCED).fetchone() == (0, 0, 0)

    def everything_holds(self) -> None:
        self._touched = set(self.homes)
        self.holds()

    def _sums(self, service: str, query: str, homes: Collection[str]) -> dict[tuple[str, int], int]:
        with transaction(self.system.runtimes[service].engine) as cursor:
            rows = cursor.execute(query, (list(homes),)).fetchall()
        return {(account_no, season): fen for account_no, season, fen in rows}


_BILLED = """
SELECT b.account_no, b.season, (sum(b.amount_fen) + coalesce(sum(c.fen), 0))::bigint FROM bills b
LEFT JOIN LATERAL (
    SELECT sum(amount_fen) AS fen FROM bill_corrections
    WHERE account_no = b.account_no AND season = b.season AND bill_no = b.bill_no AND payer = b.payer
) c ON true
WHERE b.account_no = ANY(%s) GROUP BY b.account_no, b.season
"""
_OWED = """
SELECT account_no, season, sum(amount_fen - reduced_fen)::bigint FROM receivables WHERE account_no = ANY(%s)
GROUP BY account_no, season HAVING sum(amount_fen - reduced_fen) <> 0
"""
_UNBALANCED = """
SELECT (SELECT coalesce(sum(CASE WHEN debit = 'receivable' THEN amount_fen ELSE 0 END
                            - CASE WHEN credit = 'receivable' THEN amount_fen ELSE 0 END), 0) FROM postings)::bigint
       - (SELECT coalesce(sum(amount_fen - reduced_fen - settled_fen), 0) FROM receivables)::bigint,
       (SELECT coalesce(sum(CASE WHEN credit = 'credit' THEN amount_fen ELSE 0 END
                            - CASE WHEN debit = 'credit' THEN amount_fen ELSE 0 END), 0) FROM postings)::bigint
       - (SELECT coalesce(sum(amount_fen - used_fen), 0) FROM credits)::bigint,
       (SELECT count(*) FROM receivables WHERE settled_fen < 0 OR settled_fen + reduced_fen > amount_fen)
"""


def test_states_bills_and_ledger_follow_whatever_happens(tmp_path: Path, admin_url: str) -> None:
    with (
        ScratchDatabases(admin_url) as urls,
        InProcessSystem(urls, folder=tmp_path, day=date(2025, 7, 2)) as system,
    ):
        walk = Walk(system, seed=20251101)
        while walk.moves < MOVES:
            try:
                walk.step()
                walk.holds()
            except (AssertionError, StoryRefused) as error:
                raise AssertionError("\n".join(walk.told[-12:])) from error
        walk.everything_holds()
        assert list(differences(system)) == []
        states = {home.state(walk.day) for home in walk.homes.values()}
        assert states == {"active", "suspended", "cut", "disconnected"}, "the walk went everywhere"
