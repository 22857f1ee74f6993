"""Waivers of late fees: what was asked for, how it was decided, which debts it is for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from services.payments.domain.debt import Debt
from services.payments.domain.waiver_request import REQUESTED, AskedWaiver, Effect, UnknownWaiver, UnknownWaiverRequest
from shared.chassis.unit_of_work import Work
from shared.chassis.writes import row_of
from shared.kernel.errors import UnknownAccount


@row_of("waiver_requests")
class WaiverRequestRow(NamedTuple):
    request_id: int
    command_id: int
    requested_on: date
    reason: str
    maker: str
    maker_person: str
    content: str
    content_hash: bytes
    homes: int
    amount_fen: int


@row_of("waivers")
class WaiverRow(NamedTuple):
    waiver_id: int
    command_id: int
    request_id: int
    account_no: str
    payer: str
    season: int | None
    mode: str
    pct: Decimal | None
    amount_fen: int | None
    start_on: date | None
    until_on: date | None


@row_of("waiver_decisions")
class WaiverDecisionRow(NamedTuple):
    request_id: int
    command_id: int
    decided_on: date
    state: str
    content_hash: bytes
    maker_person: str
    decided_by: str
    decided_by_person: str
    remark: str | None


@row_of("waived_shares")
class WaivedShareRow(NamedTuple):
    """``paid_before`` is an array in its written form: a list of this kind of row is written as text."""

    receivable_id: int
    waiver_id: int
    command_id: int
    approved_on: date
    until_on: date
    paid_before: str


@row_of("waiver_revocations")
class WaiverRevocationRow(NamedTuple):
    waiver_id: int
    command_id: int
    revoked_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class WaiverRequest:
    """A request as it stands."""

    request_id: int
    content_hash: bytes
    amount_fen: int
    maker: str
    maker_person: str
    state: str


class RequestedWaiver(NamedTuple):
    waiver_id: int
    payer: str
    asked: AskedWaiver


def read_waiver_request(work: Work, request_id: int) -> WaiverRequest:
    """The request as it stands; of two decisions that race the second meets `waiver_decisions_pkey`.

    Refuses `unknown_waiver_request`.
    """
    rows = work.rows(
        "SELECT request_id, content_hash, amount_fen, maker, maker_person, coalesce(d.state, %s) FROM waiver_requests r"
        " LEFT JOIN waiver_decisions d USING (request_id, content_hash, maker_person) WHERE request_id = %s",
        (REQUESTED, request_id),
    )
    if not rows:
        raise UnknownWaiverRequest("there is no such request", request_id=request_id)
    number, content_hash, *rest = rows[0]
    return WaiverRequest(number, bytes(content_hash), *rest)


def requested_waivers(work: Work, request_id: int) -> list[RequestedWaiver]:
    """What the request asks for, in the order in which it was asked. The payer is the one in the books."""
    rows = work.rows(
        "SELECT waiver_id, payer, account_no, mode, pct, amount_fen, start_on, until_on, season FROM waivers"
        " WHERE request_id = %s ORDER BY waiver_id",
        (request_id,),
    )
    return [RequestedWaiver(row[0], row[1], AskedWaiver(*row[2:])) for row in rows]


def households(work: Work, account_nos: Sequence[str]) -> dict[str, str]:
    """The present owner of each account, as a payer. Refuses `unknown_account`."""
    found: dict[str, str] = dict(
        work.rows("SELECT account_no, household FROM accounts WHERE account_no = ANY(%s)", (list(account_nos),))
    )
    for place, account_no in enumerate(account_nos):
        if account_no not in found:
            raise UnknownAccount("there is no such account", account_no=account_no, place=f"/waivers/{place}")
    return found


def shares_of(work: Work, waiver_id: int, effect: Effect) -> Iterable[WaivedShareRow]:
    """The rows of an approved waiver: a share of each debt that it is for."""
    for debt in effect.debts:
        waiver = debt.waivers[-1]
        paid_before = "{" + ",".join(map(str, waiver.paid_before)) + "}"
        yield WaivedShareRow(
            _stands_for(debt), waiver_id, work.command_id, waiver.approved_on, waiver.until_on, paid_before
        )


def _stands_for(debt: Debt) -> int:
    """The receivable that a share of a bill is known by: its first, which it always has."""
    return min(part.receivable_id for part in debt.receivables)


class ApprovedWaiver(NamedTuple):
    """``until_on`` is the last day on which it holds; ``bill_nos`` what it is for."""

    waiver_id: int
    account_no: str
    until_on: date
    revoked: bool
    bill_nos: list[int]


def approved_waivers(work: Work, waiver_ids: Collection[int]) -> dict[int, ApprovedWaiver]:
    """Those of the waivers that were approved."""
    rows = work.rows(
        "SELECT w.waiver_id, w.account_no, max(s.until_on), count(v.waiver_id) > 0, array_agg(DISTINCT r.bill_no) FROM waivers w"
        " JOIN waived_shares s USING (waiver_id) JOIN receivables r USING (receivable_id)"
        " LEFT JOIN waiver_revocations v USING (waiver_id) WHERE w.waiver_id = ANY(%s) GROUP BY w.waiver_id",
        (list(waiver_ids),),
    )
    return {row[0]: ApprovedWaiver(*row) for row in rows}


def accounts_of_waivers(work: Work, waiver_ids: Sequence[int]) -> dict[int, str]:
    """The account of each waiver. Refuses `unknown_waiver`."""
    found: dict[int, str] = dict(
        work.rows("SELECT waiver_id, account_no FROM waivers WHERE waiver_id = ANY(%s)", (list(waiver_ids),))
    )
    for place, waiver_id in enumerate(waiver_ids):
        if waiver_id not in found:
            raise UnknownWaiver("there is no such waiver", place=f"/waivers/{place}", value=waiver_id)
    return found
