"""What the routes of this service find in their app."""

from __future__ import annotations

from flask import current_app

from services.bank_gateway.errands import Errands
from services.bank_gateway.gateways.outside import Outside
from shared.chassis.unit_of_work import Commands

CLERKS = ("clerk", "supervisor", "finance")
"""Who may prepare and exchange batches."""

READERS = (*CLERKS, "cashier", "auditor")


def commands() -> Commands:
    found: Commands = current_app.extensions["commands"]
    return found


def errands() -> Errands:
    found: Errands = current_app.extensions["errands"]
    return found


def outside() -> Outside:
    return errands().outside
