"""Closing the books of a season, and opening them again."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from marshmallow import Schema, ValidationError, fields

from services.accounts.api.account_verbs import LIST, VerbSchema, done, payments
from services.accounts.api.trial import assert_trial
from services.accounts.domain.season_turn import SEASON
from services.accounts.gateways.payments import PaymentsUnavailable, RefundOrder
from services.accounts.queries.season_turns import hindrances, season_turn, seasons_turned
from services.accounts.use_cases.begin_closing import BeginClosing, begin_closing
from services.accounts.use_cases.close_season import CloseSeason, close_season
from services.accounts.use_cases.leave_unbilled import LeaveUnbilled, leave_unbilled
from services.accounts.use_cases.reopen_season import ReopenSeason, reopen_season
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint
from shared.chassis.schemas import AccountNo, Flag, QueryNumber, SeasonField, Text
from shared.chassis.unit_of_work import Commands
from shared.kernel.errors import InvalidInput, NotFound

season_turns = Blueprint("season_turns", "season_turns", description="Closing the books of a season")

READERS = ("clerk", "supervisor", "finance", "auditor")
CLOSERS = ("supervisor", "finance")


class UnknownSeason(NotFound):
    code = "unknown_season"
    remedy = "Write the season as 2025-2026."


class SeasonTurnSchema(VerbSchema):
    season = SeasonField(required=True)


class CountsSchema(Schema):
    unbilled = fields.Integer()
    open_runs = fields.Integer()
    open_approvals = fields.Integer()
    provisional_prices = fields.Integer()
    not_agreed = fields.Integer()
    open_refunds = fields.Integer(metadata={"description": "at the closing itself"})


class FiguresSchema(Schema):
    bills = fields.Integer()
    billed = fields.String()
    open_items = fields.Integer()
    open_accounts = fields.Integer()
    open = fields.String()
    suspensions_ended = fields.Integer()
    suspensions_renewed = fields.Integer()
    left_unbilled = fields.Integer()


class TurnedSchema(Schema):
    season = fields.String()
    state = fields.String(metadata={"description": ", ".join(SEASON.states)})
    hindrances = fields.Nested(CountsSchema)
    figures = fields.Nested(FiguresSchema)


@season_turns.post("/season-turns/closing")
@allow(*CLOSERS)
@season_turns.arguments(SeasonTurnSchema)
@season_turns.alt_response(201, schema=TurnedSchema, description="Homes of the season are billed by name only")
def post_closing(body: dict[str, Any]) -> Response:
    """Begin to close a season that is over. Needs an Idempotency-Key."""
    return done(begin_closing, BeginClosing(**body))


class LeftHomeSchema(Schema):
    account_no = AccountNo(required=True)
    reason = Text(longest=200, required=True)


class LeaveUnbilledSchema(Schema):
    season = SeasonField(required=True)
    homes = fields.List(fields.Nested(LeftHomeSchema), required=True, validate=LIST)
    preview = Flag(load_default=False)


class LeftUnbilledSchema(Schema):
    season = fields.String()
    left_unbilled = fields.Integer()


@season_turns.post("/season-turns/unbilled")
@allow(*CLOSERS)
@season_turns.arguments(LeaveUnbilledSchema)
@season_turns.alt_response(201, schema=LeftUnbilledSchema, description="They no longer stand in the way")
def post_unbilled(body: dict[str, Any]) -> Response:
    """Name homes that the season leaves without a bill, each with the reason. Needs an Idempotency-Key."""
    homes = tuple((home["account_no"], home["reason"]) for home in body["homes"])
    return done(leave_unbilled, LeaveUnbilled(body["season"], homes, body["preview"]))


@season_turns.post("/season-turns/closures")
@allow(*CLOSERS)
@season_turns.arguments(SeasonTurnSchema)
@season_turns.alt_response(201, schema=TurnedSchema, description="Closed")
def post_closures(body: dict[str, Any]) -> Response:
    """Close a season; in earnest by `POST /approvals`, a preview by anybody who may ask. Needs an Idempotency-Key."""
    if not body["preview"]:
        assert_trial("one person does not close a season's books")
    return done(close_season, closure(body))


@season_turns.post("/season-turns/reopenings")
@allow(*CLOSERS)
@season_turns.arguments(SeasonTurnSchema)
@season_turns.alt_response(201, schema=TurnedSchema, description="Open again")
def post_reopenings(body: dict[str, Any]) -> Response:
    """Open a season's books again; in earnest by `POST /approvals`. Needs an Idempotency-Key."""
    if not body["preview"]:
        assert_trial("one person does not open a season's books")
    return done(reopen_season, reopening(body))


