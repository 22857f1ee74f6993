"""Work orders: which verbs open them, how they go on, and what must be told when they are done.

Use cases: `open_work_orders`, `assign_work_orders`, `finish_work_orders`, `fail_work_orders`, `cancel_work_orders`.
"""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Collection
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain.work_order import CALLED_FOR, KINDS, WORK_ORDER, needed
from shared.kernel.lifecycle import TransitionRefused
from tests.accounts.lifecycle_desk import Desk
from tests.accounts.test_connection_deadlines import contracted, step
from tests.accounts.test_documents import JPEG

SEALS = itertools.count(100_001)
SEPTEMBER, JANUARY = date(2025, 9, 10), date(2026, 1, 12)


@pytest.fixture(autouse=True)
def _in_september(desk: Desk) -> None:
    desk.set_day(SEPTEMBER)


def suspend(desk: Desk, home: str) -> None:
    desk.do("suspensions", suspensions=[{"account_no": home, "season": "2025-2026"}])


def orders(desk: Desk, home: str, query: str = "") -> list[tuple[str, str, str]]:
    status, page = desk.get(f"/work-orders?account_no={home}{query}")
    assert status == 200, page
    return [(each["kind"], each["cause"], each["state"]) for each in page["items"]]


def number_of(desk: Desk, home: str) -> int:
    return int(desk.get(f"/work-orders?account_no={home}")[1]["items"][-1]["work_order_id"])


def ask(desk: Desk, path: str, *, code: str = "", roles: tuple[str, ...] = ("supervisor",), **body: Any) -> Any:
    before = desk.content() if code else {}
    status, answer = desk.post(f"/work-orders{path}", {"reason": "as told", **body}, roles=roles)
    if code:
        assert (answer.get("code"), desk.content() == before) == (code, True), answer
        return answer
    assert status == 201, answer
    return answer["work_orders"]


def photo(desk: Desk, order: int) -> int:
    headers = {"Authorization": f"Bearer {desk.token('clerk')}", "Idempotency-Key": f"photo-{order}"}
    form = {"subject": "work_order", "subject_no": str(order), "title": "铅封照片",
            "file": (io.BytesIO(JPEG + str(order).encode() + b"\xff\xd9"), "seal.jpg")}  # fmt: skip
    return int(json.loads(desk.client.post("/documents", headers=headers, data=form).data)["document_id"])


def result(order: int, **words: Any) -> dict[str, Any]:
    return {"work_order_id": order, "done_by": "李师傅", "done_on": "2025-09-10", "valve": "V-3-2-101", **words}


def closed(desk: Desk, home: str) -> str:
    """The valve of a suspended home is closed and sealed; the seal."""
    order, seal = number_of(desk, home), f"S{next(SEALS)}"
    ask(desk, "/results", results=[result(order, seal_no=seal, photo_id=photo(desk, order))])
    return seal


def test_a_suspension_sends_somebody_to_close_the_valve(desk: Desk) -> None:
    home = desk.billed_home(building="8")
    suspend(desk, home)
    (order,) = desk.get(f"/work-orders?account_no={home}")[1]["items"]
    told = {name: order[name] for name in ("kind", "cause", "state", "compound", "building", "opened_on", "note")}
    assert told == {"kind": "close_valve", "cause": "suspend", "state": "opened", "compound": "幸福小区", "building": "8",
                    "opened_on": "2025-09-10", "note": "on application"}  # fmt: skip


def test_a_preview_sends_nobody(desk: Desk) -> None:
    home = desk.billed_home()
    desk.do("suspensions", preview=True, suspensions=[{"account_no": home, "season": "2025-2026"}])
    assert orders(desk, home) == []


