"""Who is who in payments: the app's routes and the events it listens to."""

from __future__ import annotations

from flask import Flask

from services.payments.api.accounts import accounts
from services.payments.api.debits import debits
from services.payments.api.late_fee_waivers import late_fee_waivers
from services.payments.api.ledger import ledger
from services.payments.api.payments import payments
from services.payments.consumer import HANDLERS, IGNORED
from services.payments.storage.serials import DuplicateSerial
from services.payments.use_cases.claim_debits import ItemAlreadyClaimed
from shared.chassis.http import make_app
from shared.chassis.operations import operations
from shared.chassis.runtime import Runtime, Worker
from shared.kernel.lifecycle import TransitionRefused

SERVICE = "payments"


def web(runtime: Runtime) -> Flask:
    runtime.commands.conflicts.update(
        payments_serial_once=DuplicateSerial("this serial is in the books"),
        waiver_decisions_pkey=TransitionRefused("somebody else has decided on this request"),
        holds_item_once=ItemAlreadyClaimed("this item of the batch is claimed"),
    )
    return make_app(SERVICE, title="Nuan payments", keys=runtime.keys,
                    blueprints=[operations, payments, accounts, ledger, debits, late_fee_waivers],
                    extensions={"engine": runtime.engine, "commands": runtime.commands})  # fmt: skip


def worker(runtime: Runtime) -> Worker:
    return Worker(runtime, handlers=HANDLERS, ignored=IGNORED)
