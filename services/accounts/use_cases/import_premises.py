"""Rows of an old system's ledger become customers, premises, accounts, arrears and credit: each once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from services.accounts.domain.import_decision import Decided, decide, flat_of
from services.accounts.domain.ledger_row import LedgerRow
from services.accounts.domain.opening_balance import OPENING, opening_terms
from services.accounts.domain.payment_terms import payment_terms
from services.accounts.domain.season_dates import current_season, season_of
from services.accounts.storage.account_nos import known_flats, known_ledger_rows
from services.accounts.storage.by_content import keep_terms
from services.accounts.storage.policies import policy_in_force
from services.accounts.storage.rows import BillRow, CustomerRow, HeatAccountRow, MoveRow, PremisesRow
from shared.chassis.unit_of_work import Work
from shared.messages.accounts import (
    SELF,
    AccountsOpened,
    BillsIssued,
    CarriedOverPrepayment,
    IssuedBill,
    MandatesTakenOver,
    OpenedAccount,
    PaymentTerms,
    PrepaymentsCarriedOver,
    TakenOverMandate,
)

REASON = "taken over from the old system"
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(20251105)"


@dataclass(frozen=True, slots=True)
class ImportPremises:
    """Rows of one ledger, at most a thousand, in which no two contradict each other."""

    rows: tuple[LedgerRow, ...]


def import_premises(command: ImportPremises, work: Work) -> dict[str, Any]:
    """Import what is new; tell what was here already and what contradicts it. Nothing is refused as a whole.

    The figure that was handed over is all that is owed (no late fee, no discount), and it is told before the
    prepayments, so that the books show both.
    """
    work.rows(_ONE_AT_A_TIME)
    decided = judged(work, command.rows)
    _add_accounts(work, decided)
    _add_arrears(work, [row for row, _ in decided.new if row.arrears_fen])
    _tell_the_rest(work, [row for row, _ in decided.new])
    return told(decided)


def judged(work: Work, rows: tuple[LedgerRow, ...]) -> Decided:
    """What an import would do with the rows; nothing is written."""
    known = known_ledger_rows(work, [row.account_no for row in rows])
    flats = known_flats(work, [flat_of(row) for row in rows if row.account_no not in known])
    return decide(rows, known=known, flats=flats)


def told(decided: Decided) -> dict[str, Any]:
    rows = [row for row, _ in decided.new]
    return {
        "imported": len(rows),
        "unchanged": decided.unchanged,
        "normalised": sum(bool(row.normalised) for row in rows),
        "building_area": str(sum(row.building_area for row in rows)),
        "arrears_fen": sum(row.arrears_fen for row in rows),
        "prepayment_fen": sum(row.prepayment_fen for row in rows),
        "refused": [contradiction.told() for contradiction in decided.refused],
    }


def _add_accounts(work: Work, decided: Decided) -> None:
    command_id, today = work.command_id, work.today
    ids = iter(work.new_ids(3 * len(decided.new)))
    for row, ledger_row in decided.new:
        customer_id, premises_id = next(ids), next(ids)
        work.add((
            CustomerRow(customer_id, command_id, row.name, row.id_type, row.id_no, row.phone),
            PremisesRow(premises_id, command_id, row.compound, row.building, row.unit, row.room, row.floor,
                        row.heat_station, row.building_area, row.inner_area, row.usable_area, None,
                        row.storey_height),
            HeatAccountRow(row.account_no, command_id, customer_id, premises_id, row.price_class, row.state,
                           today, row.connected_on, row.warranty_until, row.suspended_from, row.low_income,
                           row.employer, row.remark, ledger_row),
            MoveRow(next(ids), command_id, row.account_no, "import", None, row.state, today, REASON),
        ))  # fmt: skip
    if decided.new:
        work.emit(AccountsOpened(tuple(
            OpenedAccount(row.account_no, today, row.price_class) for row, _ in decided.new
        )))  # fmt: skip


def _add_arrears(work: Work, rows: list[LedgerRow]) -> None:
    """A bill for each season of arrears, due on the day of the import."""
    if not rows:
        return
    terms = _terms(work)
    terms_id, today = keep_terms(work, terms), work.today
    owed = [(row, season, fen) for row in rows for season, fen in row.arrears_seasons if fen]
    items = tuple(
        IssuedBill(row.account_no, bill_no, season, SELF, OPENING, row.price_class, False, terms_id, today,
                   ((amount_fen, today),))
        for bill_no, (row, season, amount_fen) in zip(work.new_ids(len(owed)), owed, strict=True)
    )  # fmt: skip
    work.add(_bill_rows(work, items))
    work.emit(BillsIssued({terms_id: terms}, items))


def _bill_rows(work: Work, items: tuple[IssuedBill, ...]) -> Iterator[BillRow]:
    for item in items:
        ((amount_fen, due_on),) = item.parts
        parts = json.dumps([[amount_fen, due_on.isoformat()]])
        yield BillRow(
            item.bill_no, SELF, work.command_id, None, item.account_no, item.season, OPENING,
            item.price_class, False, amount_fen, item.posted_on, parts, item.terms, None, None,
        )  # fmt: skip


def _terms(work: Work) -> PaymentTerms:
    policy = policy_in_force(work)
    return opening_terms(payment_terms(policy, season_of(policy, current_season(policy, work.today))))


def _tell_the_rest(work: Work, rows: list[LedgerRow]) -> None:
    prepaid = tuple(
        CarriedOverPrepayment(row.account_no, row.prepayment_fen, work.today) for row in rows if row.prepayment_fen
    )
    if prepaid:
        work.emit(PrepaymentsCarriedOver(prepaid))
    mandates = tuple(_mandate(row) for row in rows if row.bank_account)
    if mandates:
        work.emit(MandatesTakenOver(mandates))


def _mandate(row: LedgerRow) -> TakenOverMandate:
    """The ledger's ID number is the customer's: of a holder with another name no number is known."""
    id_type, id_no = (row.id_type, row.id_no) if row.account_holder == row.name else ("", "")
    return TakenOverMandate(
        row.account_no, row.bank or "", row.bank_account or "", row.account_holder or "", id_type, id_no
    )
