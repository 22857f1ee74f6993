"""The season run: every home that is charged for a season gets its bill, once.

A run is cut into chunks of at most a thousand homes. A small run is done at once; of a large one each chunk
is billed and marked done in one transaction (`bill_next_chunk`), by as many processes as there are: one that
dies leaves its chunk to the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from services.accounts.domain.season_charge import SeasonCharges, season_charges
from services.accounts.domain.season_dates import HeatingSeason
from services.accounts.domain.season_run import Billed, HomeToBill, bill_homes
from services.accounts.storage.billing_runs import (
    add_chunks,
    add_done_chunk,
    add_parked,
    billing_run,
    mark_done,
    take_chunk,
)
from services.accounts.storage.bills import add_season_bills
from services.accounts.storage.by_content import keep_kinds
from services.accounts.storage.homes import homes_in_range, homes_named, ranges
from services.accounts.storage.policies import policy_of, recorded_policy_in_force
from services.accounts.storage.rows import BillingRunRow
from services.accounts.storage.season_turns import assert_books_open, assert_run_open
from services.accounts.storage.seasons import declaration, declaration_in_force, heating_season
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import Refusal, UnknownAccount
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label

CHUNK_HOMES_MAX = 1000
ISSUE, PREVIEW = "issue", "preview"


class AlreadyBilled(Refusal):
    code = "already_billed"
    status = 409
    remedy = "Look at the bills of the account; a bill is corrected, not issued again."


class SeasonNotOpen(Refusal):
    code = "season_not_open"
    remedy = "Check the season: a season is billed from the year on in which it begins."


class NoChunkLeft(Refusal):
    code = "no_chunk_left"
    status = 409
    remedy = "Nothing is to be done: every chunk is done, or is being done by somebody else."


@dataclass(frozen=True, slots=True)
class IssueBills:
    """``account_nos`` None: every home that is charged. A preview works everything out and bills nothing."""

    season: int
    mode: str = ISSUE
    account_nos: tuple[str, ...] | None = None


class Begun(NamedTuple):
    """What a run is made of; ``season_id`` is the declaration of its season, if there is one."""

    run_id: int
    policy_id: int
    season_id: int | None
    charges: SeasonCharges


@dataclass(frozen=True, slots=True)
class BillNextChunk:
    """``run_id`` None: a chunk of any run."""

    run_id: int | None = None


def issue_bills(command: IssueBills, work: Work) -> dict[str, Any]:
    """Bill up to a thousand homes now, or plan the chunks of more.

    Refused: `season_not_open`, `unknown_account`, `already_billed` (all that were named are billed), `season_closed`,
    and for a run over all homes `season_closing`.
    """
    begun = _begun(command, work)
    season = begun.charges.season
    if command.account_nos is not None:
        homes = _named(work, season, command.account_nos)
        billed = bill_homes(homes, begun.charges)
        if command.mode == ISSUE and billed.already == len(homes):
            raise AlreadyBilled("each of these homes has its bill", account_no=homes[0].account_no)
        return _done_at_once(command, work, begun, homes, billed)
    planned = ranges(work, season, size=CHUNK_HOMES_MAX)
    if len(planned) > 1:
        accounts = sum(homes for _, _, homes in planned)
        _add_run(command, work, begun, accounts)
        add_chunks(work, begun.run_id, planned)
        return {"run_id": begun.run_id, "state": "running", "accounts": accounts}
    homes = homes_in_range(work, season, first=planned[0][0], last=planned[0][1]) if planned else []
    return _done_at_once(command, work, begun, homes, bill_homes(homes, begun.charges))


def bill_next_chunk(command: BillNextChunk, work: Work) -> dict[str, Any]:
    """Bill one chunk that waits. Refused: `no_chunk_left`."""
    chunk = take_chunk(work, command.run_id)
    if chunk is None:
        raise NoChunkLeft("no chunk waits to be billed")
    run = billing_run(work, chunk.run_id)
    policy = policy_of(work, run.policy_id)
    season = heating_season(policy, run.season, declaration(work, run.season_id) if run.season_id else None)
    charges = season_charges(policy, season, work.today)
    homes = homes_in_range(work, season, first=chunk.first_account_no, last=chunk.last_account_no)
    billed = bill_homes(homes, charges)
    mark_done(work, chunk, billed)
    _keep(work, run.run_id, run.mode, billed, charges)
    return _told(run.run_id, billed)


def _begun(command: IssueBills, work: Work) -> Begun:
    """The policy and the dates that hold now are those of the whole run."""
    if command.season > work.today.year:
        label = season_label(command.season)
        raise SeasonNotOpen(f"the season {label} lies ahead of {work.today}", season=label)
    if command.mode == ISSUE and command.account_nos is None:
        assert_run_open(work, command.season)
    elif command.mode == ISSUE:
        assert_books_open(work, [command.season])
    active, declared = recorded_policy_in_force(work), declaration_in_force(work, command.season)
    charges = season_charges(active.policy, heating_season(active.policy, command.season, declared), work.today)
    if command.mode == ISSUE:
        keep_kinds(work, charges.kinds)
    return Begun(work.new_ids(1)[0], active.policy_id, declared.season_id if declared else None, charges)


def _add_run(command: IssueBills, work: Work, begun: Begun, accounts: int) -> None:
    work.add([
        BillingRunRow(begun.run_id, work.command_id, command.season, command.mode, begun.policy_id,
                      begun.season_id, accounts)
    ])  # fmt: skip


def _done_at_once(
    command: IssueBills, work: Work, begun: Begun, homes: list[HomeToBill], billed: Billed
) -> dict[str, Any]:
    _add_run(command, work, begun, len(homes))
    named = command.account_nos is not None
    add_done_chunk(work, begun.run_id, [home.account_no for home in homes], billed, named=named)
    _keep(work, begun.run_id, command.mode, billed, begun.charges)
    return _told(begun.run_id, billed)


def _named(work: Work, season: HeatingSeason, account_nos: tuple[str, ...]) -> list[HomeToBill]:
    homes = homes_named(work, season, account_nos)
    missing = set(account_nos) - {home.account_no for home in homes}
    if missing:
        raise UnknownAccount("there is no such account", account_no=min(missing))
    return homes


def _keep(work: Work, run_id: int, mode: str, billed: Billed, charges: SeasonCharges) -> None:
    add_parked(work, run_id, billed)
    if mode == ISSUE:
        add_season_bills(work, run_id, billed, charges)


def _told(run_id: int, billed: Billed) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "state": "done",
        "billed": len(billed.charges),
        "already": billed.already,
        "parked": len(billed.parked),
        "amount": format_yuan(billed.amount_fen),
    }
