"""Money goes back when two people want it: the way it came, never more than there is, and nothing moves before.

`decide_refund_order` is the second person's, `withdraw_refund_order` the first one's.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest

from services.payments.storage.refunds import PaidBack
from shared.chassis.database import transaction
from tests.payments.refund_desk import RefundDesk, paid_and_owed_back
from tests.payments.till import FEE, Till
from tests.support.bills import correct, correction

IN_SEASON = date(2025, 12, 22)


@pytest.fixture
def desk(till: Till) -> RefundDesk:
    return RefundDesk(till)


def surplus(till: Till, amount: str = "310.00", channel: str = "pos") -> str:
    home = till.home()
    till.pay(home, amount, channel)
    return home


# One asks, another agrees


def test_a_request_says_whose_how_much_and_by_which_way_and_moves_nothing(till: Till, desk: RefundDesk) -> None:
    home = surplus(till)
    order = desk.requested(home)
    [refund] = order["refunds"]
    assert (order["state"], order["amount"]) == ("requested", "310.00")
    assert (refund["account_no"], refund["payer"], refund["channel"], refund["ground"]) == (
        home,
        "self",
        "pos",
        "prepayment",
    )
    assert till.credit(home) == "310.00"


def test_what_a_second_person_agrees_to_is_not_credit_any_more(till: Till, desk: RefundDesk) -> None:
    home = surplus(till)
    desk.approved(home, "100.00")
    assert till.credit(home) == "210.00"
    assert desk.states(account_no=home) == ["approved"]


@pytest.mark.parametrize(
    ("who", "roles", "content_hash", "code"),
    [
        ("zhang", ("finance",), None, "own_request"),
        ("li", ("clerk",), None, "beyond_approval_limit"),
        ("li", ("finance",), "0" * 64, "content_differs"),
    ],
)
def test_nobody_agrees_to_his_own_to_too_much_or_to_what_he_did_not_read(
    till: Till, desk: RefundDesk, who: str, roles: tuple[str, ...], content_hash: str | None, code: str
) -> None:
    home = surplus(till)
    order = desk.requested(home)
    status, answer = desk.decide(order, who=who, roles=roles, content_hash=content_hash)
    assert (status >= 400, answer["code"]) == (True, code)
    assert (till.credit(home), desk.states(account_no=home)) == ("310.00", ["requested"])


@pytest.mark.parametrize(
    ("role", "most", "more"), [("clerk", "100.00", "100.01"), ("supervisor", "2000.00", "2000.01")]
)
def test_each_role_agrees_up_to_its_limit(till: Till, desk: RefundDesk, role: str, most: str, more: str) -> None:
    home = surplus(till, "9000.00")
    assert desk.decide(desk.requested(home, most), roles=(role,))[0] == 200
    assert desk.decide(desk.requested(home, more), roles=(role,))[1]["code"] == "beyond_approval_limit"


def test_that_asker_and_decider_differ_is_a_constraint_of_the_database(till: Till, desk: RefundDesk) -> None:
    order = desk.requested(surplus(till))
    with pytest.raises(psycopg.errors.CheckViolation), transaction(till.runtime.engine) as cursor:
        cursor.execute(
            "INSERT INTO refund_decisions (order_id, command_id, state, content_hash, maker_person, decided_by,"
            " decided_by_person) SELECT order_id, command_id, 'approved', content_hash, maker_person, 'staff:x', maker_person"
            " FROM refund_orders WHERE order_id = %s",
            (order["order_id"],),
        )


def test_a_rejected_order_and_one_that_is_withdrawn_leave_the_credit(till: Till, desk: RefundDesk) -> None:
    home = surplus(till)
    assert desk.decide(desk.requested(home), "reject")[1]["state"] == "rejected"
    order = desk.requested(home)
    path = f"/refund-orders/{order['order_id']}/withdrawals"
    assert desk.post(path, {}, who="li")[1]["code"] == "not_own_request"
    assert desk.post(path, {})[1]["state"] == "withdrawn"
    assert desk.decide(order)[1]["code"] == "transition_refused"
    assert (desk.states(account_no=home), till.credit(home)) == (["rejected", "withdrawn"], "310.00")


def test_a_credit_that_met_a_bill_after_the_request_is_not_paid_back_as_well(till: Till, desk: RefundDesk) -> None:
    home = surplus(till)
    order = desk.requested(home)
    till.bill(home)
    assert till.credit(home) == "0.00"
    assert desk.decide(order)[1]["code"] == "exceeds_refundable"
    assert desk.states(account_no=home) == ["requested"]


def test_the_same_money_is_asked_for_once(till: Till, desk: RefundDesk) -> None:
    home = surplus(till)
    desk.requested(home, "300.00")
    assert desk.request(home, "10.01")[1]["code"] == "exceeds_refundable"
    desk.requested(home)
    status, answer = desk.request(home)
    assert (status, answer["code"], answer["facts"]["place"]) == (409, "nothing_to_refund", "/refunds/0")


def test_a_list_is_asked_for_whole_or_not_at_all(till: Till, desk: RefundDesk) -> None:
    rich, poor = surplus(till), till.home()
    body = {"refunds": [{"account_no": rich}, {"account_no": poor}], "reason": "退费"}
    assert desk.post("/refunds", body)[1]["code"] == "nothing_to_refund"
    assert desk.states(account_no=rich) == []


# The way it came


def test_money_of_several_payments_goes_back_through_each_of_them(till: Till, desk: RefundDesk) -> None:
    home = surplus(till, "100.00", "wechat")
    till.pay(home, "50.00", "cash")
    order = desk.requested(home, "120.00")
    assert [(each["channel"], each["amount"]) for each in order["refunds"]] == [("wechat", "100.00"), ("cash", "20.00")]


def test_what_a_correction_set_free_goes_back_through_the_last_payment_and_no_more_than_it_brought(
    till: Till, desk: RefundDesk
) -> None:
    home = till.home()
    bill_no = till.bill(home)
    till.pay(home, "2000.00", "wechat")
    till.pay(home, "330.38", "cash")
    correct(till.runtime, correction(home, bill_no, -163127, posted_on=till.today, suspended=True))
    order = desk.requested(home)
    by_channel: dict[str, int] = {}
    for refund in order["refunds"]:
        by_channel[refund["channel"]] = by_channel.get(refund["channel"], 0) + int(refund["amount"].replace(".", ""))
    assert order["refunds"][0]["channel"] == "cash"
    assert by_channel == {"cash": 33038, "wechat": 130089}


def test_never_more_goes_back_through_a_payment_than_it_brought_however_often_it_is_asked(
    till: Till, desk: RefundDesk
) -> None:
    home = till.home()
    bill_no = till.bill(home)
    till.pay(home, "2300.00", "wechat")
    last = till.pay(home, "30.38", "cash")["payment_id"]
    for _ in range(3):
        note = correction(home, bill_no, -2000, posted_on=till.today, kind="credit_note")
        correct(till.runtime, note)
        desk.approved(home)
    sent = [each for each in desk.get("/refunds", account_no=home)["refunds"] if each["payment_id"] == last]
    assert sum(int(each["amount"].replace(".", "")) for each in sent) == 3038


def test_the_database_refuses_to_send_more_through_a_payment_than_it_brought(till: Till, desk: RefundDesk) -> None:
    home = surplus(till, "100.00")
    desk.approved(home, "60.00")
    with pytest.raises(psycopg.errors.RestrictViolation), transaction(till.runtime.engine) as cursor:
        cursor.execute(
            "INSERT INTO refunds SELECT refund_id + 1000000000, command_id, order_id, account_no, payer, credit_id, via, channel,"
            " amount_fen, ground, 'approved' FROM refunds WHERE account_no = %s",
            (home,),
        )


def test_under_cash_all_goes_over_the_counter_and_under_credit_nothing_goes_back(till: Till, desk: RefundDesk) -> None:
    home = surplus(till)
    desk.accounts.rules["route"] = "CREDIT"
    assert desk.request(home)[1]["code"] == "nothing_to_refund"
    desk.accounts.rules["route"] = "CASH"
    assert desk.requested(home)["refunds"][0]["channel"] == "cash"


def test_another_way_than_it_came_is_a_supervisors_word(till: Till, desk: RefundDesk) -> None:
    home = surplus(till)
    body = {"refunds": [{"account_no": home, "reroute": "transfer"}], "reason": "原卡已注销, 身份证已核"}
    assert desk.post("/refunds", body, roles=("clerk",))[1]["code"] == "forbidden"
    status, order = desk.post("/refunds", body, roles=("supervisor",))
    assert (status, order["refunds"][0]["channel"]) == (201, "transfer")


def test_money_of_the_old_system_needs_another_way(till: Till, desk: RefundDesk) -> None:
    home = till.home()
    till.take_over(home, "80.00", date(2025, 6, 30))
    assert desk.request(home)[1]["code"] == "no_way_back"
    assert desk.requested(home, reroute="cash")["amount"] == "80.00"


# What may go back


def closed(desk: RefundDesk) -> None:
    """The season runs: prepayments for it are not given back."""
    desk.accounts.rules["choice_closed_for"] = "2025-2026"


def test_a_prepayment_for_the_season_that_runs_waits_for_its_bill(till: Till, desk: RefundDesk) -> None:
    home = surplus(till)
    till.on_day(IN_SEASON)
    closed(desk)
    assert desk.request(home)[1]["code"] == "nothing_to_refund"
    till.bill(home, "300.00", posted_on=IN_SEASON)
    assert desk.requested(home)["amount"] == "10.00"


def test_where_the_policy_gives_it_back_in_the_season_too_it_goes_back(till: Till, desk: RefundDesk) -> None:
    home = surplus(till)
    till.on_day(IN_SEASON)
    assert desk.requested(home)["amount"] == "310.00"


def test_money_that_came_in_the_season_beside_no_bill_goes_back(till: Till, desk: RefundDesk) -> None:
    home = till.home()
    till.on_day(IN_SEASON)
    till.pay(home, "310.00")
    closed(desk)
    assert desk.requested(home)["amount"] == "310.00"


def test_what_a_regulation_owes_goes_back_in_every_season(till: Till, desk: RefundDesk) -> None:
    home = paid_and_owed_back(till)
    till.pay(home, "10.00")
    till.on_day(IN_SEASON)
    desk.accounts.rules["choice_closed_for"] = "2026-2027"
    desk.accounts.rules["season_begins_on"] = "2026-11-01"
    order = desk.requested(home)
    assert [(each["ground"], each["amount"]) for each in order["refunds"]] == [("regulation", "46.30")]


def test_money_taken_twice_goes_back_when_the_bank_has_answered(till: Till, desk: RefundDesk) -> None:
    home = till.home()
    till.bill(home)
    batch = till.claim(home)["batch_no"]
    till.pay(home, FEE, force="customer insists")
    closed(desk)
    assert desk.request(home)[1]["code"] == "nothing_to_refund"
    till.returned(batch, (home, 1, FEE))
    [refund] = desk.requested(home)["refunds"]
    assert (refund["ground"], refund["amount"], refund["channel"]) == ("duplicate", FEE, "pos")


# Together with the rest of the books


def test_a_payment_whose_money_goes_back_is_not_taken_back_as_well(till: Till, desk: RefundDesk) -> None:
    home = till.home()
    payment = till.pay(home, "310.00")["payment_id"]
    [refund] = desk.approved(home, "10.00")
    body = {"reversals": [{"payment_id": payment, "reason": "bounced"}]}
    assert desk.post("/payments/reversals", body, roles=("cashier",))[1]["code"] == "paid_back"
    desk.result(refund, "failed")
    assert desk.post("/payments/reversals", body, roles=("cashier",))[0] == 201
    assert till.credit(home) == "0.00"


def test_the_statement_tells_a_refund_in_lines_of_its_own(till: Till, desk: RefundDesk) -> None:
    home = surplus(till)
    [refund] = desk.approved(home)
    desk.send(refund)
    desk.result(refund, "paid")
    desk.result(refund, "came_back")
    lines = till.statement(home)["lines"]
    assert [(line["what"], line["received"], line["balance"]) for line in lines] == [
        ("paid", "310.00", "-310.00"), ("refund_promised", "0.00", "0.00"), ("refunded", "-310.00", "0.00"),
        ("refund_failed", "310.00", "-310.00"),
    ]  # fmt: skip


def test_without_the_rules_of_the_policy_nothing_is_asked_for_and_nothing_decided(till: Till, desk: RefundDesk) -> None:
    home = surplus(till)
    order = desk.requested(home, "10.00")
    desk.accounts.away = True
    assert desk.request(home)[0:1] == (503,)
    assert desk.decide(order)[1]["code"] == "accounts_unavailable"
    assert desk.states(account_no=home) == ["requested"]


def test_a_payer_who_has_no_share_is_told_so(till: Till, desk: RefundDesk) -> None:
    assert desk.request(surplus(till), payer="别人")[1]["code"] == "not_this_payer"


def test_the_same_request_again_answers_the_same_order(till: Till, desk: RefundDesk) -> None:
    home = surplus(till)
    body = {"refunds": [{"account_no": home}], "reason": "退费"}
    first, again = (desk.post("/refunds", body, key="refund-1") for _ in range(2))
    assert first == again
    other = {**body, "reason": "别的"}
    assert desk.post("/refunds", other, key="refund-1")[1]["code"] == "idempotency_key_reused"
    assert desk.post("/refunds", body, key=None)[0] == 400


GOOD = {"account_no": "0120000001"}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"refunds": [], "reason": "x"}, "/refunds"),
        ({"refunds": [GOOD] * 1001, "reason": "x"}, "/refunds"),
        ({"refunds": None, "reason": "x"}, "/refunds"),
        ({"refunds": [GOOD]}, "/reason"),
        ({"refunds": [GOOD], "reason": "x" * 201}, "/reason"),
        ({"refunds": [GOOD], "reason": "x", "approved": True}, "/approved"),
        ({"refunds": [{}], "reason": "x"}, "/refunds/0/account_no"),
        ({"refunds": [{**GOOD, "amount": 10.0}], "reason": "x"}, "/refunds/0/amount"),
        ({"refunds": [{**GOOD, "amount": "0.00"}], "reason": "x"}, "/refunds/0/amount"),
        ({"refunds": [{**GOOD, "amount": "-1.00"}], "reason": "x"}, "/refunds/0/amount"),
        ({"refunds": [{**GOOD, "amount": "1e2"}], "reason": "x"}, "/refunds/0/amount"),
        ({"refunds": [{**GOOD, "amount": "１００.00"}], "reason": "x"}, "/refunds/0/amount"),
        ({"refunds": [{**GOOD, "reroute": "wechat"}], "reason": "x"}, "/refunds/0/reroute"),
        ({"refunds": [{**GOOD, "payer": "x" * 81}], "reason": "x"}, "/refunds/0/payer"),
        ({"refunds": [{**GOOD, "state": "paid"}], "reason": "x"}, "/refunds/0/state"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_request_is_refused_at_its_place(desk: RefundDesk, body: dict[str, Any], place: str) -> None:
    status, answer = desk.post("/refunds", body)
    assert (status, answer["code"]) == (422, "invalid_input")
    assert place in [error["place"] for error in answer["errors"]]


def test_a_payer_stands_once_in_a_list_and_an_account_must_exist(till: Till, desk: RefundDesk) -> None:
    home = surplus(till)
    twice = {"refunds": [{"account_no": home, "amount": "1.00"}, {"account_no": home}], "reason": "x"}
    assert desk.post("/refunds", twice)[1]["code"] == "invalid_input"
    assert desk.request("0199999999")[1]["code"] == "unknown_account"
    assert desk.states(account_no=home) == []


@pytest.mark.parametrize("roles", [("auditor",), ("system_admin",)])
def test_only_who_may_asks_for_money(desk: RefundDesk, roles: tuple[str, ...]) -> None:
    assert desk.post("/refunds", {"refunds": [GOOD], "reason": "x"}, roles=roles)[1]["code"] == "forbidden"


def through_another_payment(till: Till) -> tuple[str, int]:
    """A home that is owed 20.00 of its first payment, and the number of its last one, which they go back through."""
    home = till.home()
    bill_no = till.bill(home)
    till.pay(home, "2300.00", "wechat")
    last = till.pay(home, "30.38", "pos")["payment_id"]
    note = correction(home, bill_no, -3038, posted_on=till.today, kind="credit_note")
    correct(till.runtime, note)
    till.bill(home, "30.38", season=2026, posted_on=till.today)
    correct(till.runtime, correction(home, bill_no, -2000, posted_on=till.today, kind="credit_note"))
    return home, last


def test_a_payment_that_other_money_went_back_through_is_not_taken_back_as_well(till: Till, desk: RefundDesk) -> None:
    home, last = through_another_payment(till)
    order = desk.requested(home)
    assert [(each["payment_id"], each["amount"]) for each in order["refunds"]] == [(last, "20.00")]
    desk.decide(order)
    with pytest.raises(PaidBack):
        till.take_back(last)
    desk.result(order["refunds"][0]["refund_id"], "failed")
    till.take_back(last)


def test_nothing_is_promised_through_a_payment_that_was_taken_back_since(till: Till, desk: RefundDesk) -> None:
    home, last = through_another_payment(till)
    order = desk.requested(home)
    till.pay(home, "100.00")
    till.take_back(last)
    status, answer = desk.decide(order)
    assert (status, answer["code"]) == (409, "no_way_back")
