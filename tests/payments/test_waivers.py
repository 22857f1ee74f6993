"""Late fees waived by two people: asked for, decided, used, lapsed, taken back; over HTTP and in the books.

Use cases: `request_waivers`, `decide_waivers`, `withdraw_waivers`, `revoke_waivers`.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from services.payments.bootstrap import web
from services.payments.queries.owed_today import late_fees_on
from services.payments.use_cases.transfer_accounts import transfer_accounts
from shared.chassis.auth import staff_token
from shared.chassis.database import transaction
from shared.chassis.unit_of_work import Work
from shared.messages.accounts import AccountsTransferred, TransferredAccount
from tests.payments.debts import terms
from tests.payments.till import FEE, Till
from tests.support.bills import ACCOUNTS, correct, correction

APPROVED, LAST, AFTER = date(2026, 1, 22), date(2026, 2, 5), date(2026, 2, 6)
HALF = {"mode": "PERCENT", "pct": "50"}


class Office:
    """Two people and a till: ``office.waived(home)`` is asked for by the one and approved by the other."""

    def __init__(self, till: Till) -> None:
        self.till = till
        self.http: FlaskClient = web(till.runtime).test_client()

    def send(self, method: str, path: str, body: Any = None, *, login: str = "zhang", person: str = "",
             roles: tuple[str, ...] = ("clerk",), key: str | None = "") -> tuple[int, Any]:  # fmt: skip
        token = staff_token(self.till.runtime.keys, login=login, person=person or login, roles=roles,
                            signed_in_at=int(time.time()))  # fmt: skip
        headers = {"Authorization": f"Bearer {token}"}
        if key is not None:
            headers["Idempotency-Key"] = key or uuid.uuid4().hex
        answer = self.http.open(path, method=method, json=body, headers=headers)
        return answer.status_code, answer.json

    def ask(self, *waivers: dict[str, Any], reason: str = "ill for a month", **more: Any) -> dict[str, Any]:
        status, answer = self.send("POST", "/late-fee-waivers", {"waivers": list(waivers), "reason": reason, **more})
        assert status == (200 if more.get("preview") else 201), answer
        return dict(answer)

    def decide(self, request: dict[str, Any], verb: str = "approve", *, login: str = "li", person: str = "",
               roles: tuple[str, ...] = ("supervisor",), **changed: Any) -> tuple[int, Any]:  # fmt: skip
        body = {"verb": verb, "content_hash": request["content_hash"], **changed}
        path = f"/late-fee-waivers/requests/{request['request_id']}/decisions"
        return self.send("POST", path, body, login=login, person=person, roles=roles)

    def waived(self, account_no: str, **waiver: Any) -> dict[str, Any]:
        request = self.ask({"account_no": account_no, **(waiver or HALF)})
        status, decided = self.decide(request)
        assert status == 201, decided
        return request

    def refused(self, *waivers: dict[str, Any], **more: Any) -> tuple[str, Any]:
        """Code and place of the refusal of a request."""
        body = {"waivers": list(waivers), "reason": "ill", **more}
        status, answer = self.send("POST", "/late-fee-waivers", body)
        assert status >= 400, answer
        return answer["code"], answer.get("facts", {}).get("place")

    def listed(self, **query: Any) -> list[dict[str, Any]]:
        words = "&".join(f"{name}={value}" for name, value in query.items())
        status, answer = self.send("GET", f"/late-fee-waivers?{words}")
        assert status == 200, answer
        return list(answer["waivers"])


@pytest.fixture
def office(till: Till) -> Iterator[Office]:
    """The day is 22 January 2026: 22 days late, 51.27."""
    till.on_day(APPROVED)
    return Office(till)


def late_home(office: Office, **words: Any) -> str:
    home = office.till.home()
    office.till.bill(home, **words)
    return home


def owed(office: Office, home: str, *days: date) -> list[str]:
    return [office.till.owed(home, day=day)["payers"][0]["late_fee"] for day in days]


# Asked for and decided


def test_a_request_says_what_is_owed_with_and_without_and_changes_nothing(office: Office) -> None:
    home = late_home(office)
    request = office.ask({"account_no": home, **HALF})
    (line,) = request["waivers"]
    assert (request["state"], request["homes"], request["amount"]) == ("requested", 1, "25.64")
    assert {name: line[name] for name in ("late_fee", "late_fee_left", "waived", "until", "mode", "pct", "payer")} == {
        "late_fee": "51.27", "late_fee_left": "25.63", "waived": "25.64", "until": "2026-02-06", "mode": "PERCENT", "pct": "50",
        "payer": "self",
    }  # fmt: skip
    assert owed(office, home, APPROVED) == ["51.27"]


def test_a_preview_is_the_same_answer_without_numbers_and_writes_nothing(office: Office) -> None:
    home = late_home(office)
    preview = office.ask({"account_no": home, **HALF}, preview=True)
    request = office.ask({"account_no": home, **HALF})
    del request["request_id"], request["waivers"][0]["waiver_id"]
    assert preview == request
    assert len(office.listed(account_no=home)) == 1


def test_a_second_person_agrees_and_from_that_day_on_it_is_waived(office: Office) -> None:
    home = late_home(office)
    request = office.ask({"account_no": home, **HALF, "until": LAST.isoformat()})
    office.till.on_day(date(2026, 1, 25))
    status, decided = office.decide(request, remark="seen the papers")
    assert (status, decided) == (201, {"request_id": request["request_id"], "state": "approved", "waived": "29.13"})
    assert owed(office, home, date(2026, 1, 24), date(2026, 1, 25), LAST, AFTER) == ["55.93", "29.13", "41.94", "86.22"]
    (told,) = office.listed(account_no=home)
    assert (told["state"], told["outcome"], told["until"], told["waived"]) == (
        "approved",
        "in_force",
        "2026-02-05",
        "29.13",
    )
    assert (told["requested_by"], told["decided_by"], told["remark"]) == ("staff:zhang", "staff:li", "seen the papers")


def test_without_a_last_day_it_lasts_as_long_as_the_terms_of_the_bill_say(office: Office) -> None:
    home = late_home(office, terms=terms(waiver_expiry_days=3))
    office.waived(home)
    assert owed(office, home, date(2026, 1, 25), date(2026, 1, 26)) == ["29.13", "60.59"]


def test_a_rejected_or_withdrawn_request_waives_nothing(office: Office) -> None:
    for end in ("reject", "withdraw"):
        home = late_home(office)
        request = office.ask({"account_no": home, **HALF})
        if end == "reject":
            assert office.decide(request, "reject")[1]["state"] == "rejected"
        else:
            path = f"/late-fee-waivers/requests/{request['request_id']}/withdrawals"
            assert office.send("POST", path, {"remark": "mistaken"})[1]["state"] == "withdrawn"
        assert owed(office, home, APPROVED) == ["51.27"]
        status, answer = office.decide(request)
        assert (status, answer["code"]) == (409, "transition_refused")


@pytest.mark.parametrize(
    ("who", "code"),
    [
        ({"login": "zhang"}, "own_request"),
        ({"login": "zhang2", "person": "zhang"}, "own_request"),
        ({"roles": ("clerk",)}, "forbidden"),
        ({"roles": ("cashier",)}, "forbidden"),
        ({"content_hash": "0" * 64}, "content_differs"),
    ],
)
def test_nobody_decides_alone_or_on_something_else(office: Office, who: dict[str, Any], code: str) -> None:
    home = late_home(office)
    request = office.ask({"account_no": home, **HALF})
    _status, answer = office.decide(request, **who)
    assert answer["code"] == code
    assert owed(office, home, APPROVED) == ["51.27"]
    assert office.decide(request)[0] == 201


def test_only_who_asked_withdraws(office: Office) -> None:
    request = office.ask({"account_no": late_home(office), **HALF})
    path = f"/late-fee-waivers/requests/{request['request_id']}/withdrawals"
    assert office.send("POST", path, {}, login="li")[1]["code"] == "not_own_request"
    assert office.send("POST", path, {})[0] == 201


def test_the_database_itself_wants_two_people(office: Office) -> None:
    request = office.ask({"account_no": late_home(office), **HALF})
    row = "INSERT INTO waiver_decisions SELECT request_id, 1, requested_on, 'approved', content_hash, maker_person, maker,"
    with pytest.raises(psycopg.errors.CheckViolation), transaction(office.till.runtime.engine) as cursor:
        cursor.execute(f"{row} maker_person FROM waiver_requests WHERE request_id = %s", (request["request_id"],))


@pytest.mark.parametrize(
    "table", ["waiver_requests", "waivers", "waiver_decisions", "waived_shares", "waiver_revocations"]
)
def test_what_was_asked_and_decided_can_not_be_changed(office: Office, table: str) -> None:
    for verb in (f"DELETE FROM {table}", f"UPDATE {table} SET command_id = 1"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), transaction(office.till.runtime.engine) as cursor:
            cursor.execute(verb)


def test_the_same_request_again_asks_for_nothing_more(office: Office) -> None:
    home = late_home(office)
    body = {"waivers": [{"account_no": home, **HALF}], "reason": "ill"}
    first = office.send("POST", "/late-fee-waivers", body, key=f"once-{home}")
    assert office.send("POST", "/late-fee-waivers", body, key=f"once-{home}") == first
    assert len(office.listed(account_no=home)) == 1


def test_a_list_is_asked_for_and_approved_whole_or_not_at_all(office: Office) -> None:
    homes = [late_home(office) for _ in range(3)]
    request = office.ask(*({"account_no": home, **HALF} for home in homes))
    office.till.pay(homes[1], "2381.65")  # all of it, before anybody has decided
    _status, answer = office.decide(request)
    assert (answer["code"], answer["facts"]["place"]) == ("nothing_to_waive", "/waivers/1")
    assert [owed(office, home, APPROVED) for home in (homes[0], homes[2])] == [["51.27"], ["51.27"]]
    assert office.refused({"account_no": homes[0], **HALF}, {"account_no": homes[1], **HALF}) == (
        "nothing_to_waive",
        "/waivers/1",
    )


def test_many_homes_take_as_many_questions_to_the_database_as_one(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    rows = Work.rows
    monkeypatch.setattr(Work, "rows", lambda work, sql, values=(): asked.append(sql) or rows(work, sql, values))
    questions = []
    for some in ([late_home(office)], [late_home(office) for _ in range(20)]):
        asked.clear()
        request = office.ask(*({"account_no": home, **HALF} for home in some))
        assert office.decide(request)[1]["waived"] == f"{25.64 * len(some):.2f}"
        office.listed(request_id=request["request_id"])
        questions.append(len(asked))
    assert questions[0] == questions[1]


# Used


def test_who_pays_in_time_is_free_for_ever_and_the_books_know_only_what_came(office: Office) -> None:
    home = late_home(office)
    office.waived(home, **HALF, until="2026-02-05")
    office.till.on_day(date(2026, 1, 25))
    office.till.pay(home, "2359.51", "transfer")
    office.till.on_day(date(2026, 6, 1))
    assert office.till.has(home) == ("0.00", "0.00")
    (told,) = office.listed(account_no=home)
    assert (told["outcome"], told["waived"]) == ("final", "29.13")


def test_who_does_not_owes_it_all_again_and_the_waiver_has_lapsed(office: Office) -> None:
    home = late_home(office)
    office.waived(home, **HALF, until="2026-02-05")
    office.till.on_day(AFTER)
    assert office.till.owes(home) == "2416.60"
    (told,) = office.listed(account_no=home)
    assert (told["outcome"], told["waived"]) == ("lapsed", "0.00")


def test_a_bank_is_asked_for_what_the_waiver_leaves_and_makes_it_final_as_of_the_day_of_sending(office: Office) -> None:
    home = late_home(office)
    office.waived(home, **HALF, until="2026-02-05")
    office.till.on_day(LAST)
    claim = office.till.claim(home)
    assert claim["claimed"][0]["amount"] == "2372.32"
    office.till.on_day(date(2026, 2, 20))
    office.till.returned(claim["batch_no"], (home, 1, "2372.32"), as_of=LAST)
    assert office.till.has(home) == ("0.00", "0.00")


def test_a_bounced_payment_takes_the_waiver_with_it(office: Office) -> None:
    home = late_home(office)
    office.waived(home, **HALF, until="2026-02-05")
    payment = office.till.pay(home, "2356.01")["payment_id"]
    assert office.till.owes(home) == "0.00"
    office.till.on_day(AFTER)
    office.till.take_back(payment, in_hall=True, reason="bounced")
    assert office.till.owes(home) == "2416.60"


def test_a_waiver_of_all_that_is_open_settles_the_debt_at_once(office: Office) -> None:
    home = late_home(office)
    office.till.pay(home, FEE)
    assert office.till.owes(home) == "51.27"
    office.waived(home, mode="PERCENT", pct="100")
    office.till.on_day(date(2026, 6, 1))
    assert office.till.owes(home) == "0.00"
    assert office.refused({"account_no": home, **HALF})[0] == "nothing_to_waive"


def test_one_season_may_be_waived_and_another_not(office: Office) -> None:
    home = late_home(office)
    office.till.bill(home, "1000.00", season=2024, due_on=date(2025, 12, 31))
    office.waived(home, mode="FIXED", amount="0.00", season="2024-2025")
    assert owed(office, home, APPROVED) == ["51.27"]
    assert office.refused({"account_no": home, **HALF})[0] == "waiver_in_force"
    office.waived(home, **HALF, season="2025-2026")
    assert owed(office, home, APPROVED) == ["25.63"]


def test_an_explanation_tells_what_is_waived(office: Office) -> None:
    home = late_home(office)
    office.waived(home)
    with office.till.runtime.commands.reading() as work:
        (told,) = late_fees_on(work, home, day=APPROVED)
    assert {name: told[name] for name in ("accrued", "waived", "paid", "open")} == {
        "accrued": "51.27", "waived": "25.64", "paid": "0.00", "open": "25.63"
    }  # fmt: skip


def test_an_extra_line_keeps_what_was_made_final_and_its_own_late_fee_is_its_own(office: Office) -> None:
    home = office.till.home()
    bill_no = office.till.bill(home)
    office.waived(home, **HALF, until="2026-02-05")
    office.till.pay(home, "2356.01")
    office.till.on_day(date(2026, 3, 1))
    correct(office.till.runtime, correction(home, bill_no, 10000, posted_on=date(2026, 3, 1)))
    assert office.till.owes(home) == "100.00"
    office.till.on_day(date(2026, 3, 11))
    assert office.till.owes(home) == "101.00"


def test_a_debt_that_the_buyer_assumes_takes_its_waiver_along(office: Office) -> None:
    home = late_home(office)
    office.waived(home)
    sale = TransferredAccount(home, "self", "Wang", "self:2", "Li", APPROVED, assumed=True)
    office.till.runtime.commands.run(transfer_accounts, AccountsTransferred((sale,)), caller=ACCOUNTS)
    assert owed(office, home, APPROVED) == ["25.63"]
    assert office.till.owes(home, payer="Wang") == "0.00"


def test_a_former_owner_may_have_his_late_fee_waived_by_his_name(office: Office) -> None:
    home = late_home(office)
    sale = TransferredAccount(home, "self", "Wang", "self:2", "Li", APPROVED, assumed=False)
    office.till.runtime.commands.run(transfer_accounts, AccountsTransferred((sale,)), caller=ACCOUNTS)
    assert office.refused({"account_no": home, **HALF})[0] == "nothing_to_waive"
    office.waived(home, **HALF, payer="Wang")
    assert office.till.owed(home, payer="Wang")["payers"][0]["late_fee"] == "25.63"
    assert office.listed(account_no=home)[0]["payer"] == "Wang"


# Taken back


def revoke(office: Office, *waiver_ids: int, **how: Any) -> tuple[int, Any]:
    body = {"waivers": list(waiver_ids), "reason": "the wrong home"}
    return office.send("POST", "/late-fee-waivers/revocations", body, login="li", **{"roles": ("supervisor",), **how})


def test_a_waiver_that_is_revoked_is_as_if_it_had_never_been_approved(office: Office) -> None:
    home = late_home(office)
    request = office.waived(home)
    waiver_id = request["waivers"][0]["waiver_id"]
    assert revoke(office, waiver_id) == (201, {"waivers": [{"waiver_id": waiver_id, "account_no": home}]})
    assert owed(office, home, APPROVED) == ["51.27"]
    (told,) = office.listed(account_no=home, state="revoked")
    assert (told["revoked_on"], told["revoked_because"], told["outcome"]) == ("2026-01-22", "the wrong home", None)
    office.waived(home, mode="DELTA", amount="1.27")
    assert owed(office, home, APPROVED) == ["50.00"]


def test_a_debt_that_it_had_settled_is_open_again(office: Office) -> None:
    home = late_home(office)
    request = office.waived(home)
    office.till.pay(home, "2356.01")
    assert office.till.owes(home) == "0.00"
    revoke(office, request["waivers"][0]["waiver_id"])
    assert office.till.owes(home) == "25.64"


def test_only_what_holds_is_revoked(office: Office) -> None:
    asked = office.ask({"account_no": late_home(office), **HALF})["waivers"][0]["waiver_id"]
    assert revoke(office, asked)[1]["code"] == "waiver_not_in_force"
    home = late_home(office)
    held = office.waived(home, **HALF, until="2026-02-05")["waivers"][0]["waiver_id"]
    assert revoke(office, held, roles=("clerk",))[0] == 403
    assert revoke(office, held, held)[1]["code"] == "invalid_input"
    _status, answer = revoke(office, held, asked)
    assert (answer["code"], answer["facts"]["place"]) == ("waiver_not_in_force", "/waivers/1")
    assert owed(office, home, APPROVED) == ["25.63"]
    office.till.on_day(AFTER)
    assert revoke(office, held)[1]["code"] == "waiver_not_in_force"
    assert revoke(office, 2**50)[1]["code"] == "unknown_waiver"


# Refused


def test_a_mode_that_the_terms_of_the_bill_do_not_know_is_refused(office: Office) -> None:
    home = late_home(office, terms=terms(late_fee_waiver_modes=("DELTA",)))
    assert office.refused({"account_no": home, **HALF}) == ("waiver_mode_not_allowed", "/waivers/0")
    office.waived(home, mode="DELTA", amount="1.27")
    assert owed(office, home, APPROVED) == ["50.00"]


def test_a_home_that_owes_nothing_has_nothing_to_waive(office: Office) -> None:
    assert office.refused({"account_no": office.till.home(), **HALF}) == ("nothing_to_waive", "/waivers/0")


def test_another_payers_share_has_nothing_to_waive(office: Office) -> None:
    home = late_home(office, payer="finance")
    assert office.refused({"account_no": home, **HALF, "payer": "finance"})[0] == "nothing_to_waive"


def test_one_waiver_holds_at_a_time(office: Office) -> None:
    home = late_home(office)
    two = [office.ask({"account_no": home, **HALF}) for _ in range(2)]
    assert office.decide(two[0])[0] == 201
    assert office.decide(two[1])[1]["code"] == "waiver_in_force"
    office.till.on_day(date(2026, 2, 7))
    assert office.decide(two[1])[0] == 201
    assert owed(office, home, date(2026, 2, 7)) == ["44.27"]


def test_a_request_that_is_read_after_its_last_day_is_not_approved(office: Office) -> None:
    home = late_home(office)
    request = office.ask({"account_no": home, **HALF, "until": "2026-01-23"})
    office.till.on_day(date(2026, 1, 24))
    assert office.decide(request)[1]["code"] == "waiver_too_late"
    assert office.decide(request, "reject")[0] == 201


BAD: dict[str, dict[str, Any]] = {
    "no mode": {"pct": "50"}, "unknown mode": {"mode": "HALF", "pct": "50"}, "no value": {"mode": "PERCENT"},
    "two values": {**HALF, "amount": "1.00"}, "another's value": {"mode": "DELTA", "pct": "50"},
    "a third value": {**HALF, "start_on": "2026-01-10"}, "nothing": {"mode": "DELTA", "amount": "0.00"},
    "0 %": {"mode": "PERCENT", "pct": "0"}, "101 %": {"mode": "PERCENT", "pct": "101"},
    "100.0001 %": {"mode": "PERCENT", "pct": "100.0001"}, "a number": {"mode": "PERCENT", "pct": 50},
    "-1 %": {"mode": "PERCENT", "pct": "-1"}, "050": {"mode": "PERCENT", "pct": "050"},
    "five places": {"mode": "PERCENT", "pct": "1.00001"}, "full width": {"mode": "PERCENT", "pct": "５０"},
    "1e1": {"mode": "PERCENT", "pct": "1e1"}, "half a fen": {"mode": "DELTA", "amount": "1.005"},
    "below nothing": {"mode": "FIXED", "amount": "-1.00"}, "a number of yuan": {"mode": "FIXED", "amount": 1},
    "no such day": {**HALF, "until": "2026-02-30"}, "yesterday": {**HALF, "until": "2026-01-21"},
    "in two years": {**HALF, "until": "2028-01-22"}, "day as number": {**HALF, "until": 20260205},
    "season": {**HALF, "season": "2025"}, "unknown key": {**HALF, "approved": True}, "null": {**HALF, "until": None},
    "long payer": {**HALF, "payer": "x" * 81}, "owner by number": {**HALF, "payer": "self:2"},
}  # fmt: skip


@pytest.mark.parametrize("waiver", BAD.values(), ids=list(BAD))
def test_what_is_not_soundly_a_waiver_is_refused(office: Office, waiver: dict[str, Any]) -> None:
    home = late_home(office)
    code, _ = office.refused({"account_no": home, **waiver})
    assert code == ("not_this_payer" if waiver.get("payer") == "self:2" else "invalid_input")
    assert office.listed(account_no=home) == []


@pytest.mark.parametrize(
    "change",
    [
        {"waivers": []}, {"waivers": None}, {"waivers": {}}, {"reason": ""}, {"reason": None}, {"reason": "x" * 201},
        {"reason": 1}, {"preview": "yes"}, {"preview": 1}, {"approved_by": "li"},
    ],
)  # fmt: skip
def test_a_request_that_is_not_sound_is_refused(office: Office, change: dict[str, Any]) -> None:
    home = late_home(office)
    body = {"waivers": [{"account_no": home, **HALF}], "reason": "ill", **change}
    status, answer = office.send("POST", "/late-fee-waivers", body)
    assert (status, answer["code"]) == (422, "invalid_input")


def test_a_list_of_1001_and_one_that_names_a_home_twice_are_refused(office: Office) -> None:
    home = late_home(office)
    assert office.refused(*({"account_no": home, **HALF} for _ in range(1001)))[0] == "invalid_input"
    assert office.refused(*({"account_no": home, **HALF} for _ in range(2))) == (
        "invalid_input",
        "/waivers/1/account_no",
    )
    assert office.refused({"account_no": home, **HALF}, {"account_no": "0999999999", **HALF}) == (
        "unknown_account",
        "/waivers/1",
    )
    assert office.refused({"account_no": "12", **HALF})[0] == "invalid_input"


@pytest.mark.parametrize(
    "body",
    [
        {}, {"verb": "approve"}, {"content_hash": "0" * 64}, {"verb": "agree", "content_hash": "0" * 64},
        {"verb": "approve", "content_hash": "0" * 63}, {"verb": "approve", "content_hash": "G" * 64},
        {"verb": "approve", "content_hash": 0}, {"verb": "approve", "content_hash": "0" * 64, "remark": "x" * 201},
        {"verb": "approve", "content_hash": "0" * 64, "amount": "0.00"}, [],
    ],
)  # fmt: skip
def test_a_decision_that_is_not_sound_is_refused(office: Office, body: Any) -> None:
    request = office.ask({"account_no": late_home(office), **HALF})
    path = f"/late-fee-waivers/requests/{request['request_id']}/decisions"
    assert office.send("POST", path, body, login="li", roles=("supervisor",))[1]["code"] == "invalid_input"
    assert office.decide(request)[0] == 201


@pytest.mark.parametrize(
    ("number", "code"), [(0, "unknown_waiver_request"), (77, "unknown_waiver_request"), (2**70, "not_found")]
)
def test_an_unknown_request_is_refused(office: Office, number: int, code: str) -> None:
    unknown = {"request_id": number, "content_hash": "0" * 64}
    status, answer = office.decide(unknown)
    assert (status, answer["code"]) == (404, code)
    path = f"/late-fee-waivers/requests/{number}/withdrawals"
    assert office.send("POST", path, {})[1]["code"] == code


@pytest.mark.parametrize(
    "query", ["state=open", "limit=0", "limit=501", "after=-1", "account_no=1", "request_id=0", "x=1"]
)
def test_a_question_that_is_not_sound_is_refused(office: Office, query: str) -> None:
    assert office.send("GET", f"/late-fee-waivers?{query}")[1]["code"] == "invalid_input"


def test_every_page_goes_on_where_the_one_before_ended(office: Office) -> None:
    homes = [late_home(office) for _ in range(5)]
    request = office.ask(*({"account_no": home, **HALF} for home in homes))
    found: list[str] = []
    after: int | None = 0
    while after is not None:
        path = f"/late-fee-waivers?request_id={request['request_id']}&limit=2&after={after}"
        page = office.send("GET", path)[1]
        found += [waiver["account_no"] for waiver in page["waivers"]]
        after = page["next"]
    assert found == homes


def test_two_people_who_decide_at_once_decide_once(office: Office) -> None:
    home = late_home(office)
    request = office.ask({"account_no": home, **HALF})
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda login: office.decide(request, login=login)[0], ["li", "chen", "zhao", "qian"]))
    assert sorted(answers) == [201, 409, 409, 409]
    assert owed(office, home, APPROVED) == ["25.63"]
