"""Who is who in the bank gateway: the app's routes, the events it listens to, and the errands it runs."""

from __future__ import annotations

from flask import Flask

from services.bank_gateway.api.bank_days import bank_days
from services.bank_gateway.api.bank_files import bank_files
from services.bank_gateway.api.banks import banks
from services.bank_gateway.api.batches import batches
from services.bank_gateway.api.mandates import mandates
from services.bank_gateway.consumer import HANDLERS, IGNORED
from services.bank_gateway.errands import ErrandRunner, Errands
from services.bank_gateway.gateways.folder import WorkFolder
from services.bank_gateway.gateways.outside import Outside
from services.bank_gateway.gateways.payments import Client, Payments
from shared.chassis.http import make_app
from shared.chassis.operations import operations
from shared.chassis.runtime import Runtime, Worker
from shared.chassis.settings import BadSetting
from shared.chassis.unit_of_work import Busy

SERVICE = "bank_gateway"

CONFLICTS = {
    "mandates_one_live": Busy("somebody else is changing these mandates"),
    "batches_identity_once": Busy("another batch of this bank is being opened"),
    "files_accepted_once": Busy("this file is being taken"),
    "bank_names_pkey": Busy("another bank is being declared under this name"),
}
"""What to answer when two commands race for the same, by the constraint that tells."""


def outside_of(runtime: Runtime, client: Client | None = None) -> Outside:
    """The payments service and the work folder. Refuses `bad_setting` without a folder."""
    if runtime.settings.work_folder is None:
        raise BadSetting("is not set", place="NUAN_WORK_FOLDER")
    return Outside(Payments(client or runtime.client("payments")), WorkFolder(runtime.settings.work_folder))


def web(runtime: Runtime, client: Client | None = None) -> Flask:
    """``client`` asks payments; the signed one of the runtime when none is given."""
    runtime.commands.conflicts.update(CONFLICTS)
    errands = Errands(runtime.commands, outside_of(runtime, client))
    return make_app(SERVICE, title="Nuan bank gateway", keys=runtime.keys,
                    blueprints=[operations, banks, mandates, batches, bank_files, bank_days],
                    extensions={"engine": runtime.engine, "commands": runtime.commands, "errands": errands})  # fmt: skip


def worker(runtime: Runtime, client: Client | None = None) -> Worker:
    runtime.commands.conflicts.update(CONFLICTS)
    errands = Errands(runtime.commands, outside_of(runtime, client))
    return Worker(runtime, handlers=HANDLERS, ignored=IGNORED, extra=[
        lambda stop: ErrandRunner(errands, stop=stop, poll_seconds=runtime.settings.poll_seconds)
    ])  # fmt: skip
