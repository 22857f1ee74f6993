"""Writing bills, and telling the others of them."""

from __future__ import annotations

from services.accounts.domain.season_charge import SeasonCharges
from services.accounts.domain.season_run import Billed
from services.accounts.storage.by_content import keep_kinds, kind_ids_of
from services.accounts.storage.rows import BillRow
from shared.chassis.unit_of_work import Work
from shared.messages.accounts import SELF, BillsIssued, IssuedBill, PaymentTerms

SEASON = "season"


def add_season_bills(work: Work, run_id: int, billed: Billed, charges: SeasonCharges) -> None:
    """A bill for each charge, in one event; a charge of nothing is a bill that the others are not told of."""
    season, posted_on, command_id = charges.season.season, charges.posted_on, work.command_id
    ids = kind_ids_of(charges.kinds)
    keep_kinds(work, {scope: kind for scope, kind in charges.kinds.items() if scope.contract})
    rows, items = [], []
    told: dict[str, PaymentTerms] = {}
    for bill_no, (home, charge) in zip(work.new_ids(len(billed.charges)), billed.charges, strict=True):
        account_no, price_class, suspended = home.account_no, home.price_class, home.suspended
        amount_fen, parts, parts_json, derivation, scope = charge
        tariff_id, terms_id = ids[scope]
        rows.append(BillRow(
            bill_no, SELF, command_id, run_id, account_no, season, SEASON, price_class, suspended, amount_fen,
            posted_on, parts_json, terms_id, tariff_id, derivation,
        ))  # fmt: skip
        if amount_fen:
            told[terms_id] = charges.kinds[scope].terms
            items.append(IssuedBill(
                account_no, bill_no, season, SELF, SEASON, price_class, suspended, terms_id, posted_on, parts
            ))  # fmt: skip
    work.add(rows)
    if items:
        work.emit(BillsIssued(told, tuple(items)))
