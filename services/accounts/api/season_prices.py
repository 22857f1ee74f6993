"""The price of a season that was billed: settled after a provisional one, corrected where it was entered wrongly."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from services.accounts.api.account_verbs import done
from services.accounts.api.trial import assert_trial
from services.accounts.use_cases.correct_price import CorrectPrice, correct_price
from services.accounts.use_cases.post_price_differences import PostPriceDifferences, post_price_differences
from services.accounts.use_cases.settle_provisional_price import SettleProvisionalPrice, settle_provisional_price
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint
from shared.chassis.schemas import AccountNo, Flag, SeasonField, Text

season_prices = Blueprint("season_prices", "season_prices", description="Another price of a season that was billed")

DECIDERS = ("system_admin", "supervisor")
_PRICES = ("price_residential", "price_nonresidential", "segments", "published")


def _value(longest: int) -> fields.String:
    return fields.String(validate=validate.Length(1, longest))


class SeasonPriceSchema(Schema):
    """Without a price, those of the policy in force hold. ``after``: a preview shows the homes after this one."""

    season = SeasonField(required=True)
    reason = Text(longest=200, required=True)
    price_residential = _value(20)
    price_nonresidential = _value(20)
    segments = _value(400)
    published = _value(200)
    after = AccountNo(load_default="")
    preview = Flag(load_default=False)


class PriceSumsSchema(Schema):
    homes = fields.Integer()
    amount = fields.String()


class PriceCauseSchema(Schema):
    cause = fields.String()
    homes = fields.Integer()
    difference = fields.String()


class RepricedHomeSchema(Schema):
    account_no = fields.String()
    price_class = fields.String()
    before = fields.String()
    after = fields.String()
    difference = fields.String()
    why = fields.String()
    why_en = fields.String()


class PricePageSchema(Schema):
    season = fields.String()
    homes = fields.Integer()
    more = fields.Nested(PriceSumsSchema, metadata={"description": "extra lines"})
    less = fields.Nested(PriceSumsSchema, metadata={"description": "reductions, below zero"})
    next = fields.String(allow_none=True)
    locked = fields.List(fields.String(), metadata={"description": "homes that a lock holds back"})


class PriceDecidedSchema(PricePageSchema):
    """``decision_id`` and ``kind`` of a decision, everything else of a preview."""

    decision_id = fields.Integer()
    kind = fields.String()
    causes = fields.List(fields.Nested(PriceCauseSchema))
    top = fields.List(fields.Nested(RepricedHomeSchema))


def prices_in(body: dict[str, Any]) -> dict[str, str]:
    return {name: body[name] for name in _PRICES if name in body}


def settlement(body: dict[str, Any]) -> SettleProvisionalPrice:
    """The command of a `SeasonPriceSchema` body."""
    return SettleProvisionalPrice(body["season"], body["reason"], prices_in(body), body["after"], body["preview"])


def price_correction(body: dict[str, Any]) -> CorrectPrice:
    """The command of a `SeasonPriceSchema` body."""
    return CorrectPrice(body["season"], body["reason"], prices_in(body), body["after"], body["preview"])


@season_prices.post("/seasons/settled-prices")
@allow(*DECIDERS)
@season_prices.arguments(SeasonPriceSchema)
@season_prices.alt_response(201, schema=PriceDecidedSchema, description="Decided; nothing is posted yet")
def post_settled_prices(body: dict[str, Any]) -> Response:
    """The final price in place of a provisional one; in earnest by `POST /approvals`. Needs an Idempotency-Key."""
    if not body["preview"]:
        assert_trial("one person cannot change what everybody pays")
    return done(settle_provisional_price, settlement(body))


@season_prices.post("/seasons/corrected-prices")
@allow(*DECIDERS)
@season_prices.arguments(SeasonPriceSchema)
@season_prices.alt_response(201, schema=PriceDecidedSchema, description="Decided; nothing is posted yet")
def post_corrected_prices(body: dict[str, Any]) -> Response:
    """The right price in place of a wrong one; in earnest by `POST /approvals`. Needs an Idempotency-Key."""
    if not body["preview"]:
        assert_trial("one person cannot change what everybody pays")
    return done(correct_price, price_correction(body))


class PricePagesSchema(Schema):
    season = SeasonField(required=True)
    after = AccountNo(load_default="")
    preview = Flag(load_default=False)


@season_prices.post("/seasons/price-differences")
@allow("supervisor", "finance")
@season_prices.arguments(PricePagesSchema)
@season_prices.alt_response(
    201, schema=PricePageSchema, description="Posted; ask again after ``next`` until it is null"
)
def post_differences(body: dict[str, Any]) -> Response:
    """Post what a decided price means for the next thousand homes. Needs an Idempotency-Key."""
    command = PostPriceDifferences(body["season"], body["after"], body["preview"])
    return done(post_price_differences, command)
