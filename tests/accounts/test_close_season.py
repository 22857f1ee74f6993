"""The books of a season are closed: what stands in the way is named, what is open is carried, its bills stay.

The verbs: begin_closing, leave_unbilled, close_season, reopen_season.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.accounts.storage.hindrances import HINDRANCES
from services.accounts.use_cases.close_season import CloseSeason, close_season
from shared.chassis.database import transaction
from shared.chassis.runtime import Runtime
from shared.chassis.unit_of_work import Caller
from tests.accounts.billing_steps import bill
from tests.accounts.conftest import AccountsService, a_home
from tests.accounts.lifecycle_desk import Desk, FakePayments
from tests.accounts.test_approvals import asked, decided
from tests.accounts.test_season_report import collected, report
from tests.shared.killing import every_kill

SEASON = "2025-2026"
AFTER = date(2026, 6, 1)


@pytest.fixture
def payments() -> FakePayments:
    return FakePayments()


@pytest.fixture
def service(make_runtime: Callable[..., Runtime], tmp_path: Path, payments: FakePayments) -> AccountsService:
    """The accounts service on 2025-10-20, and a payments service that answers."""
    return AccountsService(make_runtime("accounts", day=date(2025, 10, 20)), tmp_path / "clock", payments)


@pytest.fixture
def in_earnest(make_runtime: Callable[..., Runtime], tmp_path: Path, payments: FakePayments) -> AccountsService:
    """The same as a heating company runs it."""
    runtime = make_runtime("accounts", day=date(2025, 10, 20))
    settings = dataclasses.replace(runtime.settings, environment="production")
    return AccountsService(dataclasses.replace(runtime, settings=settings), tmp_path / "clock", payments)


def turn(service: AccountsService, verb: str, **more: Any) -> tuple[int, Any]:
    return service.post(f"/season-turns/{verb}", {"season": SEASON, "reason": "年度封账", **more})


def turned(service: AccountsService, verb: str, **more: Any) -> Any:
    status, answer = turn(service, verb, **more)
    assert status == (200 if more.get("preview") else 201), answer
    return answer


def in_the_way(service: AccountsService) -> dict[str, int]:
    status, answer = service.get(f"/season-turns/{SEASON}")
    assert status == 200, answer
    return {found["kind"]: found["count"] for found in answer["hindrances"] if found["count"]}


def state(service: AccountsService) -> str:
    return str(service.get(f"/season-turns/{SEASON}")[1]["state"])


def opened(service: AccountsService, *homes: dict[str, Any]) -> list[str]:
    status, answer = service.post("/accounts", {"accounts": list(homes)})
    assert status == 201, answer
    return list(answer["account_nos"])


@pytest.fixture
def season_over(service: AccountsService) -> AccountsService:
    """Three homes, billed: one paid, one paid in part, one not at all; the day is 2026-06-01."""
    homes = opened(service, a_home(1), a_home(2), a_home(3))
    bill(service)
    service.set_day(AFTER)
    collected(service, homes[0], ("2025-11-05", 233038))
    collected(service, homes[1], ("2026-01-05", 100000))
    return service


HOMES = ("9000000001", "9000000002", "9000000003")


@pytest.fixture
def closed(season_over: AccountsService) -> AccountsService:
    turned(season_over, "closing")
    turned(season_over, "closures")
    return season_over


def test_a_season_is_closed_in_two_steps_and_each_is_on_record(season_over: AccountsService) -> None:
    assert state(season_over) == "open"
    assert turned(season_over, "closing")["state"] == "closing"
    assert turned(season_over, "closures")["state"] == "closed"
    answer = season_over.get(f"/season-turns/{SEASON}")[1]
    assert [(move["verb"], move["from"], move["to"], move["moved_on"], move["by"]) for move in answer["turns"]] == [
        ("begin_closing", "open", "closing", "2026-06-01", "staff:zhang"),
        ("close", "closing", "closed", "2026-06-01", "staff:zhang"),
    ]
    assert season_over.get("/season-turns")[1]["seasons"][0]["state"] == "closed"


def test_what_is_open_is_carried_as_it_was(closed: AccountsService) -> None:
    figures = closed.get(f"/season-turns/{SEASON}")[1]["turns"][-1]["figures"]
    assert figures == {
        "bills": 3, "billed": "6991.14", "open_items": 2, "open_accounts": 2, "open": "3660.76", "left_unbilled": 0,
        "suspensions_ended": 0, "suspensions_renewed": 0,
    }  # fmt: skip
    assert closed.rows("SELECT account_no, open_fen FROM carried_items ORDER BY 1") == [
        (HOMES[1], 133038), (HOMES[2], 233038),
    ]  # fmt: skip


def test_carried_items_are_arrears_of_the_next_season_and_are_still_paid(closed: AccountsService) -> None:
    closed.set_day(date(2026, 8, 1))
    assert report(closed)["whole"]["arrears"] == "3660.76"
    collected(closed, HOMES[2], ("2026-08-01", 233038))
    assert report(closed)["whole"]["arrears"] == "1330.38"
    assert report(closed, on="2026-07-31")["whole"]["arrears"] == "3660.76"


@pytest.mark.parametrize("verb", ["closing", "closures"])
def test_a_season_that_runs_is_not_closed(service: AccountsService, verb: str) -> None:
    opened(service, a_home(1))
    bill(service)
    service.set_day(date(2026, 3, 31))
    if verb == "closures":
        service.as_owner(
            "INSERT INTO season_turns SELECT 1, min(command_id), 2025, 'begin_closing', 'open', 'closing', '2026-01-01',"
            " 'as it is', '{}' FROM commands"
        )
    before = service.content()
    status, answer = turn(service, verb)
    assert (status, answer["code"]) == (409, "season_runs")
    assert service.content() == before


def test_a_season_that_was_never_billed_is_not_closed(service: AccountsService) -> None:
    service.set_day(AFTER)
    assert turn(service, "closing")[1]["code"] == "season_not_billed"


@pytest.mark.parametrize("verb", ["closures", "reopenings"])
def test_an_open_season_is_neither_closed_at_once_nor_reopened(season_over: AccountsService, verb: str) -> None:
    assert turn(season_over, verb)[1]["code"] == "transition_refused"


def test_closing_again_does_nothing(closed: AccountsService) -> None:
    before = closed.content()
    assert turn(closed, "closures")[1]["code"] == "transition_refused"
    assert turn(closed, "closing")[1]["code"] == "transition_refused"
    assert closed.content() == before


def test_the_same_request_is_answered_as_it_was(season_over: AccountsService) -> None:
    turned(season_over, "closing")
    body = {"season": SEASON, "reason": "年度封账"}
    first = season_over.post("/season-turns/closures", body, key="once")
    before = season_over.content()
    assert season_over.post("/season-turns/closures", body, key="once") == first
    assert season_over.content() == before


def test_a_preview_names_what_stands_in_the_way_and_writes_nothing(season_over: AccountsService) -> None:
    opened(season_over, a_home(4))
    turned(season_over, "closing")
    before = season_over.content()
    answer = turned(season_over, "closures", preview=True)
    assert answer["hindrances"] == {
        "unbilled": 1,
        "open_runs": 0,
        "open_approvals": 0,
        "provisional_prices": 0,
        "not_agreed": 0,
        "open_refunds": 0,
    }
    assert (answer["state"], answer["figures"]["open"]) == ("closed", "3660.76")
    assert season_over.content() == before


# What stands in the way


def test_a_home_without_a_bill_stands_in_the_way_until_it_is_billed(season_over: AccountsService) -> None:
    (late,) = opened(season_over, a_home(4))
    turned(season_over, "closing")
    assert in_the_way(season_over) == {"unbilled": 1}
    status, answer = turn(season_over, "closures")
    assert (status, answer["code"], answer["facts"]["unbilled"]) == (409, "season_not_ready", 1)
    assert bill(season_over, late)["billed"] == 1
    assert turned(season_over, "closures")["state"] == "closed"


def test_a_home_that_is_left_without_a_bill_has_a_reason(season_over: AccountsService) -> None:
    (late,) = opened(season_over, a_home(4))
    turned(season_over, "closing")
    body = {"season": SEASON, "homes": [{"account_no": late, "reason": "房屋未交付"}]}
    assert season_over.post("/season-turns/unbilled", body) == (201, {"season": SEASON, "left_unbilled": 1})
    assert in_the_way(season_over) == {}
    assert turned(season_over, "closures")["figures"]["left_unbilled"] == 1


def test_a_home_that_could_not_be_billed_says_why(service: AccountsService) -> None:
    service.post("/policies", {"name": "default", "set": {}})
    homes = opened(service, a_home(1), a_home(2))
    service.as_owner("UPDATE heat_accounts SET price_class = 'greenhouse' WHERE account_no = %s", (homes[1],))
    assert bill(service)["parked"] == 1
    service.set_day(AFTER)
    case = next(found for found in service.get(f"/season-turns/{SEASON}")[1]["hindrances"] if found["count"])
    assert case["first"][0]["subject"] == homes[1]
    assert case["first"][0]["detail"].startswith("price_class_unknown: ")


def test_homes_that_the_season_does_not_charge_stand_in_nobodys_way(season_over: AccountsService) -> None:
    homes = opened(season_over, a_home(4), a_home(5, connected_on="2026-05-01"))
    season_over.as_owner("UPDATE heat_accounts SET state = 'not_connected' WHERE account_no = %s", (homes[0],))
    assert in_the_way(season_over) == {}


def test_a_home_with_its_bill_is_not_left_without(season_over: AccountsService) -> None:
    body = {"season": SEASON, "homes": [{"account_no": HOMES[0], "reason": "试"}]}
    status, answer = season_over.post("/season-turns/unbilled", body)
    assert (status, answer["code"], answer["facts"]["place"]) == (422, "not_without_bill", "homes/0")


def test_a_run_that_is_not_done_stands_in_the_way(season_over: AccountsService) -> None:
    season_over.as_owner(
        "INSERT INTO billing_runs SELECT 7, min(command_id), 2025, 'issue', min(policy_id), NULL, 9"
        " FROM billing_runs JOIN commands USING (command_id)"
    )
    season_over.as_owner("INSERT INTO billing_chunks VALUES (7, 1, '0000000000', '9999999999', NULL, 9)")
    assert in_the_way(season_over) == {"open_runs": 1}
    season_over.as_owner("UPDATE billing_chunks SET done_by = 1 WHERE run_id = 7")
    assert in_the_way(season_over) == {}


def test_a_request_about_the_season_stands_in_the_way_until_somebody_decides(in_earnest: AccountsService) -> None:
    opened(in_earnest, a_home(1))
    content = {"season": SEASON, "start_on": "2025-11-01", "end_on": "2026-04-05"}
    request = asked(in_earnest, "declare_season", content)
    other = {"season": "2026-2027", "start_on": "2026-11-01", "end_on": "2027-04-05"}
    asked(in_earnest, "declare_season", other)
    assert in_the_way(in_earnest)["open_approvals"] == 1
    decided(in_earnest, request, "reject")
    assert "open_approvals" not in in_the_way(in_earnest)


def test_a_correction_that_payments_has_not_heard_of_stands_in_the_way(service: AccountsService) -> None:
    (home,) = opened(service, a_home(1))
    bill(service)
    corrected = {"areas": [{"account_no": home, "building_area": "100.00"}], "reason": "重新测量"}
    assert service.post("/accounts/areas", corrected)[0] == 201
    service.set_day(AFTER)
    assert in_the_way(service) == {"not_agreed": 1}
    ((more_fen,),) = service.rows("SELECT amount_fen FROM bill_corrections")
    collected(service, home, ("2026-01-05", -more_fen + more_fen + 100), version=1)
    assert in_the_way(service) == {"not_agreed": 1}
    service.as_owner("UPDATE debts SET open_fen = open_fen + %s", (more_fen,))
    assert in_the_way(service) == {}


def test_a_provisional_price_stands_in_the_way_until_it_is_settled(service: AccountsService) -> None:
    service.post("/policies", {"name": "default", "set": {"provisional_price_flag": "true"}})
    opened(service, a_home(1))
    bill(service)
    service.set_day(AFTER)
    assert in_the_way(service) == {"provisional_prices": 1}
    service.post("/policies", {"name": "default", "set": {}})
    status, answer = service.post("/seasons/settled-prices", {"season": SEASON, "reason": "定价文件"})
    assert status == 201, answer
    assert in_the_way(service) == {}


def test_refunds_that_are_not_carried_out_stand_in_the_way(
    season_over: AccountsService, payments: FakePayments
) -> None:
    payments.refund_orders.append({"order_id": 71, "state": "requested", "amount": "120.00"})
    turned(season_over, "closing")
    assert in_the_way(season_over) == {"open_refunds": 1}
    status, answer = turn(season_over, "closures")
    assert (status, answer["code"], answer["facts"]["open_refunds"]) == (409, "season_not_ready", 1)
    payments.refund_orders.clear()
    assert turned(season_over, "closures")["state"] == "closed"


def test_nothing_is_closed_while_nobody_can_say_what_is_refunded(
    season_over: AccountsService, payments: FakePayments
) -> None:
    turned(season_over, "closing")
    payments.away = True
    before = season_over.content()
    status, answer = turn(season_over, "closures")
    assert (status, answer["code"]) == (503, "payments_unavailable")
    assert season_over.content() == before
    shown = season_over.get(f"/season-turns/{SEASON}")[1]["hindrances"][-1]
    assert (shown["kind"], shown["count"]) == ("open_refunds", None)


def test_every_kind_is_listed_by_pages(season_over: AccountsService) -> None:
    homes = opened(season_over, *(a_home(number) for number in range(4, 9)))
    path = f"/season-turns/{SEASON}/hindrances?kind=unbilled&limit=3"
    first = season_over.get(path)[1]
    second = season_over.get(f"{path}&after={first['next']}")[1]
    assert [case["subject"] for case in first["cases"] + second["cases"]] == homes
    assert second["next"] is None
    for kind in HINDRANCES:
        assert season_over.get(f"/season-turns/{SEASON}/hindrances?kind={kind}")[0] == 200
    assert season_over.get(f"/season-turns/{SEASON}/hindrances?kind=weather")[1]["code"] == "unknown_hindrance"


def test_while_a_season_is_being_closed_homes_are_billed_by_name_only(season_over: AccountsService) -> None:
    (late,) = opened(season_over, a_home(4))
    turned(season_over, "closing")
    status, answer = season_over.post("/billing-runs", {"season": SEASON})
    assert (status, answer["code"]) == (409, "season_closing")
    assert season_over.post("/billing-runs", {"season": SEASON, "mode": "preview"})[0] == 201
    assert bill(season_over, late)["billed"] == 1


# Closed books


def short_season(service: AccountsService, **more: Any) -> tuple[int, Any]:
    body = {
        "season": SEASON,
        "supplied_from": "2025-11-04",
        "supplied_until": "2026-03-31",
        "reason": "延迟供热",
        **more,
    }
    return service.post("/seasons/supplied", body)


@pytest.mark.parametrize("preview", [False, True])
def test_a_bill_of_a_closed_season_is_not_corrected(closed: AccountsService, preview: bool) -> None:
    before = closed.content()
    status, answer = short_season(closed, preview=preview)
    assert (status, answer["code"], answer["facts"]["season"]) == (409, "season_closed", SEASON)
    assert closed.content() == before


def test_a_closed_season_bills_nobody_any_more(closed: AccountsService) -> None:
    (late,) = opened(closed, a_home(4))
    for body in ({"season": SEASON}, {"season": SEASON, "accounts": [late]}):
        assert closed.post("/billing-runs", body)[1]["code"] == "season_closed"
    late_one = {"season": SEASON, "homes": [{"account_no": late, "reason": "试"}]}
    assert closed.post("/season-turns/unbilled", late_one)[1]["code"] == "season_closed"


@pytest.mark.parametrize("preview", [False, True])
def test_nobody_decides_on_the_price_of_a_closed_season(closed: AccountsService, preview: bool) -> None:
    body = {"season": SEASON, "reason": "录入有误", "price_residential": "25.00", "preview": preview}
    before = closed.content()
    assert closed.post("/seasons/corrected-prices", body)[1]["code"] == "season_closed"
    assert closed.content() == before


def test_verbs_of_the_current_season_go_on(closed: AccountsService) -> None:
    closed.set_day(date(2026, 8, 1))
    assert bill(closed, HOMES[0], season="2026-2027")["billed"] == 1
    body = {"areas": [{"account_no": HOMES[0], "building_area": "100.00"}], "reason": "重新测量"}
    status, answer = closed.post("/accounts/areas", body)
    assert (status, [each["season"] for each in answer["accounts"][0]["corrections"]]) == (201, ["2026-2027"])


def test_a_reopened_season_is_corrected_and_closed_again(closed: AccountsService) -> None:
    assert turned(closed, "reopenings", reason="漏记延迟供热")["state"] == "open"
    assert short_season(closed)[1]["credited"] == "138.90"
    for number, fen in closed.rows("SELECT bill_no, amount_fen FROM bill_corrections"):
        closed.as_owner("UPDATE debts SET open_fen = open_fen + %s WHERE bill_no = %s AND open_fen > 0", (fen, number))
    assert in_the_way(closed).keys() <= {"not_agreed"}
    assert closed.rows("SELECT count(*) FROM carried_items") == [(2,)]


def test_what_refuses_a_correction_and_what_closes_wait_for_each_other(
    season_over: AccountsService, make_runtime: Callable[..., Runtime]
) -> None:
    """A correction that began before the closing is in the books when they are closed, or comes too late."""
    turned(season_over, "closing")
    commands = season_over.runtime.commands
    done: list[str] = []

    def close() -> None:
        commands.run(close_season, CloseSeason(2025, "年度封账", lambda season: []), caller=Caller("staff:li"))
        done.append("closed")

    with transaction(season_over.runtime.engine) as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(20251107, 2025)")  # as whoever corrects holds it
        thread = threading.Thread(target=close)
        thread.start()
        thread.join(timeout=0.7)
        assert thread.is_alive()
        assert done == []
    thread.join(timeout=20)
    assert done == ["closed"]


def test_in_earnest_a_second_person_closes_and_reopens(in_earnest: AccountsService) -> None:
    homes = opened(in_earnest, a_home(1))
    bill(in_earnest)
    in_earnest.set_day(AFTER)
    turned(in_earnest, "closing")
    assert turn(in_earnest, "closures")[1]["code"] == "needs_approval"
    assert turn(in_earnest, "reopenings")[1]["code"] == "needs_approval"
    assert turned(in_earnest, "closures", preview=True)["figures"]["open_accounts"] == 1
    content = {"season": SEASON, "reason": "年度封账"}
    request = asked(in_earnest, "close_season", content)
    answer = decided(in_earnest, request)
    assert (answer["state"], answer["result"]["state"]) == ("approved", "closed")
    assert in_earnest.rows("SELECT account_no FROM carried_items") == [(homes[0],)]
    assert decided(in_earnest, asked(in_earnest, "reopen_season", content))["result"]["state"] == "open"


def test_a_request_holds_no_preview(in_earnest: AccountsService) -> None:
    body = {"kind": "close_season", "content": {"season": SEASON, "reason": "试", "preview": True}, "reason": "试"}
    assert in_earnest.post("/approvals", body)[1]["code"] == "invalid_input"


# Suspensions


def suspended(service: AccountsService, home: str, **more: Any) -> None:
    body = {"suspensions": [{"account_no": home, "season": SEASON, **more}], "reason": "报停"}
    status, answer = service.post("/accounts/suspensions", body)
    assert status == 201, answer


@pytest.fixture
def three_suspended(service: AccountsService, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Suspended before the season: for this season, until it is cancelled, and so taken over from an old system."""
    monkeypatch.setattr("services.accounts.gateways.payments.Payments.overdue", lambda self, account_nos: {})
    service.set_day(date(2025, 9, 1))
    homes = opened(service, a_home(1), a_home(2), a_home(3))
    suspended(service, homes[0], seasons=1)
    suspended(service, homes[1])
    service.as_owner(
        "UPDATE heat_accounts SET state = 'suspended', suspended_from = 2023, varies_from = 2023 WHERE account_no = %s",
        (homes[2],),
    )
    bill(service)
    service.set_day(AFTER)
    turned(service, "closing")
    return homes


