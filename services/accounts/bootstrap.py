"""Who is who in accounts: the app's routes, the events it listens to, and the loop that bills."""

from __future__ import annotations

import threading
from collections.abc import Callable

from flask import Flask

from services.accounts.api.account_batches import account_batches
from services.accounts.api.account_bills import account_bills
from services.accounts.api.account_joins import account_joins
from services.accounts.api.account_locks import account_locks
from services.accounts.api.accounts import accounts
from services.accounts.api.approval_terms import approval_terms
from services.accounts.api.approvals import approvals
from services.accounts.api.area_components import area_components
from services.accounts.api.audit import audit
from services.accounts.api.batch_verbs import carry_out_by, is_already
from services.accounts.api.billing_runs import billing_runs
from services.accounts.api.blacklist import blacklist
from services.accounts.api.branches import branches
from services.accounts.api.buildings import buildings
from services.accounts.api.calendar import calendar
from services.accounts.api.claims import claims
from services.accounts.api.connections import connections
from services.accounts.api.documents import documents
from services.accounts.api.exports import exports
from services.accounts.api.imports import imports
from services.accounts.api.lifecycle import lifecycle
from services.accounts.api.listings import lists
from services.accounts.api.metered_heat import metered_heat
from services.accounts.api.month_ends import month_ends
from services.accounts.api.partner_webhooks import webhooks
from services.accounts.api.payer_groups import payer_groups
from services.accounts.api.plans import plans
from services.accounts.api.policies import policies
from services.accounts.api.refund_entitlements import refund_entitlements
from services.accounts.api.relief_lists import relief_lists
from services.accounts.api.reliefs import reliefs
from services.accounts.api.reports import reports
from services.accounts.api.season_prices import season_prices
from services.accounts.api.season_turns import season_turns
from services.accounts.api.staff import staff
from services.accounts.api.suspension_applications import applications as suspension_applications
from services.accounts.api.unknown_homes import unknown_homes
from services.accounts.api.work_orders import work_orders
from services.accounts.batching import Batching
from services.accounts.billing import Billing
from services.accounts.consumer import HANDLERS, IGNORED
from services.accounts.domain.connection_charge import ReceiptTaken
from services.accounts.domain.month_end import MonthTaken
from services.accounts.domain.suspension_application import AlreadyAsked
from services.accounts.domain.work_order import SealUsed
from services.accounts.exporting import Exporting
from services.accounts.gateways.payments import Client, Payments
from services.accounts.storage.documents import DocumentWithdrawn
from services.accounts.storage.new_accounts import AccountNoTaken, FlatTaken
from services.accounts.telling import TELLERS, Partners, Telling
from services.accounts.use_cases.add_staff import LoginTaken
from services.accounts.use_cases.open_groups import GroupKnown
from shared.chassis.http import make_app
from shared.chassis.leftovers import sweep
from shared.chassis.operations import operations
from shared.chassis.runtime import Runtime, Worker
from shared.chassis.sealing import Seals
from shared.chassis.unit_of_work import Busy
from shared.kernel.lifecycle import TransitionRefused

SERVICE = "accounts"

CONFLICTS = {
    "heat_accounts_pkey": AccountNoTaken("this number has an account"),
    "payer_groups_code_once": GroupKnown("this code is taken"),
    "payer_groups_name_once": GroupKnown("this name is taken"),
    "premises_flat_once": FlatTaken("this flat has an account"),
    "bills_one_live": Busy("these homes are being billed by another run"),
    "month_ends_pkey": MonthTaken("somebody else has taken this month"),
    "month_end_rows_pkey": MonthTaken("somebody else has taken this month"),
    "approval_decisions_pkey": TransitionRefused("somebody else has decided on this request"),
    "connection_payments_receipt_once": ReceiptTaken("another contract was paid by this receipt"),
    "approval_delegations_ended_pkey": TransitionRefused("somebody else has ended this delegation"),
    "suspension_applications_one_open": AlreadyAsked("an application of this home was made just now"),
    "work_results_seal_once": SealUsed("this seal was put on at another home just now"),
    "work_orders_one_waiting": Busy("the same work is being ordered for this home"),
    "document_withdrawals_pkey": DocumentWithdrawn("somebody else has withdrawn this document"),
    "staff_pkey": LoginTaken("this login has been given to somebody"),
}
"""What to answer when two commands race for the same, by the constraint that tells."""


BLUEPRINTS = (
    operations,
    accounts,
    account_bills,
    connections,
    lifecycle,
    account_batches,
    account_joins,
    unknown_homes,
    account_locks,
    blacklist,
    metered_heat,
    area_components,
    imports,
    billing_runs,
    policies,
    refund_entitlements,
    reliefs,
    relief_lists,
    payer_groups,
    claims,
    lists,
    reports,
    season_prices,
    season_turns,
    exports,
    webhooks,
    branches,
    month_ends,
    plans,
    approvals,
    approval_terms,
    documents,
    audit,
    calendar,
    work_orders,
    suspension_applications,
    buildings,
    staff,
)
"""What the service is asked for, one resource a module."""


def web(runtime: Runtime, client: Client | None = None) -> Flask:
    """``client`` asks payments; the signed one of the runtime when none is given."""
    runtime.commands.conflicts.update(CONFLICTS)
    folder = runtime.settings.work_folder
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        sweep(folder, "import-*", "upload-*")
    return make_app(
        SERVICE,
        title="Nuan accounts",
        keys=runtime.keys,
        blueprints=list(BLUEPRINTS),
        extensions={
            "engine": runtime.engine,
            "commands": runtime.commands,
            "payments": Payments(client or runtime.client("payments")),
            "environment": runtime.settings.environment,
            "work_folder": folder,
            "seals": Seals(runtime.settings.keys_folder, SERVICE),
            "document_bytes_max": runtime.settings.document_bytes_max,
        },
    )


def worker(runtime: Runtime) -> Worker:
    runtime.commands.conflicts.update(CONFLICTS)
    poll_seconds = min(0.5, runtime.settings.poll_seconds)
    carry_out = carry_out_by(Payments(runtime.client("payments")).overdue)
    extra: list[Callable[[threading.Event], threading.Thread]] = [
        lambda stop: Billing(runtime.commands, stop=stop, poll_seconds=poll_seconds),
        lambda stop: Batching(runtime.commands, carry_out, is_already, stop=stop, poll_seconds=poll_seconds),
    ]
    if (folder := runtime.settings.work_folder) is not None:
        extra.append(lambda stop: Exporting(runtime.commands, folder, stop=stop, poll_seconds=poll_seconds))
    partners = Partners(runtime.commands, Seals(runtime.settings.keys_folder, SERVICE), trial=runtime.settings.is_trial)
    tellers = max(1, min(TELLERS, runtime.settings.pool_size // 3))  # each keeps a connection while a partner is slow
    extra += [lambda stop: Telling(partners, stop=stop, poll_seconds=poll_seconds)] * tellers
    return Worker(runtime, handlers=HANDLERS, ignored=IGNORED, extra=extra)
