"""Banks: who takes our files, and how."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from services.bank_gateway.api.wiring import READERS, commands
from services.bank_gateway.domain.debit_item import PURPOSE
from services.bank_gateway.formats import FORMATS
from services.bank_gateway.queries.banks import banks as all_banks
from services.bank_gateway.use_cases.declare_bank import DeclareBank, declare_bank
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint, answered, caller
from shared.chassis.schemas import Text

banks = Blueprint("banks", "banks", description="Banks and the layouts of their files")

CODE = validate.Regexp(r"\A[A-Z][A-Z0-9_]{1,19}\Z", error="A code is 2 to 20 capitals and digits.")


class BankNameSchema(Schema):
    name = Text(longest=80, required=True)
    bank_code = fields.String(validate=validate.Regexp(r"\A[0-9A-Za-z]{0,20}\Z"), load_default="")


class DeclareBankSchema(Schema):
    code = fields.String(required=True, validate=CODE)
    name = Text(longest=80, required=True)
    profile = fields.String(required=True, validate=validate.OneOf(list(FORMATS)))
    parameters = fields.Dict(keys=Text(longest=40), values=Text(longest=80), load_default=dict)
    bank_code = fields.String(validate=validate.Regexp(r"\A[0-9A-Za-z]{0,20}\Z"), load_default="")
    names = fields.List(fields.Nested(BankNameSchema), load_default=list, validate=validate.Length(0, 200))
    purpose = Text(longest=60, load_default=PURPOSE)


class DeclaredSchema(Schema):
    code = fields.String()
    profile = fields.String()
    changed = fields.Boolean()
    assigned_mandates = fields.Integer()


class BankSchema(Schema):
    code = fields.String()
    name = fields.String()
    profile = fields.String(allow_none=True)
    parameters = fields.Dict()
    purpose = fields.String()
    mandates = fields.Integer()
    names = fields.List(fields.Dict())


@banks.post("/banks")
@allow("supervisor", "finance", "system_admin")
@banks.arguments(DeclareBankSchema)
@banks.alt_response(200, schema=DeclaredSchema)
def post_banks(body: dict[str, Any]) -> Response:
    """Declare a bank, or change its declaration. The same again changes nothing."""
    names = {entry["name"]: entry["bank_code"] or body["bank_code"] for entry in body["names"]}
    command = DeclareBank(body["code"], body["name"], body["profile"], body["parameters"],
                          {body["name"]: body["bank_code"], **names}, body["purpose"])  # fmt: skip
    return answered(commands().run(declare_bank, command, caller=caller()))


@banks.get("/banks")
@allow(*READERS)
@banks.response(200, BankSchema(many=True))
def get_banks() -> Any:
    """The banks that are declared, and the names that nobody has declared yet."""
    with commands().reading() as work:
        return all_banks(work)
