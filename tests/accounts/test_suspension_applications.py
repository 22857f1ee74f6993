"""A suspension that is asked for on one day and answered on another, and what must be paid then.

Use cases: `apply_for_suspension`, `answer_suspensions`, `withdraw_suspension_applications`, `lapse_unpaid_suspensions`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from services.accounts.domain.suspension_application import SUSPENSION_APPLICATION
from tests.accounts.billing_steps import bill
from tests.accounts.lifecycle_desk import Desk, amounts

Policy = Callable[..., None]
ASKED_ON, ANSWERED_ON, LAST_DAY = date(2025, 9, 26), date(2025, 10, 9), date(2025, 9, 30)
TODAY_SEASON = "2025-2026"


@pytest.fixture(autouse=True)
def _on_a_friday(desk: Desk) -> None:
    desk.set_day(ASKED_ON)


def ask(desk: Desk, path: str = "", *, code: str = "", roles: tuple[str, ...] = ("supervisor",), **body: Any) -> Any:
    before = desk.content() if code else {}
    status, answer = desk.post(f"/suspension-applications{path}", {"reason": "moved away", **body}, roles=roles)
    if code:
        assert (answer.get("code"), desk.content() == before) == (code, True), answer
    else:
        assert status in (200, 201), answer
    return answer


def apply(desk: Desk, *homes: str, season: str = TODAY_SEASON, code: str = "", **words: Any) -> Any:
    asked = [{"account_no": home, "season": season, **words} for home in homes]
    answer = ask(desk, code=code, applications=asked)
    return answer if code else [each["application_id"] for each in answer["applications"]]


def grant(desk: Desk, *numbers: int, code: str = "", **words: Any) -> Any:
    return ask(desk, "/answers", applications=list(numbers), granted=True, code=code, **words)


def lapse(desk: Desk, *numbers: int, code: str = "", **words: Any) -> Any:
    return ask(desk, "/lapses", applications=list(numbers), code=code, **words)


def told(desk: Desk, number: int) -> dict[str, Any]:
    return dict(desk.get(f"/suspension-applications/{number}")[1])


def listed(desk: Desk, home: str, state: str) -> list[tuple[str, str]]:
    status, page = desk.get(f"/deadlines?account_no={home}&state={state}")
    assert status == 200, page
    return [(each["kind"], each["due_on"]) for each in page["items"]]


def test_an_application_waits_for_its_answer_and_changes_nothing_before(desk: Desk) -> None:
    home = desk.billed_home()
    (number,) = apply(desk, home)
    assert (desk.state(home), desk.billed(home)) == ("active", ["2330.38"])
    shown = told(desk, number)
    assert (shown["state"], shown["asked_on"], shown["season"]) == ("asked", "2025-09-26", TODAY_SEASON)
    assert listed(desk, home, "open") == [("suspension_answer", "2025-10-06")]
    desk.set_day(date(2025, 10, 7))
    assert listed(desk, home, "overdue") == [("suspension_answer", "2025-10-06")]


def test_the_days_of_an_answer_are_calendar_days_or_working_days_as_the_policy_says(desk: Desk, policy: Policy) -> None:
    policy(suspend_answer_days="5 working")
    home = desk.home()
    apply(desk, home)
    # Friday 26 September; Sunday the 28th is worked, then Monday, Tuesday, and after the holidays the 9th and the 10th.
    assert listed(desk, home, "open") == [("suspension_answer", "2025-10-10")]


def test_a_granted_one_suspends_from_the_day_of_the_answer(desk: Desk) -> None:
    home = desk.billed_home()
    (number,) = apply(desk, home)
    desk.set_day(LAST_DAY)
    answer = grant(desk, number)
    assert (answer["accounts"][0]["state"], answer["applications"][0]["state"]) == ("suspended", "granted")
    assert (desk.state(home), desk.billed(home)) == ("suspended", ["699.11"])
    shown = told(desk, number)
    assert [(each["verb"], each["moved_on"]) for each in shown["moves"]] == [
        ("apply", "2025-09-26"),
        ("grant", "2025-09-30"),
    ]
    assert [(each["kind"], each["due_on"], each["outcome"]) for each in shown["deadlines"]] == [
        ("suspension_answer", "2025-10-06", "met"), ("suspension_payment", "2025-10-11", None),
    ]  # fmt: skip


def test_an_office_that_answers_late_does_not_make_the_application_late(desk: Desk) -> None:
    home, other = desk.billed_home(), desk.billed_home()
    (number,) = apply(desk, home)
    desk.set_day(ANSWERED_ON)
    grant(desk, number)
    assert desk.billed(home) == ["699.11"]
    apply(desk, other, code="deadline_passed")


def test_what_the_rules_forbid_is_refused_when_it_is_asked_for(desk: Desk) -> None:
    warranty, first = desk.home(warranty_until="2026-01-01"), desk.home(connected_on="2025-09-01")
    gone = desk.home()
    desk.do("disconnections", accounts=[gone])
    for home, code in ((warranty, "warranty"), (first, "first_season"), (gone, "transition_refused")):
        assert apply(desk, home, code=code)["facts"]["account_no"] == home


def test_a_debt_is_looked_at_in_the_answer(desk: Desk) -> None:
    home = desk.billed_home()
    desk.payments.owing(home, "1.00", since="2024-12-31")
    (number,) = apply(desk, home)
    assert grant(desk, number, code="debt_outstanding")["facts"]["place"] == "applications/0"
    desk.payments.paid(home)
    grant(desk, number)


def test_a_declined_or_withdrawn_one_changes_no_home(desk: Desk) -> None:
    declined, withdrawn = desk.billed_home(), desk.billed_home()
    first, second = apply(desk, declined, withdrawn)
    assert ask(desk, "/answers", applications=[first], granted=False)["accounts"] == []
    ask(desk, "/withdrawals", applications=[second])
    assert [told(desk, number)["state"] for number in (first, second)] == ["declined", "withdrawn"]
    assert [told(desk, number)["deadlines"][0]["outcome"] for number in (first, second)] == ["met", "dropped"]
    assert [desk.state(home) for home in (declined, withdrawn)] == ["active", "active"]
    for number in (first, second):
        grant(desk, number, code="transition_refused")
        ask(desk, "/withdrawals", applications=[number], code="transition_refused")
        lapse(desk, number, code="transition_refused")


def test_one_application_of_a_home_waits_at_a_time(desk: Desk) -> None:
    home = desk.home()
    (number,) = apply(desk, home)
    assert apply(desk, home, code="already_asked")["facts"]["application_id"] == number
    ask(desk, "/withdrawals", applications=[number])
    apply(desk, home)


def test_a_preview_of_an_answer_tells_the_bills_and_writes_nothing(desk: Desk) -> None:
    home = desk.billed_home()
    (number,) = apply(desk, home)
    before = desk.content()
    answer = grant(desk, number, preview=True)
    assert (answer["accounts"][0]["corrections"][0]["billed"], desk.content() == before) == ("699.11", True)


def test_what_a_suspended_home_keeps_owing_is_due_within_the_days_of_the_policy(desk: Desk, policy: Policy) -> None:
    home, other = desk.billed_home(), desk.billed_home()
    first, second = apply(desk, home, other)
    grant(desk, first)
    policy(suspend_pay_within_days="3")
    grant(desk, second)
    # Three working days after Friday: Sunday, Monday, Tuesday; three days: Monday.
    assert listed(desk, home, "open") == [("suspension_payment", "2025-09-30")]
    assert listed(desk, other, "open") == [("suspension_payment", "2025-09-29")]


def test_nothing_is_due_for_a_season_that_is_not_billed(desk: Desk) -> None:
    home = desk.home()
    (number,) = apply(desk, home)
    assert grant(desk, number)["applications"][0]["deadline"] is None
    bill(desk, home)
    assert desk.billed(home) == ["699.11"]


def granted(desk: Desk) -> tuple[str, int]:
    home = desk.billed_home()
    (number,) = apply(desk, home)
    grant(desk, number)
    desk.payments.not_paid(home, TODAY_SEASON, "699.11")
    return home, number


def test_an_unpaid_suspension_lapses_as_if_it_had_never_been(desk: Desk) -> None:
    home, number = granted(desk)
    desk.set_day(date(2025, 9, 30))
    assert lapse(desk, number, code="not_overdue")["facts"]["due_on"] == "2025-09-30"
    desk.set_day(date(2025, 10, 1))
    assert listed(desk, home, "overdue") == [("suspension_payment", "2025-09-30")]
    answer = lapse(desk, number, preview=True)
    assert (answer["accounts"][0]["corrections"][0]["billed"], desk.state(home)) == ("2330.38", "suspended")
    lapse(desk, number)
    assert (desk.state(home), desk.billed(home), told(desk, number)["state"]) == ("active", ["2330.38"], "lapsed")
    assert [fen for _, fen, _, _ in amounts(desk.corrections(home))] == [69911 - 233038, 233038 - 69911]
    assert desk.get(f"/accounts/{home}/state?day=2025-09-28")[1]["state"] == "active"
    assert listed(desk, home, "ended") == [("suspension_payment", "2025-09-30"), ("suspension_answer", "2025-10-06")]
    waiting = desk.get(f"/work-orders?account_no={home}&state=waiting")[1]["items"]
    assert waiting == [], "the valve was never closed"
    lapse(desk, number, code="transition_refused")


def test_a_lapse_within_the_season_owes_the_whole_season(desk: Desk) -> None:
    home, number = granted(desk)
    desk.set_day(date(2026, 1, 15))
    lapse(desk, number)
    assert desk.billed(home) == ["2330.38"]


def test_a_paid_suspension_stands_and_keeps_nobody_waiting(desk: Desk) -> None:
    home, number = granted(desk)
    desk.set_day(date(2025, 10, 10))
    desk.payments.paid(home)
    lapse(desk, number, code="suspension_paid")
    ((bill_no,),) = desk.rows("SELECT bill_no FROM bills WHERE account_no = %s", (home,))
    assert listed(desk, home, "overdue") == [("suspension_payment", "2025-09-30")]
    desk.as_owner("INSERT INTO debts VALUES (%s, 'self', %s, 1, 0)", (bill_no, home))
    assert (listed(desk, home, "overdue"), listed(desk, home, "waiting")) == ([], [])


def test_nothing_lapses_while_payments_does_not_answer(desk: Desk) -> None:
    _, number = granted(desk)
    desk.set_day(date(2025, 10, 10))
    desk.payments.away = True
    lapse(desk, number, code="payments_unavailable")


def test_a_home_that_was_resumed_or_suspended_anew_does_not_lapse(desk: Desk) -> None:
    home, number = granted(desk)
    desk.set_day(date(2025, 9, 29))
    desk.do("resumptions", accounts=[home])
    desk.set_day(date(2025, 10, 10))
    lapse(desk, number, code="transition_refused")
    desk.set_day(date(2025, 9, 30))
    desk.do("suspensions", suspensions=[{"account_no": home, "season": TODAY_SEASON}])
    desk.set_day(date(2025, 10, 10))
    lapse(desk, number, code="transition_refused")


def test_lists_are_all_or_nothing(desk: Desk) -> None:
    good, bad = desk.billed_home(), desk.billed_home()
    first, second = apply(desk, good, bad)
    ask(desk, "/withdrawals", applications=[second])
    assert grant(desk, first, second, code="transition_refused")["facts"]["place"] == "applications/1"
    assert desk.state(good) == "active"
    grant(desk, first, first, code="invalid_input")
    grant(desk, 2**61, code="not_found")
    apply(desk, good, good, code="invalid_input")
    apply(desk, good, "0000000001", code="unknown_account")


@pytest.mark.parametrize(("path", "body"), [
    ("", {"applications": []}), ("", {"applications": None}), ("", {"applications": [{"account_no": "1", "season": TODAY_SEASON}]}),
    ("", {"applications": [{"account_no": "0110000001"}]}), ("", {"applications": [{"account_no": "0110000001", "season": "2025"}]}),
    ("", {"applications": [{"account_no": "0110000001", "season": TODAY_SEASON, "seasons": 0}]}),
    ("", {"applications": [{"account_no": "0110000001", "season": TODAY_SEASON, "more": 1}]}),
    ("", {"applications": [{"account_no": "0110000001", "season": TODAY_SEASON}] * 1001}),
    ("", {"applications": [{"account_no": "0110000001", "season": TODAY_SEASON}], "reason": "x" * 201}),
    ("/answers", {"applications": [1]}), ("/answers", {"applications": [1], "granted": "yes"}),
    ("/answers", {"applications": [1], "granted": None}), ("/answers", {"applications": ["1"], "granted": True}),
    ("/answers", {"applications": [0], "granted": True}), ("/withdrawals", {"applications": [1], "preview": True}),
    ("/lapses", {"applications": []}), ("/lapses", {"applications": [1], "more": 1}), ("/lapses", {"applications": [1] * 1001}),
])  # fmt: skip
def test_what_cannot_be_read_is_refused(desk: Desk, path: str, body: dict[str, Any]) -> None:
    ask(desk, path, code="invalid_input", **body)


def test_clerks_let_nothing_lapse_and_cashiers_answer_nothing(desk: Desk) -> None:
    assert desk.post("/suspension-applications/lapses", {}, roles=["clerk"])[0] == 403
    assert desk.post("/suspension-applications/answers", {}, roles=["cashier"])[0] == 403
    assert desk.get("/suspension-applications/x")[0] == 404
    assert desk.get("/deadlines?state=late")[0] == 422


def test_deadlines_are_paged_in_the_order_of_their_days(desk: Desk, policy: Policy) -> None:
    for days in ("40", "20", "30"):
        policy(suspend_answer_days=days)
        apply(desk, desk.home())
    query = "/deadlines?state=open&kind=suspension_answer&due_from=2025-10-15&due_until=2025-11-06&limit=2"
    first = desk.get(query)[1]
    rest = desk.get(f"{query}&after={first['next']}")[1]
    assert [each["due_on"] for each in first["items"] + rest["items"]] == ["2025-10-16", "2025-10-26", "2025-11-05"]


def test_applications_are_listed_by_state_and_place(desk: Desk) -> None:
    home = desk.home(compound="报停小区")
    (number,) = apply(desk, home)
    found = desk.get("/suspension-applications?state=asked&compound=报停小区&season=2025-2026")[1]["items"]
    assert [each["application_id"] for each in found] == [number]
    assert desk.get("/suspension-applications?state=granted&compound=报停小区")[1]["items"] == []


def test_an_application_ends_in_a_state_that_the_database_knows(desk: Desk) -> None:
    ((check,),) = desk.rows(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'suspension_applications_state'"
    )
    assert all(f"'{state}'" in check for state in SUSPENSION_APPLICATION.states)