def states(service: AccountsService, homes: list[str]) -> list[str]:
    found = dict(service.rows("SELECT account_no, state FROM heat_accounts"))
    assert found == {home: service.get(f"/accounts/{home}/state")[1]["state"] for home in homes}
    return [found[home] for home in homes]


def test_a_suspension_ends_with_its_season_and_others_go_on(
    service: AccountsService, three_suspended: list[str]
) -> None:
    figures = turned(service, "closures")["figures"]
    assert (figures["suspensions_ended"], figures["suspensions_renewed"]) == (1, 2)
    assert states(service, three_suspended) == ["active", "suspended", "suspended"]
    move = service.get(f"/accounts/{three_suspended[0]}/state")[1]["moves"][-1]
    assert (move["verb"], move["from"], move["to"], move["effective_on"]) == (
        "lapse", "suspended", "active", "2026-04-01",
    )  # fmt: skip


def test_where_suspensions_are_renewed_yearly_one_that_was_taken_over_ends_too(
    service: AccountsService, three_suspended: list[str]
) -> None:
    service.post("/policies", {"name": "default", "set": {"suspend_renewal": "YEARLY"}})
    figures = turned(service, "closures")["figures"]
    assert (figures["suspensions_ended"], figures["suspensions_renewed"]) == (2, 1)
    assert states(service, three_suspended) == ["active", "suspended", "active"]
    service.set_day(date(2026, 8, 1))
    bill(service, season="2026-2027")
    amounts = [service.get(f"/accounts/{home}/bills?season=2026-2027")[1]["bills"][0]["amount"]
               for home in three_suspended]  # fmt: skip
    assert amounts == ["2330.38", "699.11", "2330.38"]


