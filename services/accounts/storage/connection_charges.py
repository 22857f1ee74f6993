"""What contracts for connections ask for, and the receipts by which it was paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from services.accounts.domain.connection_charge import Charge
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of


@row_of("connection_charges")
class ChargeRow(NamedTuple):
    application_id: int
    command_id: int
    connection_fen: int
    first_season_fen: int
    document: str | None


@row_of("connection_payments")
class ChargePaidRow(NamedTuple):
    application_id: int
    command_id: int
    receipt: str
    paid_on: date


class Asked(NamedTuple):
    """``receipt`` None: it has not been paid."""

    charge: Charge
    document: str | None
    receipt: str | None
    paid_on: date | None


def add_charges(work: Work, charges: Sequence[tuple[int, Charge, str | None]]) -> None:
    """Each with its application, and the document that allows its connection fee."""
    work.add(
        ChargeRow(application_id, work.command_id, *charge, document) for application_id, charge, document in charges
    )


def add_receipts(work: Work, receipts: Sequence[tuple[int, str]]) -> None:
    work.add(
        ChargePaidRow(application_id, work.command_id, receipt, work.today) for application_id, receipt in receipts
    )


def asked_of(work: Work, application_ids: Sequence[int]) -> dict[int, Asked]:
    """By application, what its contract asks for; those that ask for nothing are not there."""
    rows = work.rows(
        "SELECT c.application_id, c.connection_fen, c.first_season_fen, c.document, p.receipt, p.paid_on"
        " FROM connection_charges c LEFT JOIN connection_payments p USING (application_id) WHERE c.application_id = ANY(%s)",
        (list(application_ids),),
    )
    return {number: Asked(Charge(fee, season), *rest) for number, fee, season, *rest in rows}
