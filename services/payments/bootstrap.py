"""Who is who in payments: the app's routes and the events it listens to."""

from __future__ import annotations

from flask import Flask

from services.payments.api.accounts import accounts
from services.payments.api.debits import debits
from services.payments.api.group_payments import group_payments
from services.payments.api.late_fee_waivers import late_fee_waivers
from services.payments.api.ledger import ledger
from services.payments.api.payments import payments
from services.payments.api.refund_orders import refund_orders
from services.payments.api.refunds import refunds
from services.payments.consumer import HANDLERS, IGNORED
from services.payments.gateways.accounts import Accounts, Client
from services.payments.storage.refunds import RunUnderWay
from services.payments.storage.serials import DuplicateSerial
from services.payments.use_cases.claim_debits import ItemAlreadyClaimed
from shared.chassis.http import make_app
from shared.chassis.operations import operations
from shared.chassis.runtime import Runtime, Worker
from shared.kernel.lifecycle import TransitionRefused

SERVICE = "payments"


def web(runtime: Runtime, client: Client | None = None) -> Flask:
    """``client`` asks accounts; the signed one of the runtime when none is given."""
    runtime.commands.conflicts.update(
        group_payments_serial_once=DuplicateSerial("this serial is in the books"),
        payments_serial_once=DuplicateSerial("this serial is in the books"),
        waiver_decisions_pkey=TransitionRefused("somebody else has decided on this request"),
        holds_item_once=ItemAlreadyClaimed("this item of the batch is claimed"),
        refund_orders_one_run=RunUnderWay("a run of this season has not ended"),
    )
    return make_app(SERVICE, title="Nuan payments", keys=runtime.keys,
                    blueprints=[operations, payments, group_payments, accounts, ledger, debits, late_fee_waivers, refunds,
                                refund_orders],
                    extensions={"engine": runtime.engine, "commands": runtime.commands,
                                "accounts": Accounts(client or runtime.client("accounts"))})  # fmt: skip


def worker(runtime: Runtime) -> Worker:
    return Worker(runtime, handlers=HANDLERS, ignored=IGNORED)