def test_a_next_season_that_was_billed_already_is_corrected(
    service: AccountsService, three_suspended: list[str]
) -> None:
    service.set_day(date(2026, 8, 1))
    bill(service, season="2026-2027")
    service.post("/policies", {"name": "default", "set": {"suspend_renewal": "YEARLY"}})
    turned(service, "closures")
    (of_next,) = service.get(f"/accounts/{three_suspended[2]}/bills?season=2026-2027")[1]["bills"]
    assert of_next["amount"] == "2330.38"


def test_somebody_is_sent_to_open_a_valve_that_was_closed_for_the_season(
    service: AccountsService, three_suspended: list[str]
) -> None:
    path = f"/work-orders?account_no={three_suspended[0]}"
    (order,) = service.get(path)[1]["items"]
    number, by = order["work_order_id"], {"done_by": "李师傅", "done_on": AFTER.isoformat(), "valve": "V-1"}
    photo = service.rows("SELECT nextval('ids')")[0][0]
    service.as_owner(
        "WITH k AS (SELECT command_id FROM commands LIMIT 1), c AS (INSERT INTO contents SELECT sha256('x'), command_id,"
        " 'image/png', 1, 'x' FROM k RETURNING sha256) INSERT INTO documents"
        " SELECT %s, k.command_id, 'work_order', %s, '铅封照片', 'seal.png', c.sha256 FROM k, c",
        (photo, str(number)),
    )
    result = {"work_order_id": number, **by, "seal_no": "S-1", "photo_id": photo}
    assert service.post("/work-orders/results", {"results": [result], "reason": "done"})[0] == 201
    turned(service, "closures")
    told = [(each["kind"], each["cause"], each["state"]) for each in service.get(path)[1]["items"]]
    assert told == [("close_valve", "suspend", "done"), ("open_valve", "lapse", "opened")]


