"""One payment of an employer settles its shares of all members, oldest season first; the rest is its own credit."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.payments.domain.allocation import NotThisPayer
from services.payments.domain.group_allocation import allocate_to_shares
from services.payments.domain.reversal import AlreadyReversed, PartOfGroupPayment
from services.payments.queries.payer_statement import payer_statement
from services.payments.storage.serials import DuplicateSerial
from services.payments.use_cases.pay_group import NewGroupPayment, PayGroup, pay_group
from services.payments.use_cases.reverse import ReversalWindowClosed
from shared.kernel.errors import InvalidInput, NotFound, Refusal
from shared.kernel.money import parse_yuan
from tests.payments.debts import debt, open_fen
from tests.payments.till import CASHIER, LATE, NO_WINDOW, Till
from tests.support.bills import correct, correction

SHARE = "2223.00"


def members(till: Till, payer: str, count: int, *, season: int = 2025, amount: str = SHARE) -> list[str]:
    homes = till.homes(count)
    for home in homes:
        till.bill(home, "637.00", season=season)
        till.bill(home, amount, season=season, payer=payer)
    return homes


def pay_for(till: Till, payer: str, amount: str, channel: str = "transfer", **words: Any) -> dict[str, Any]:
    command = PayGroup((NewGroupPayment(payer, parse_yuan(amount), channel, **words),))
    told: dict[str, Any] = json.loads(till.runtime.commands.run(pay_group, command, caller=CASHIER).body)["payments"][0]
    return told


def stands(till: Till, payer: str, *, after: str = "", limit: int = 100) -> dict[str, Any]:
    with till.runtime.commands.reading() as work:
        return payer_statement(work, payer, day=work.today, after=after, limit=limit)


def refused(till: Till, refusal: type[Refusal], *payments: NewGroupPayment) -> None:
    with pytest.raises(refusal):
        till.runtime.commands.run(pay_group, PayGroup(payments), caller=CASHIER)


def test_one_payment_settles_the_shares_of_all_members_and_the_rest_is_the_payers_credit(till: Till) -> None:
    homes = members(till, "TEXTILE", 4)
    told = pay_for(till, "TEXTILE", "10000.00")
    assert (told["members"], told["settled"], told["credit"]) == (4, "8892.00", "1108.00")
    assert [till.owes(home, payer="TEXTILE") for home in homes] == ["0.00"] * 4
    assert [till.has(home) for home in homes] == [("637.00", "0.00")] * 4, "the households owe their own shares"


def test_the_oldest_season_of_any_member_comes_first(till: Till) -> None:
    (young,) = members(till, "MINE", 1)
    (old,) = members(till, "MINE", 1, season=2024)
    pay_for(till, "MINE", "3000.00")
    assert (till.owes(old, payer="MINE"), till.owes(young, payer="MINE")) == ("0.00", "1446.00")


def test_what_is_left_meets_the_next_bills_of_the_members_and_of_no_other_payer(till: Till) -> None:
    (home,) = members(till, "RAIL", 1)
    pay_for(till, "RAIL", "2323.00")
    till.bill(home, "60.00", season=2026, payer="PORT")
    till.bill(home, "60.00", season=2026, payer="RAIL")
    till.bill(home, "60.00", season=2027, payer="RAIL")
    assert (till.owes(home, payer="RAIL"), till.owes(home, payer="PORT")) == ("20.00", "60.00")
    assert stands(till, "RAIL")["credit"] == "0.00"


def test_credit_of_the_account_goes_before_the_payers_own_and_nothing_is_settled_twice(till: Till) -> None:
    (home,) = members(till, "HARBOUR", 1)
    till.pay(home, "2263.00", payer="HARBOUR")
    till.pay(home, "637.00")
    pay_for(till, "HARBOUR", "100.00")
    till.bill(home, "60.00", season=2026, payer="HARBOUR")
    assert (till.owes(home, payer="HARBOUR"), stands(till, "HARBOUR")["credit"]) == ("0.00", "80.00")


def test_credit_of_a_payer_meets_an_extra_line_too(till: Till) -> None:
    home = till.home()
    bill = till.bill(home, "1000.00", payer="SHIPYARD")
    pay_for(till, "SHIPYARD", "1100.00")
    correct(till.runtime, correction(home, bill, 15000, posted_on=till.today, payer="SHIPYARD"))
    assert (till.owes(home, payer="SHIPYARD"), stands(till, "SHIPYARD")["credit"]) == ("50.00", "0.00")


def test_credit_meets_many_lines_of_one_event_and_is_used_once(till: Till) -> None:
    homes = till.homes(2)
    bills = [till.bill(home, "1000.00", payer="FOUNDRY") for home in homes]
    pay_for(till, "FOUNDRY", "2100.00")
    lines = [correction(home, bill, 7000, posted_on=till.today, payer="FOUNDRY")
             for home, bill in zip(homes, bills, strict=True)]  # fmt: skip
    correct(till.runtime, *lines)
    assert [till.owes(home, payer="FOUNDRY") for home in homes] == ["0.00", "40.00"]
    assert stands(till, "FOUNDRY")["credit"] == "0.00"


def test_taken_back_the_whole_is_as_if_it_had_never_been_made(till: Till) -> None:
    homes = members(till, "STEEL", 3)
    told = pay_for(till, "STEEL", "7000.00")
    till.bill(homes[0], "100.00", season=2026, payer="STEEL")
    assert stands(till, "STEEL")["credit"] == "231.00", "331.00 were left, the next bill took 100.00"
    (back,) = till.take_back(told["group_payment_id"])
    assert (back["payer"], back["amount"]) == ("STEEL", "7000.00")
    assert [till.owes(home, payer="STEEL") for home in homes] == ["2323.00", SHARE, SHARE]
    assert stands(till, "STEEL")["credit"] == "0.00"


def test_it_is_taken_back_once_and_only_as_a_whole(till: Till) -> None:
    members(till, "PAPER", 2)
    told = pay_for(till, "PAPER", "4446.00")
    with till.runtime.commands.reading() as work:
        rows = work.rows("SELECT payment_id FROM group_shares WHERE group_payment_id = %s", (told["group_payment_id"],))
    for (payment_id,) in rows:
        with pytest.raises(PartOfGroupPayment):
            till.take_back(payment_id)
    till.take_back(told["group_payment_id"])
    with pytest.raises(AlreadyReversed):
        till.take_back(told["group_payment_id"])


def test_a_group_payment_and_a_payment_of_a_home_are_taken_back_in_one_list(till: Till) -> None:
    (home,) = members(till, "GLASS", 1)
    of_group, of_home = pay_for(till, "GLASS", SHARE), till.pay(home, "637.00")
    told = till.take_back(of_group["group_payment_id"], of_home["payment_id"])
    assert {each["reverses"] for each in told} == {of_group["group_payment_id"], of_home["payment_id"]}
    assert (till.owes(home), till.owes(home, payer="GLASS")) == ("637.00", SHARE)


def test_it_takes_the_next_receipt_number_of_its_till(till: Till) -> None:
    (home,) = members(till, "BREW", 1)
    first = till.pay(home, "1.00", outlet="GROUP-HALL")["receipt"]["number"]
    assert pay_for(till, "BREW", SHARE, outlet="GROUP-HALL")["receipt"]["number"] == f"{int(first) + 1:06d}"


def test_a_serial_is_in_the_books_once_whoever_pays(till: Till) -> None:
    (home,) = members(till, "CEMENT", 1)
    pay_for(till, "CEMENT", "100.00", partner="boc", serial="S-77")
    refused(till, DuplicateSerial, NewGroupPayment("CEMENT", 100, "transfer", "boc", "S-77"))
    with pytest.raises(DuplicateSerial):
        till.pay(home, "1.00", "transfer", partner="boc", serial="S-77")


def test_a_bank_that_collects_from_a_household_is_in_nobodys_way(till: Till) -> None:
    (home,) = members(till, "TRAM", 1)
    batch_no = till.claim(home)["batch_no"]
    pay_for(till, "TRAM", SHARE)
    assert till.owes(home, payer="TRAM") == "0.00"
    till.returned(batch_no, (home, 1, "637.00"))
    assert till.has(home) == ("0.00", "0.00")


def test_shares_of_an_employer_have_neither_late_fee_nor_discount(till: Till) -> None:
    (home,) = members(till, "DOCK", 1)
    till.on_day(date(2025, 9, 10))
    assert till.owes(home, payer="DOCK") == SHARE
    till.on_day(LATE)
    assert till.owed(home, payer="DOCK")["payers"][0]["late_fee"] == "0.00"
    assert pay_for(till, "DOCK", SHARE)["settled"] == SHARE
    till.on_day(NO_WINDOW)


@pytest.mark.parametrize("payment", [
    NewGroupPayment("self", 100, "transfer"), NewGroupPayment("self:2", 100, "transfer"),
    NewGroupPayment("KNOWN", 100_000_000_001, "transfer"), NewGroupPayment("KNOWN", 100, "transfer", partner="boc"),
    NewGroupPayment("KNOWN", 100, "transfer", serial="1"),
])  # fmt: skip
def test_what_is_no_group_payment_is_refused(till: Till, payment: NewGroupPayment) -> None:
    members(till, "KNOWN", 1)
    refused(till, InvalidInput, payment)


def test_a_name_that_nobody_was_billed_under_is_refused_and_so_is_a_payer_twice(till: Till) -> None:
    members(till, "TWICE", 1)
    refused(till, NotThisPayer, NewGroupPayment("TEXTLE", 100, "transfer"))
    refused(till, InvalidInput, *[NewGroupPayment("TWICE", 100, "transfer")] * 2)


def test_the_statement_of_a_payer_has_sums_ages_and_pages(till: Till) -> None:
    homes = sorted(members(till, "FLOUR", 3))
    pay_for(till, "FLOUR", SHARE)
    till.on_day(date(2026, 2, 15))
    told = stands(till, "FLOUR", limit=2)
    assert (told["accounts"], told["billed"], told["settled"], told["open"]) == (3, "6669.00", SHARE, "4446.00")
    assert told["ages"] == {"not_due": "0.00", "to_30": "0.00", "to_60": "4446.00", "to_90": "0.00", "over_90": "0.00"}
    assert [each["account_no"] for each in told["shares"]] == homes[:2]
    assert told["next"] == homes[1]
    last = stands(till, "FLOUR", after=homes[1], limit=2)
    assert ([each["account_no"] for each in last["shares"]], last["next"]) == (homes[2:], None)
    till.on_day(NO_WINDOW)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(2020, 2026), st.integers(1, 10_000)), max_size=8), st.integers(1, 100_000))
def test_no_fen_is_lost_and_nothing_is_settled_before_something_older(
    shares: list[tuple[int, int]], amount_fen: int
) -> None:
    debts = [debt(fen, season=season, payer="X") for season, fen in shares]
    met, left_fen = allocate_to_shares(debts, amount_fen)
    settled: dict[int, int] = {}
    for part in (each for share in met.values() for each in share.settlements):
        settled[part.bill_no] = settled.get(part.bill_no, 0) + part.paid_fen
    assert sum(settled.values()) + left_fen == amount_fen
    assert not left_fen or sum(settled.values()) == sum(open_fen(debts))
    open_seasons = [each.season for each in debts if settled.get(each.bill_no, 0) < each.billed_fen]
    met_seasons = [each.season for each in debts if settled.get(each.bill_no, 0)]
    assert not open_seasons or max(met_seasons, default=0) <= min(open_seasons)


def test_a_list_of_reversals_names_the_place_that_was_asked_for(till: Till) -> None:
    members(till, "QUARRY", 3)
    told = pay_for(till, "QUARRY", "6669.00")
    with pytest.raises(NotFound) as unknown:
        till.take_back(told["group_payment_id"], 5)
    assert unknown.value.facts["place"] == "/reversals/1"


@pytest.mark.parametrize("amount", ["2223.00", "6.00"], ids=["settled", "all of it credit"])
def test_a_group_payment_stands_in_a_list_once(till: Till, amount: str) -> None:
    payer = f"ONCE{amount}"
    members(till, payer, 1)
    pay_for(till, payer, "2223.00" if amount == "6.00" else "1.00")
    told = pay_for(till, payer, amount)
    with pytest.raises(AlreadyReversed) as twice:
        till.take_back(told["group_payment_id"], told["group_payment_id"])
    assert twice.value.facts["place"] == "/reversals/1"


def test_a_group_payment_of_an_earlier_day_is_refused_at_its_place_and_nothing_is_taken_back(till: Till) -> None:
    (home,) = members(till, "KILN", 1)
    group = pay_for(till, "KILN", SHARE)["group_payment_id"]
    till.on_day(date(2025, 10, 21))
    payment = till.pay(home, "637.00")["payment_id"]
    with pytest.raises(ReversalWindowClosed) as closed:
        till.take_back(payment, group)
    assert closed.value.facts["place"] == "/reversals/1"
    assert (till.owes(home), till.owes(home, payer="KILN")) == ("0.00", "0.00")
