"""By which rules money is paid back: payments and the desk ask, the policy in force answers."""

from __future__ import annotations

from datetime import date

import pytest

from tests.accounts.conftest import AccountsService

READERS = ("cashier",)


def test_the_reference_pays_back_the_way_it_came_within_thirty_days(service: AccountsService) -> None:
    assert service.get("/refund-rules?season=2024-2025", roles=READERS) == (200, {
        "season": "2024-2025", "due_on": "2025-04-30", "route": "ORIGINAL_CHANNEL", "choice_closed_for": None,
        "season_begins_on": "2025-11-01",
        "limits": [{"role": "clerk", "limit": "100.00"}, {"role": "supervisor", "limit": "2000.00"},
                   {"role": "finance", "limit": None}],
    })  # fmt: skip


@pytest.mark.parametrize(
    ("day", "closed"),
    [("2025-10-31", None), ("2025-11-01", "2025-2026"), ("2026-03-31", "2025-2026"), ("2026-04-01", None)],
)
def test_prepayments_wait_on_every_day_of_the_season(service: AccountsService, day: str, closed: str | None) -> None:
    service.set_day(date.fromisoformat(day))
    assert service.get("/refund-rules", roles=READERS)[1]["choice_closed_for"] == closed


def test_a_season_of_other_days_is_due_after_its_own_last_day(service: AccountsService) -> None:
    service.post("/seasons", {"season": "2025-2026", "start_on": "2025-11-01", "end_on": "2026-04-10"})
    assert service.get("/refund-rules", roles=READERS)[1]["due_on"] == "2026-05-10"


def test_where_nobody_is_named_finance_agrees_to_everything(service: AccountsService) -> None:
    service.post("/policies", {"name": "default", "set": {"refund_approval_limits": "none"}})
    assert service.get("/refund-rules", roles=READERS)[1]["limits"] == [{"role": "finance", "limit": None}]


@pytest.mark.parametrize("query", ["season=2025", "season=", "season=2025-2027", "day=2025-01-01"])
def test_what_is_no_season_is_refused(service: AccountsService, query: str) -> None:
    assert service.get(f"/refund-rules?{query}", roles=READERS)[1]["code"] == "invalid_input"