def test_what_was_done_is_kept_with_valve_seal_person_day_and_photo(desk: Desk) -> None:
    home = desk.billed_home()
    suspend(desk, home)
    order = number_of(desk, home)
    ask(desk, "/assignments", work_orders=[order], assignee="一班")
    seal, picture = f"S{next(SEALS)}", photo(desk, order)
    desk.set_day(date(2025, 9, 12))
    ask(desk, "/results", results=[result(order, done_on="2025-09-11", seal_no=seal, photo_id=picture)])
    told = desk.get(f"/work-orders/{order}")[1]
    assert (told["state"], told["assignee"]) == ("done", "一班")
    assert told["result"] == {"done_by": "李师傅", "done_on": "2025-09-11", "valve": "V-3-2-101", "seal_no": seal,
                              "removed_seal": None, "found": None, "photo_id": picture}  # fmt: skip
    assert [(each["verb"], each["from"], each["to"], each["assignee"]) for each in told["moves"]] == [
        ("open", None, "opened", None), ("assign", "opened", "assigned", "一班"), ("finish", "assigned", "done", None),
    ]  # fmt: skip
    assert [each["by"] for each in told["moves"]] == ["staff:zhang"] * 3


def test_a_resumption_sends_somebody_to_open_a_valve_that_was_closed(desk: Desk) -> None:
    home = desk.billed_home()
    suspend(desk, home)
    seal = closed(desk, home)
    desk.do("resumptions", accounts=[home])
    assert orders(desk, home)[1:] == [("open_valve", "resume", "opened")]
    ask(desk, "/results", results=[result(number_of(desk, home), removed_seal=seal)])
    assert orders(desk, home, "&state=waiting") == []


def test_a_valve_that_nobody_has_closed_yet_need_not_be_opened(desk: Desk) -> None:
    home = desk.billed_home()
    suspend(desk, home)
    ask(desk, "/assignments", work_orders=[number_of(desk, home)], assignee="一班")
    desk.do("resumptions", accounts=[home])
    assert orders(desk, home) == [("close_valve", "suspend", "cancelled")]
    suspend(desk, home)
    assert orders(desk, home, "&state=waiting") == [("close_valve", "suspend", "opened")]


def test_a_disconnection_parts_the_home_and_overtakes_what_waits(desk: Desk) -> None:
    home = desk.billed_home()
    suspend(desk, home)
    desk.do("disconnections", accounts=[home])
    assert orders(desk, home) == [("close_valve", "suspend", "cancelled"), ("separate", "disconnect", "opened")]
    ask(desk, "/results", code="work_result_incomplete", results=[result(number_of(desk, home))])


def test_a_cut_closes_the_valve_and_its_restoration_opens_it(desk: Desk) -> None:
    home = desk.billed_home()
    desk.payments.owing(home, "1.00", since="2024-12-31")
    for day in (date(2025, 12, 1), date(2025, 12, 10)):
        desk.set_day(day)
        desk.post("/accounts/notices", {"accounts": [home]})
    desk.set_day(JANUARY)
    desk.do("cuts", accounts=[home])
    order = number_of(desk, home)
    ask(
        desk,
        "/results",
        results=[result(order, done_on="2026-01-12", seal_no=f"S{next(SEALS)}", photo_id=photo(desk, order))],
    )
    desk.payments.paid(home)
    desk.do("resumptions", accounts=[home])
    assert orders(desk, home) == [("close_valve", "cut", "done"), ("open_valve", "resume", "opened")]


def test_a_valve_found_open_is_closed_again_once(desk: Desk) -> None:
    home = desk.billed_home()
    suspend(desk, home)
    closed(desk, home)
    desk.set_day(JANUARY)
    desk.do("inspections", accounts=[home])
    desk.do("inspections", accounts=[home])
    assert orders(desk, home) == [("close_valve", "suspend", "done"), ("close_valve", "inspect", "opened")]


def test_a_contract_sends_somebody_to_join_the_home_unless_it_is_withdrawn(desk: Desk) -> None:
    joined, withdrawn = contracted(desk, building="J1"), contracted(desk, building="J1")
    step(desk, "withdrawals", withdrawn)
    told = desk.get("/work-orders?kind=join&compound=幸福小区&building=J1")[1]["items"]
    assert {each["connection_id"]: each["state"] for each in told} == {joined: "opened", withdrawn: "cancelled"}
    assert step(desk, "acceptances", joined)[0]["state"] == "accepted"