def closure(body: dict[str, Any]) -> CloseSeason:
    """The command of a `SeasonTurnSchema` body."""
    return CloseSeason(**body, refund_orders_of=payments().open_refund_orders)


def reopening(body: dict[str, Any]) -> ReopenSeason:
    """The command of a `SeasonTurnSchema` body."""
    return ReopenSeason(**body)


class SeasonStateSchema(Schema):
    season = fields.String()
    state = fields.String()
    since = fields.String(allow_none=True)
    figures = fields.Dict()


class SeasonStatesSchema(Schema):
    seasons = fields.List(fields.Nested(SeasonStateSchema))


@season_turns.get("/season-turns")
@allow(*READERS)
@season_turns.response(200, SeasonStatesSchema)
def get_season_turns() -> Any:
    """Every season that was billed, and whether its books are open."""
    with commands().reading() as work:
        return seasons_turned(work)


class CaseSchema(Schema):
    subject = fields.String(metadata={"description": "an account, run, request or bill, by its number"})
    detail = fields.String()


class HindranceSchema(Schema):
    kind = fields.String()
    title = fields.String()
    count = fields.Integer(allow_none=True, metadata={"description": "null: payments does not answer"})
    first = fields.List(fields.Nested(CaseSchema))


class TurnSchema(Schema):
    verb = fields.String()
    from_ = fields.String(data_key="from", attribute="from")
    to = fields.String()
    moved_on = fields.String()
    reason = fields.String()
    figures = fields.Dict()
    by = fields.String()
    at = fields.String()


class SeasonTurnsSchema(Schema):
    season = fields.String()
    state = fields.String()
    end_on = fields.String()
    turns = fields.List(fields.Nested(TurnSchema))
    hindrances = fields.List(fields.Nested(HindranceSchema))


@season_turns.get("/season-turns/<season>")
@allow(*READERS)
@season_turns.response(200, SeasonTurnsSchema)
def get_season_turn(season: str) -> Any:
    """The season's history, and what stands in the way of closing it now."""
    number = _season(season)
    orders = _refund_orders(number)
    with commands().reading() as work:
        return season_turn(work, number, refund_orders=orders)


class HindrancesQuery(Schema):
    kind = Text(longest=40, required=True)
    after = Text(longest=40, load_default="")
    limit = QueryNumber(least=1, most=1000, load_default=100)


class HindrancesSchema(Schema):
    cases = fields.List(fields.Nested(CaseSchema))
    next = fields.String(allow_none=True)


@season_turns.get("/season-turns/<season>/hindrances")
@allow(*READERS)
@season_turns.arguments(HindrancesQuery, location="query")
@season_turns.response(200, HindrancesSchema)
def get_hindrances(query: dict[str, Any], season: str) -> Any:
    """One kind of what stands in the way, case by case."""
    with commands().reading() as work:
        return hindrances(work, _season(season), kind=query["kind"], after=query["after"], limit=query["limit"])


def _refund_orders(season: int) -> list[RefundOrder] | None:
    try:
        return payments().open_refund_orders(season)
    except PaymentsUnavailable:
        return None


def _season(text: str) -> int:
    try:
        return int(SeasonField().deserialize(text))
    except (ValidationError, InvalidInput):
        raise UnknownSeason("there is no such season", season=text[:20]) from None


def commands() -> Commands:
    found: Commands = current_app.extensions["commands"]
    return found
