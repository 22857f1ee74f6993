"""Writing bills, and telling the others of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from services.accounts.domain.payment_terms import due_parts
from services.accounts.domain.relief import Relief, base_of, divide
from services.accounts.domain.season_charge import Charge, SeasonCharges
from services.accounts.domain.season_run import Billed
from services.accounts.storage.by_content import keep_kinds, kind_ids_of
from services.accounts.storage.payer_shares import shares_of_others
from services.accounts.storage.reliefs import reliefs_of
from services.accounts.storage.rows import BillRow
from services.accounts.storage.season_turns import assert_books_open
from shared.chassis.codec import canonical
from shared.chassis.unit_of_work import Work
from shared.messages.accounts import SELF, BillsIssued, IssuedBill, PaymentTerms

SEASON = "season"

Parts = tuple[tuple[int, date], ...]


def add_season_bills(work: Work, run_id: int, billed: Billed, charges: SeasonCharges) -> None:
    """A bill for each charge, in one event; a charge of nothing is a bill that the others are not told of.

    Refuses `season_closed`.
    """
    season, posted_on, command_id = charges.season.season, charges.posted_on, work.command_id
    assert_books_open(work, [season])
    ids = kind_ids_of(charges.kinds)
    keep_kinds(work, {scope: kind for scope, kind in charges.kinds.items() if scope.contract})
    rows, items = [], []
    told: dict[str, PaymentTerms] = {}
    reliefs = reliefs_of(work, [home.account_no for home, _ in billed.charges], season=season)
    for bill_no, (home, charge) in zip(work.new_ids(len(billed.charges)), billed.charges, strict=True):
        account_no, price_class, suspended = home.account_no, charge.scope.price_class, home.suspended
        tariff_id, terms_id = ids[charge.scope]
        for payer, amount_fen, parts, parts_json in _shares(charge, charges, reliefs.get(account_no)):
            payer = home.household if payer == SELF else payer
            rows.append(BillRow(
                bill_no, payer, command_id, run_id, account_no, season, SEASON, price_class, suspended, amount_fen,
                posted_on, parts_json, terms_id, tariff_id, charge.derivation,
            ))  # fmt: skip
            if amount_fen:
                told[terms_id] = charges.kinds[charge.scope].terms
                items.append(IssuedBill(
                    account_no, bill_no, season, payer, SEASON, price_class, suspended, terms_id, posted_on, parts
                ))  # fmt: skip
    work.add(rows)
    work.add(shares_of_others(rows))
    if items:
        work.emit(BillsIssued(told, tuple(items)))


def _shares(
    charge: Charge, charges: SeasonCharges, reliefs: Sequence[Relief] | None
) -> Iterator[tuple[str, int, Parts, str]]:
    """Payer, amount and parts of every share of the charge; nearly always it is the household's alone."""
    if not reliefs:
        yield SELF, charge.amount_fen, charge.parts, charge.parts_json
        return
    area_m2, season_fee_fen = base_of(charge.derivation)
    divided = divide(charge.amount_fen, area_m2=area_m2, season_fee_fen=season_fee_fen, reliefs=reliefs,
                     season=charges.season)  # fmt: skip
    for payer, amount_fen in divided.items():
        parts = due_parts(charges.policy, charges.season, amount_fen=amount_fen, posted_on=charges.posted_on, payer=payer,
                          scope=charge.scope)  # fmt: skip
        yield payer, amount_fen, parts, canonical([[part_fen, due_on.isoformat()] for part_fen, due_on in parts])