def test_a_preview_ends_no_suspension(service: AccountsService, three_suspended: list[str]) -> None:
    before = service.content()
    assert turned(service, "closures", preview=True)["figures"]["suspensions_ended"] == 1
    assert service.content() == before


# Faults


def test_a_closing_that_is_killed_anywhere_has_happened_or_not(
    service: AccountsService, three_suspended: list[str]
) -> None:
    commands, before = service.runtime.commands, service.content()
    command = CloseSeason(2025, "年度封账", lambda season: [])
    for hit in every_kill(
        lambda: commands.run(close_season, command, caller=Caller("staff:li"), key="k", request={}, status=201)
    ):
        if hit == "after COMMIT":
            break
        assert service.content() == before, hit
    assert state(service) == "closed"
    assert service.rows("SELECT count(*) FROM season_turns WHERE verb = 'close'") == [(1,)]


# Bad input

GOOD: dict[str, dict[str, Any]] = {
    "closing": {"season": SEASON, "reason": "试"},
    "closures": {"season": SEASON, "reason": "试"},
    "reopenings": {"season": SEASON, "reason": "试"},
    "unbilled": {"season": SEASON, "homes": [{"account_no": HOMES[0], "reason": "试"}]},
}
BAD: list[tuple[str, dict[str, Any]]] = [
    *((verb, {name: value}) for verb in ("closing", "closures", "reopenings") for name, value in [
        ("season", "2025"), ("season", 2025), ("season", None), ("season", "2025-2027"), ("reason", ""), ("reason", None),
        ("reason", "长" * 201), ("reason", 7), ("preview", "yes"), ("preview", 1), ("colour", "red"),
    ]),
    ("unbilled", {"homes": []}), ("unbilled", {"homes": None}), ("unbilled", {"homes": "all"}),
    ("unbilled", {"homes": [{"account_no": f"{number:010d}", "reason": "试"} for number in range(1001)]}),
    ("unbilled", {"homes": [{"account_no": HOMES[0]}]}), ("unbilled", {"homes": [{"account_no": "12", "reason": "试"}]}),
    ("unbilled", {"homes": [{"account_no": HOMES[0], "reason": "试", "amount": "0.00"}]}),
    ("unbilled", {"homes": [{"account_no": HOMES[0], "reason": "试"}] * 2}),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "changed"), BAD)
