"""Cold rooms, interruptions, a short season, suspension, resumption, another area and another price, in any order: what is
owed back never exceeds what was charged, no day is owed twice, and a bill never falls below nothing.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from shared.chassis.runtime import Runtime
from shared.kernel.rates import half_up
from tests.accounts.lifecycle_desk import Desk

STEPS = 25
DAYS = 151
SEASON = "2025-2026"


class Walk:
    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk, self.dice, self.day = desk, random.Random(seed), date(2025, 9, 1)
        desk.set_day(self.day)
        self.homes = [desk.billed_home(), desk.billed_home()]

    def step(self) -> str:
        self.day = min(self.day + timedelta(days=self.dice.randint(0, 14)), date(2026, 3, 31))
        self.desk.set_day(self.day)
        home, one = self.dice.choice(self.homes), self.dice.randint(1, 20)
        celsius = self.dice.choice(["12.0", "15.0", "17.9", "21.0"])
        verbs: list[tuple[str, dict[str, Any]]] = [
            ("/accounts/temperatures", {"measured": [{"account_no": home, "days": one, "celsius": celsius}]}),
            ("/accounts/temperatures", {"measured": [{"account_no": home, "days": one, "celsius": celsius, "official": True}]}),
            ("/accounts/outages", {"accounts": self.homes, "hours": str(self.dice.randint(1, 400))}),
            ("/seasons/supplied", {"season": SEASON, "supplied_from": f"2025-11-{one:02d}", "supplied_until": "2026-03-15"}),
            ("/accounts/suspensions", {"suspensions": [{"account_no": home, "season": SEASON}]}),
            ("/accounts/resumptions", {"accounts": [home]}),
            ("/accounts/areas", {"areas": [{"account_no": home, "building_area": f"{80 + one}.00"}]}),
            ("/seasons/corrected-prices", {"season": SEASON, "price_residential": f"{20 + one}.00"}),
        ]  # fmt: skip
        path, asked = self.dice.choice(verbs)
        status, _ = self.desk.post(path, {**asked, "reason": "walk"})
        if path.endswith("prices") and status == 201:
            assert self.desk.post("/seasons/price-differences", {"season": SEASON})[0] == 201
        return f"{self.day} {path} {asked} {status}"

    def holds(self) -> None:
        for home in self.homes:
            [(charged, noted)] = self.desk.rows(
                "SELECT b.amount_fen + coalesce(sum(c.amount_fen) FILTER (WHERE c.kind <> 'credit_note'), 0)::bigint,"
                " -coalesce(sum(c.amount_fen) FILTER (WHERE c.kind = 'credit_note'), 0)::bigint"
                " FROM bills b LEFT JOIN bill_corrections c USING (bill_no, payer) WHERE b.account_no = %s GROUP BY b.amount_fen",
                (home,),
            )
            assert 0 <= noted <= charged, (home, charged, noted)
            shares = self.desk.rows(
                "SELECT day, max(share_of::numeric / share_by) FROM entitlement_days WHERE account_no = %s GROUP BY day",
                (home,),
            )
            assert all(share <= 1 for _, share in shares)
            assert noted <= self._most(home, len(shares)), (home, noted, len(shares))

    def _most(self, home: str, days: int) -> int:
        """Each day that was ever claimed, at the highest fee that the season ever had."""
        highest = max(self._charges(home))
        return half_up(Fraction(highest * days, DAYS))

    def _charges(self, home: str) -> list[int]:
        rows = self.desk.rows(
            "SELECT amount_fen FROM bills WHERE account_no = %s UNION ALL"
            " SELECT (derivation->>'fen')::bigint FROM bill_corrections WHERE account_no = %s AND kind <> 'credit_note'", (home, home)
        )  # fmt: skip
        return [fen for (fen,) in rows]


@pytest.mark.parametrize("seed", range(3))
def test_what_is_owed_back_stays_within_the_fee(
    make_runtime: Callable[..., Runtime], tmp_path: Path, seed: int
) -> None:
    walk = Walk(Desk(make_runtime("accounts", day=date(2025, 9, 1)), tmp_path / "clock"), seed)
    told = []
    for _ in range(STEPS):
        told.append(walk.step())
        try:
            walk.holds()
        except AssertionError as error:
            raise AssertionError("\n".join(told)) from error
    assert any("temperatures" in step and step.endswith("201") for step in told)
