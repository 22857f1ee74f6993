"""A season that was billed provisionally is settled when its price is decreed; a wrong price is put right.

`settle_provisional_price` and `correct_price` decide, `post_price_differences` posts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.accounts.domain.derivation import recomputed_fen
from services.accounts.storage import price_differences
from shared.chassis.runtime import Runtime
from shared.messages.accounts import BillsCorrected, CorrectedBill
from tests.accounts.billing_steps import bill
from tests.accounts.conftest import AccountsService, a_home
from tests.accounts.lifecycle_desk import FakePayments
from tests.accounts.test_approvals import asked, decided

SEASON = "2025-2026"
FINAL = {"season": SEASON, "reason": "沈价发〔2026〕1号", "price_residential": "27.50"}


def activate(service: AccountsService, **changes: str) -> None:
    assert service.post("/policies", {"name": "default", "set": changes})[0] == 201


@pytest.fixture
def service(make_runtime: Callable[..., Runtime], tmp_path: Path) -> AccountsService:
    return AccountsService(make_runtime("accounts", day=date(2025, 10, 20)), tmp_path / "clock", FakePayments())


@pytest.fixture
def provisional(service: AccountsService) -> AccountsService:
    """A flat of 89.63 m², a shop of 100 m² and a suspended flat, billed provisionally; on 2026-06-10 the price is final."""
    activate(service, provisional_price_flag="true")
    service.set_day(date(2025, 7, 2))
    homes = [a_home(1), a_home(2, price_class="nonresidential", building_area="100.00"), a_home(3)]
    numbers = service.post("/accounts", {"accounts": homes})[1]["account_nos"]
    bill(service)
    service.set_day(date(2025, 9, 1))
    suspended = {"suspensions": [{"account_no": numbers[2], "season": SEASON}], "reason": "x"}
    assert service.post("/accounts/suspensions", suspended)[0] == 201
    service.set_day(date(2026, 6, 10))
    activate(service)
    return service


def settle(service: AccountsService, verb: str = "settled", **more: Any) -> tuple[int, Any]:
    return service.post(f"/seasons/{verb}-prices", {**FINAL, **more})


def post_all(service: AccountsService, **more: Any) -> list[Any]:
    """Every page, one after the other."""
    pages, after = [], ""
    while after is not None:
        body = {"season": SEASON, **({"after": after} if after else {}), **more}
        status, page = service.post("/seasons/price-differences", body)
        assert status == (200 if more.get("preview") else 201), page
        pages.append(page)
        after = page["next"]
    return pages


def corrections(service: AccountsService) -> list[CorrectedBill]:
    return [item for event in service.events() if isinstance(event, BillsCorrected) for item in event.items]


def test_a_bill_says_that_its_price_is_provisional(provisional: AccountsService) -> None:
    [(number, bill_no)] = provisional.rows("SELECT account_no, bill_no FROM bills ORDER BY account_no LIMIT 1")
    told = provisional.get(f"/accounts/{number}/bills/{bill_no}/explanation")[1]
    assert "暂定价" in told["zh"]
    assert "provisional" in told["en"]


def test_every_bill_is_settled_by_the_difference_due_with_the_next_season(provisional: AccountsService) -> None:
    before = len(corrections(provisional))
    status, decided = settle(provisional)
    assert (status, decided["kind"]) == (201, "settlement")
    assert len(corrections(provisional)) == before
    [page] = post_all(provisional)
    # 89.63 × (27.50 − 26.00) = 134.45 (2,464.83 − 2,330.38); the suspended one pays 30 %: 739.45 − 699.11
    assert (page["homes"], page["more"], page["less"]) == (
        3, {"homes": 2, "amount": "174.79"}, {"homes": 0, "amount": "0.00"}
    )  # fmt: skip
    posted = corrections(provisional)[before:]
    assert [(item.amount_fen, item.due_on, item.kind) for item in posted] == [
        (13445, date(2026, 12, 31), "correction"), (4034, date(2026, 12, 31), "correction")
    ]  # fmt: skip


def test_settled_again_nothing_is_posted_twice(provisional: AccountsService) -> None:
    settle(provisional)
    post_all(provisional)
    before = len(corrections(provisional))
    [page] = post_all(provisional)
    assert (page["more"]["homes"], page["less"]["homes"], len(corrections(provisional))) == (0, 0, before)


def test_a_locked_home_stops_no_page_and_is_settled_when_its_lock_is_off(provisional: AccountsService) -> None:
    settle(provisional)
    home = provisional.get("/accounts")[1]["items"][0]["account_no"]
    provisional.post("/accounts/locks", {"accounts": [home], "kind": "data_correction", "reason": "更正"})
    (page,) = post_all(provisional)
    assert page["locked"] == [home]
    provisional.post("/accounts/lock-releases", {"accounts": [home], "kind": "data_correction", "reason": "已更正"})
    (page,) = post_all(provisional)
    assert (page["locked"], page["more"]["homes"]) == ([], 1)


def test_pages_that_were_cut_off_go_on(provisional: AccountsService, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(price_differences, "HOMES_MAX", 1)
    settle(provisional)
    provisional.post("/seasons/price-differences", {"season": SEASON})
    pages = post_all(provisional)
    assert [page["more"]["amount"] for page in pages] == ["0.00", "0.00", "40.34", "0.00"]


def test_a_preview_tells_the_sums_and_why_and_writes_nothing(provisional: AccountsService) -> None:
    before = provisional.content()
    status, told = settle(provisional, preview=True)
    assert (status, told["more"], told["next"]) == (200, {"homes": 2, "amount": "174.79"}, None)
    assert told["causes"] == [{"cause": "price", "homes": 2, "difference": "174.79"}]
    assert [(home["difference"], "27.5" in home["why"]) for home in told["top"]] == [("134.45", True), ("40.34", True)]
    assert provisional.content() == before


def test_a_lower_price_is_given_back(provisional: AccountsService) -> None:
    settle(provisional, price_residential="25.00")
    [page] = post_all(provisional)
    assert (page["more"]["homes"], page["less"]) == (0, {"homes": 2, "amount": "-116.51"})


def test_what_happens_to_a_home_afterwards_is_charged_at_the_final_price(provisional: AccountsService) -> None:
    settle(provisional)
    post_all(provisional)
    [(number,)] = provisional.rows("SELECT min(account_no) FROM bills")
    body = {"areas": [{"account_no": number, "building_area": "90.63"}], "reason": "复测"}
    status, answer = provisional.post("/accounts/areas", body)
    assert (status, answer["accounts"][0]["corrections"][0]["amount"]) == (201, "27.50")


def test_the_derivation_of_a_settled_bill_works_out_again(provisional: AccountsService) -> None:
    settle(provisional)
    post_all(provisional)
    rows = provisional.rows("SELECT t.body, c.derivation FROM bill_corrections c JOIN tariffs t USING (tariff_id)")
    assert rows
    for tariff, line in rows:
        assert recomputed_fen({"tariff": tariff, "line": line}) == line["fen"]
    assert "provisional" not in rows[-1][0]


def test_only_a_provisional_price_is_settled_and_only_by_a_final_one(service: AccountsService) -> None:
    assert settle(service)[1]["code"] == "season_not_billed"
    service.post("/accounts", {"accounts": [a_home(1)]})
    bill(service)
    assert settle(service)[1]["code"] == "price_not_provisional"
    activate(service, provisional_price_flag="true")
    service.post("/accounts", {"accounts": [a_home(2)]})
    bill(service)
    assert settle(service)[1]["code"] == "price_still_provisional"


def test_a_wrong_price_is_corrected_in_the_season_itself(service: AccountsService) -> None:
    service.post("/accounts", {"accounts": [a_home(1)]})
    bill(service)
    assert settle(service, "corrected", price_residential="23.30")[1]["kind"] == "correction"
    post_all(service)
    [item] = corrections(service)
    assert (item.amount_fen, item.due_on) == (208838 - 233038, date(2025, 12, 31))


def test_bills_that_are_issued_after_the_decision_are_not_touched_by_it(service: AccountsService) -> None:
    service.post("/accounts", {"accounts": [a_home(1)]})
    bill(service)
    settle(service, "corrected", price_residential="23.30")
    activate(service, price_residential="30.00")
    service.post("/seasons", {"season": SEASON, "start_on": "2025-11-01", "end_on": "2026-03-31"})
    service.post("/accounts", {"accounts": [a_home(2)]})
    bill(service)
    [page] = post_all(service)
    assert (page["less"]["homes"], page["more"]["homes"]) == (1, 0)


def test_nothing_is_posted_before_somebody_decided(service: AccountsService) -> None:
    service.post("/accounts", {"accounts": [a_home(1)]})
    bill(service)
    assert service.post("/seasons/price-differences", {"season": SEASON})[1]["code"] == "price_not_decided"


def test_in_earnest_two_people_decide_on_a_price(in_earnest: AccountsService) -> None:
    assert settle(in_earnest)[1]["code"] == "needs_approval"
    assert settle(in_earnest, "corrected")[1]["code"] == "needs_approval"
    in_earnest.post("/accounts", {"accounts": [a_home(1)]})
    bill(in_earnest)
    request = asked(in_earnest, "correct_price", FINAL)
    assert in_earnest.rows("SELECT count(*) FROM price_decisions") == [(0,)]
    answer = decided(in_earnest, request)
    assert (answer["state"], answer["result"]["kind"]) == ("approved", "correction")
    [page] = post_all(in_earnest)
    assert page["more"] == {"homes": 1, "amount": "134.45"}


def test_a_settled_bill_is_not_provisional_any_more_and_names_the_decision(provisional: AccountsService) -> None:
    settle(provisional)
    post_all(provisional)
    [(number, bill_no)] = provisional.rows("SELECT account_no, bill_no FROM bills ORDER BY account_no LIMIT 1")
    told = provisional.get(f"/accounts/{number}/bills/{bill_no}/explanation")[1]
    assert "暂定价" not in told["zh"]
    assert "27.5" in told["zh"]
    assert (told["charge"], told["corrections"][0]["reason"]) == ("2464.83", FINAL["reason"])


@pytest.mark.parametrize(
    ("more", "place"),
    [
        ({"season": "2025"}, "/season"), ({"season": None}, "/season"), ({"reason": ""}, "/reason"),
        ({"reason": "x" * 201}, "/reason"), ({"price_residential": 27.5}, "/price_residential"),
        ({"price_residential": ""}, "/price_residential"), ({"preview": "yes"}, "/preview"), ({"after": "1"}, "/after"),
        ({"policy": "default"}, "/policy"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_price_is_refused_at_its_place(
    service: AccountsService, more: dict[str, Any], place: str
) -> None:
    before = service.content()
    for verb in ("settled", "corrected"):
        status, answer = settle(service, verb, **more)
        assert (status, answer["code"], answer["errors"][0]["place"]) == (422, "invalid_input", place)
    assert service.content() == before


@pytest.mark.parametrize("price", ["0.00001", "-1", "1e3", "２７"])
def test_a_price_that_is_none_is_refused(provisional: AccountsService, price: str) -> None:
    assert settle(provisional, price_residential=price)[1]["code"] == "season_invalid"


def test_a_clerk_decides_on_no_price(service: AccountsService) -> None:
    assert service.post("/seasons/settled-prices", FINAL, roles=["clerk"])[1]["code"] == "forbidden"
