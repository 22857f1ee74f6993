"""Relief: who else bears a share of what a home costs."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from flask import Response
from marshmallow import Schema, ValidationError, fields, validate

from services.accounts.api.account_verbs import LIST, CorrectionSchema, VerbSchema, done
from services.accounts.api.fields import Area, Measure
from services.accounts.domain.price_class import PRICE_CLASSES
from services.accounts.domain.relief import AskedRelief
from services.accounts.domain.relief_kind import PRICE_CLASS, REIMBURSE, SPLIT_BILL
from services.accounts.use_cases.end_relief import Ending, EndRelief, end_relief
from services.accounts.use_cases.grant_relief import GrantRelief, grant_relief
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint
from shared.chassis.schemas import AccountNo, Day, Text

reliefs = Blueprint("reliefs", "reliefs", description="Who else bears a share")

MECHANISMS = (SPLIT_BILL, REIMBURSE, PRICE_CLASS)

KIND = validate.Regexp(r"\A[a-z][a-z_]{0,39}\Z")
_PERCENT = re.compile(r"(0|[1-9][0-9]{0,2})(\.[0-9]{1,4})?", re.ASCII)


class Percent(fields.Field[Decimal]):
    """A percentage as text, 0 to 100 with at most four decimals: ``"85"``."""

    def __init__(self, **arguments: Any) -> None:
        super().__init__(metadata={"type": "string", "pattern": f"^{_PERCENT.pattern}$", "example": "85"}, **arguments)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        if not isinstance(value, str) or _PERCENT.fullmatch(value) is None or Decimal(value) > 100:
            raise ValidationError('A percentage is text from 0 to 100 with at most four decimals, as "85".')
        return Decimal(value)


class AskedReliefSchema(Schema):
    account_no = AccountNo(required=True)
    kind = fields.String(required=True, validate=KIND)
    payer = Text(longest=80)
    share_pct = Percent()
    cap_m2 = Area()
    mechanism = fields.String(validate=validate.OneOf(MECHANISMS))
    price = Measure(digits=4, decimals=4)
    price_class = fields.String(validate=validate.OneOf(list(PRICE_CLASSES)))
    proof_until = Day()
    holder = Text(longest=80, metadata={"description": "who is named in the proof"})
    relative = Text(longest=40, metadata={"description": "how the holder is related to the owner, where he is another"})
    late_because = Text(longest=200)


class GrantReliefSchema(VerbSchema):
    reliefs = fields.List(fields.Nested(AskedReliefSchema), required=True, validate=LIST)


class GrantedSchema(Schema):
    account_no = fields.String()
    season = fields.String()
    kind = fields.String()
    payer = fields.String()
    mechanism = fields.String()
    corrections = fields.List(fields.Nested(CorrectionSchema))


class GrantedListSchema(Schema):
    accounts = fields.List(fields.Nested(GrantedSchema))


@reliefs.post("/accounts/reliefs")
@allow("supervisor")
@reliefs.arguments(GrantReliefSchema)
@reliefs.alt_response(201, schema=GrantedListSchema, description="Granted for the current season; all or nothing")
def post_reliefs(body: dict[str, Any]) -> Response:
    """Relief that was approved: another payer bears a share from today on. Needs an Idempotency-Key."""
    return done(grant_relief, granting(body))


def granting(body: dict[str, Any]) -> GrantRelief:
    asked = tuple((one.pop("account_no"), AskedRelief(**one)) for one in body["reliefs"])
    return GrantRelief(asked, body["reason"], body["preview"])


class EndingSchema(Schema):
    account_no = AccountNo(required=True)
    kind = fields.String(required=True, validate=KIND)
    payer = Text(longest=80)
    until_on = Day(metadata={"description": "the first day for which it does not hold; without it: it never held"})


class EndReliefSchema(VerbSchema):
    endings = fields.List(fields.Nested(EndingSchema), required=True, validate=LIST)


@reliefs.post("/accounts/reliefs/endings")
@allow("supervisor")
@reliefs.arguments(EndReliefSchema)
@reliefs.alt_response(201, schema=GrantedListSchema, description="Ended in the current season; all or nothing")
def post_relief_endings(body: dict[str, Any]) -> Response:
    """Take back relief that was granted by mistake, or end it from a day on. Needs an Idempotency-Key."""
    return done(end_relief, ending(body))


def ending(body: dict[str, Any]) -> EndRelief:
    return EndRelief(tuple(Ending(**each) for each in body["endings"]), body["reason"], body["preview"])