def test_what_cannot_be_read_is_refused(desk: Desk, verb: str, changed: dict[str, Any]) -> None:
    before = desk.content()
    status, answer = desk.post(f"/season-turns/{verb}", {**GOOD[verb], **changed})
    assert (status // 100, answer["code"]) == (4, "invalid_input"), answer
    assert desk.content() == before


@pytest.mark.parametrize("verb", GOOD)
@pytest.mark.parametrize("missing", ["season", "reason", "homes"])
def test_nothing_that_is_needed_is_missing(desk: Desk, verb: str, missing: str) -> None:
    body = {name: value for name, value in GOOD[verb].items() if name != missing}
    if body != GOOD[verb]:
        assert desk.post(f"/season-turns/{verb}", body)[1]["code"] == "invalid_input"


@pytest.mark.parametrize("verb", GOOD)
@pytest.mark.parametrize("role", ["cashier", "clerk", "auditor", "system_admin"])
def test_other_roles_turn_no_season(desk: Desk, verb: str, role: str) -> None:
    assert desk.post(f"/season-turns/{verb}", GOOD[verb], roles=[role])[0] == 403


def test_an_unknown_home_is_refused(desk: Desk) -> None:
    status, answer = desk.post("/season-turns/unbilled", GOOD["unbilled"])
    assert (status, answer["code"], answer["facts"]["place"]) == (404, "unknown_account", "homes/0")


@pytest.mark.parametrize("season", ["2025", "2025-2027", "x", "2025-2026%00", "１２３４-１２３５"])
def test_a_season_that_does_not_exist_is_not_found(desk: Desk, season: str) -> None:
    assert desk.get(f"/season-turns/{season}")[1]["code"] == "unknown_season"