def test_a_seal_is_used_once(desk: Desk) -> None:
    first, second, third = (desk.billed_home() for _ in range(3))
    for home in (first, second, third):
        suspend(desk, home)
    seal = closed(desk, first)
    one, other = number_of(desk, second), number_of(desk, third)
    refused = ask(desk, "/results", code="seal_used", results=[result(one, seal_no=seal, photo_id=photo(desk, one))])
    assert (refused["facts"]["place"], refused["facts"]["seal_no"]) == ("results/0/seal_no", seal)
    twice = [result(each, seal_no="S-NEW-1", photo_id=photo(desk, each)) for each in (one, other)]
    assert ask(desk, "/results", code="seal_used", results=twice)["facts"]["place"] == "results/1/seal_no"


@pytest.mark.parametrize("missing", ["seal_no", "photo_id"])
def test_a_closed_valve_is_told_with_its_seal_and_its_photo(desk: Desk, missing: str) -> None:
    home = desk.billed_home()
    suspend(desk, home)
    order = number_of(desk, home)
    told = result(order, seal_no=f"S{next(SEALS)}", photo_id=photo(desk, order))
    del told[missing]
    assert ask(desk, "/results", code="work_result_incomplete", results=[told])["facts"]["missing"] == [missing]


def test_a_photo_is_a_document_of_its_own_order(desk: Desk) -> None:
    home, other = desk.billed_home(), desk.billed_home()
    for each in (home, other):
        suspend(desk, each)
    order, theirs = number_of(desk, home), photo(desk, number_of(desk, other))
    told = result(order, seal_no=f"S{next(SEALS)}", photo_id=theirs)
    assert ask(desk, "/results", code="not_found", results=[told])["facts"]["place"] == "results/0/photo_id"
    mine = photo(desk, order)
    desk.post("/documents/withdrawals", {"documents": [mine], "reason": "blurred"})
    ask(desk, "/results", code="not_found", results=[{**told, "photo_id": mine}])


def test_work_is_done_between_its_order_and_today(desk: Desk) -> None:
    home = desk.home()
    ask(desk, "", kind="look", accounts=[home])
    order = number_of(desk, home)
    for day in ("2025-09-09", "2025-09-11"):
        ask(desk, "/results", code="invalid_input", results=[result(order, done_on=day, found="closed")])
    ask(desk, "/results", code="work_result_incomplete", results=[result(order)])
    ask(desk, "/results", results=[result(order, found="open")])


def test_what_failed_waits_to_be_assigned_again(desk: Desk) -> None:
    home = desk.home()
    ask(desk, "", kind="look", accounts=[home])
    order = number_of(desk, home)
    ask(desk, "/assignments", work_orders=[order], assignee="一班")
    ask(desk, "/failures", work_orders=[order])
    assert orders(desk, home, "&state=waiting") == [("look", "by_hand", "failed")]
    ask(desk, "/failures", work_orders=[order], code="transition_refused")
    ask(desk, "/assignments", work_orders=[order], assignee="二班")
    assert [each["work_order_id"] for each in desk.get("/work-orders?assignee=二班")[1]["items"]] == [order]
    ask(desk, "/cancellations", work_orders=[order])
    for path, more in (("/assignments", {"assignee": "x"}), ("/failures", {}), ("/cancellations", {})):
        ask(desk, path, work_orders=[order], code="transition_refused", **more)
    ask(desk, "/results", code="transition_refused", results=[result(order, found="open")])


def test_the_same_work_waits_once_at_a_home(desk: Desk) -> None:
    home, other = desk.home(), desk.home()
    assert len(ask(desk, "", kind="look", accounts=[home])) == 1
    assert len(ask(desk, "", kind="look", accounts=[home, other])) == 1
    assert orders(desk, home) == [("look", "by_hand", "opened")]


def test_a_list_is_all_or_nothing(desk: Desk) -> None:
    good, gone = desk.home(), desk.home()
    ask(desk, "", kind="look", accounts=[good, gone])
    numbers = [number_of(desk, home) for home in (good, gone)]
    ask(desk, "/cancellations", work_orders=numbers[1:])
    refused = ask(desk, "/assignments", work_orders=numbers, assignee="一班", code="transition_refused")
    assert refused["facts"]["place"] == "work_orders/1"
    assert (
        ask(desk, "/results", code="transition_refused", results=[result(n, found="open") for n in numbers])["facts"][
            "place"
        ]
        == "results/1"
    )


