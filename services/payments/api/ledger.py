"""The books as a whole."""

from __future__ import annotations

from typing import Any

from flask import current_app
from marshmallow import Schema, fields

from services.payments.queries.completeness import completeness
from services.payments.queries.trial_balance import trial_balance
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint
from shared.chassis.unit_of_work import Commands

ledger = Blueprint("ledger", "ledger", description="The double-entry ledger")


class LedgerAccountSchema(Schema):
    code = fields.String()
    name = fields.String()
    kind = fields.String()
    debit = fields.String()
    credit = fields.String()
    balance = fields.String()


class TrialBalanceSchema(Schema):
    accounts = fields.List(fields.Nested(LedgerAccountSchema))
    debits = fields.String()
    credits = fields.String()
    open_receivables = fields.String()
    open_credits = fields.String()
    balanced = fields.Boolean()


@ledger.get("/ledger/trial-balance")
@allow("supervisor", "finance", "auditor")
@ledger.response(200, TrialBalanceSchema)
def get_trial_balance() -> Any:
    """Debits and credits of every account; ``balanced`` compares them, and the books with their rows."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return trial_balance(work)


class EquationSchema(Schema):
    equation = fields.String()
    left = fields.String()
    right = fields.String()
    agrees = fields.Boolean()


class CompletenessSchema(Schema):
    equations = fields.List(fields.Nested(EquationSchema))
    differing = fields.Dict()
    receipt_gaps = fields.Dict()
    complete = fields.Boolean()


@ledger.get("/ledger/completeness")
@allow("finance", "auditor")
@ledger.response(200, CompletenessSchema)
def get_completeness() -> Any:
    """The equations of money and of bills, to the fen, and the rows that differ."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return completeness(work)