def test_a_thousand_orders_are_opened_and_assigned_at_once(desk: Desk) -> None:
    homes = [desk.home(building="T") for _ in range(70)]
    numbers = [each["work_order_id"] for each in ask(desk, "", kind="look", accounts=homes)]
    ask(desk, "/assignments", work_orders=numbers, assignee="三班")
    status, page = desk.get("/work-orders?compound=幸福小区&building=T&state=assigned&limit=50")
    assert (status, len(page["items"]), page["next"] is not None) == (200, 50, True)


@pytest.mark.parametrize(("path", "body"), [
    ("", {"kind": "look", "accounts": []}), ("", {"kind": "look", "accounts": ["1"]}), ("", {"kind": "join", "accounts": ["0110000001"]}),
    ("", {"kind": "look", "accounts": ["0110000001"] * 1001}), ("", {"kind": None, "accounts": ["0110000001"]}), ("", {"kind": "look"}),
    ("/assignments", {"work_orders": [1]}), ("/assignments", {"work_orders": [1], "assignee": ""}),
    ("/assignments", {"work_orders": [1], "assignee": "x" * 41}), ("/assignments", {"work_orders": ["1"], "assignee": "x"}),
    ("/assignments", {"work_orders": [1], "assignee": "x", "more": 1}), ("/failures", {"work_orders": []}),
    ("/failures", {"work_orders": None}), ("/failures", {"work_orders": [0]}), ("/cancellations", {"work_orders": [1.5]}),
    ("/cancellations", {"work_orders": [1], "reason": ""}), ("/failures", {"work_orders": [1], "reason": "x" * 201}),
    ("/results", {"results": []}), ("/results", {"results": [{"work_order_id": 1}]}), ("/results", {"results": [result(1, found="ajar")]}),
    ("/results", {"results": [result(1, done_on="yesterday")]}), ("/results", {"results": [result(1, seal_no="")]}),
    ("/results", {"results": [result(1, photo_id="1")]}), ("/results", {"results": [result(1, more=1)]}),
    ("/results", {"results": [result(1, valve=None)]}),
])  # fmt: skip
def test_what_cannot_be_read_is_refused(desk: Desk, path: str, body: dict[str, Any]) -> None:
    ask(desk, path, code="invalid_input", **body)


def test_unknown_and_repeated_ones_are_refused(desk: Desk) -> None:
    home = desk.home()
    ask(desk, "", kind="look", accounts=[home, home], code="invalid_input")
    ask(desk, "", kind="look", accounts=["0000000001"], code="unknown_account")
    ask(desk, "", kind="look", accounts=[home])
    order = number_of(desk, home)
    ask(desk, "/failures", work_orders=[order, order], code="invalid_input")
    ask(desk, "/failures", work_orders=[2**61], code="not_found")
    assert desk.get("/work-orders/x")[0] == 404
    assert desk.get("/work-orders?state=lost")[0] == 422


def test_clerks_do_not_cancel_and_cashiers_do_not_send(desk: Desk) -> None:
    for path, roles in (
        ("/cancellations", ("clerk",)),
        ("/failures", ("cashier", "finance")),
        ("/results", ("cashier",)),
    ):
        status, _ = desk.post(f"/work-orders{path}", {}, roles=roles)
        assert status == 403


@given(st.sampled_from(sorted(KINDS)), st.sets(st.sampled_from(sorted(KINDS))))
def test_one_order_at_most_waits_for_a_valve(kind: str, waiting: Collection[str]) -> None:
    what = needed(kind, waiting)
    left = (set(waiting) - set(what.cancels)) | ({kind} if what.opens else set())
    assert set(what.cancels) <= set(waiting)
    assert not (kind in ("close_valve", "open_valve") and {"close_valve", "open_valve"} <= left)
    assert kind != "separate" or left & {"close_valve", "open_valve", "separate"} == {"separate"}


@given(st.lists(st.sampled_from(["assign", "finish", "fail", "cancel"]), max_size=12))
def test_an_order_ends_once(verbs: list[str]) -> None:
    state, ended = WORK_ORDER.initial, False
    for verb in verbs:
        try:
            state = WORK_ORDER.after(verb, state)
        except TransitionRefused:
            continue
        assert not ended
        ended = state in ("done", "cancelled")


def test_every_verb_that_calls_for_work_calls_for_a_kind_there_is() -> None:
    assert set(CALLED_FOR.values()) <= set(KINDS)
