"""Debit batches: built, handed over, taken back, looked at."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from marshmallow import Schema, fields, validate

from services.bank_gateway.api.banks import CODE
from services.bank_gateway.api.batch_schemas import (
    BatchesSchema,
    BatchQuery,
    BatchSchema,
    HandedOverSchema,
    ItemsSchema,
    PageQuery,
    RecalledSchema,
    RemarkQuery,
    RemarksSchema,
    WithdrawnSchema,
)  # fmt: skip
from services.bank_gateway.api.wiring import CLERKS, READERS, commands, errands, outside
from services.bank_gateway.queries import batches as views
from services.bank_gateway.use_cases.build_debits import BuildDebits, build_debits
from services.bank_gateway.use_cases.hand_over_batch import HandOverBatch, hand_over_batch
from services.bank_gateway.use_cases.recall_batch import RecallBatch, recall_batch
from services.bank_gateway.use_cases.withdraw_debits import WithdrawDebits, withdraw_debits
from shared.chassis.auth import allow
from shared.chassis.codec import canonical, strict_json
from shared.chassis.http import Blueprint, answered, caller, idempotency_key, json_body
from shared.chassis.schemas import AccountNo, Day, Flag, Text
from shared.kernel.errors import NotFound

batches = Blueprint("batches", "batches", description="Debit batches")


class BuildSchema(Schema):
    bank = fields.String(required=True, validate=CODE)
    as_of = Day()
    hand_over = Flag(load_default=True)


@batches.post("/batches")
@allow(*CLERKS)
@batches.arguments(BuildSchema)
@batches.alt_response(201, schema=BatchSchema, description="Built, and handed over if asked")
@batches.alt_response(202, schema=BatchSchema, description="Large, or payments is away: it goes on by itself")
def post_batches(body: dict[str, Any]) -> Response:
    """Collect what a bank's customers owe into a debit file. Needs an Idempotency-Key."""
    key = idempotency_key()
    opened = commands().run(
        build_debits, BuildDebits(**body), caller=caller(), key=key, request=json_body(), status=201
    )
    batch_no = strict_json(opened.body.decode())["batch_no"]
    errands().go_on(batch_no, caller=caller())
    return _shown(batch_no)


class HandOverSchema(Schema):
    pass


@batches.post("/batches/<int:batch_no>/hand-over")
@allow(*CLERKS)
@batches.arguments(HandOverSchema)
@batches.alt_response(201, schema=HandedOverSchema)
def post_hand_over(_: dict[str, Any], batch_no: int) -> Response:
    """The file leaves: from now on nothing of it can be taken back. Needs an Idempotency-Key."""
    key = idempotency_key()
    answer = commands().run(hand_over_batch, HandOverBatch(_checked(batch_no)), caller=caller(), key=key,
                            request=[batch_no, json_body()], status=201)  # fmt: skip
    errands().go_on(batch_no, caller=caller())
    return answered(answer)


class WithdrawSchema(Schema):
    account_nos = fields.List(AccountNo(), validate=validate.Length(1, 1000))


@batches.post("/batches/<int:batch_no>/withdrawals")
@allow(*CLERKS)
@batches.arguments(WithdrawSchema)
@batches.alt_response(201, schema=WithdrawnSchema)
def post_withdrawals(body: dict[str, Any], batch_no: int) -> Response:
    """Take items, or without a list the whole batch, back before it is handed over. Needs an Idempotency-Key."""
    key = idempotency_key()
    account_nos = tuple(body["account_nos"]) if "account_nos" in body else None
    answer = commands().run(withdraw_debits, WithdrawDebits(_checked(batch_no), account_nos), caller=caller(), key=key,
                            request=[batch_no, json_body()], status=201)  # fmt: skip
    errands().go_on(batch_no, caller=caller())
    return answered(answer)


class RecallSchema(Schema):
    reason = Text(longest=200, required=True)


@batches.post("/batches/<int:batch_no>/recalls")
@allow("supervisor", "finance")
@batches.arguments(RecallSchema)
@batches.alt_response(201, schema=RecalledSchema)
def post_recalls(body: dict[str, Any], batch_no: int) -> Response:
    """The bank did not take an overdue batch and will not: its homes are free. Needs an Idempotency-Key."""
    key = idempotency_key()
    command = RecallBatch(_checked(batch_no), body["reason"])
    answer = commands().run(
        recall_batch, command, caller=caller(), key=key, request=[batch_no, json_body()], status=201
    )
    errands().go_on(batch_no, caller=caller())
    return answered(answer)


@batches.get("/batches")
@allow(*READERS)
@batches.arguments(BatchQuery, location="query")
@batches.response(200, BatchesSchema)
def get_batches(query: dict[str, Any]) -> Any:
    """Batches, the newest first; with ``overdue=true`` only those that the bank should have answered by now."""
    with commands().reading() as work:
        return views.batches(work, bank=query.get("bank"), state=query.get("state"), overdue=query["overdue"],
                             before=query["before"], limit=query["limit"])  # fmt: skip


@batches.get("/batches/<int:batch_no>")
@allow(*READERS)
@batches.response(200, BatchSchema)
def get_batch(batch_no: int) -> Any:
    """A batch as it stands; ``posting`` is there as long as results are on their way into the books."""
    with commands().reading() as work:
        return views.batch_view(work, _checked(batch_no))


@batches.get("/batches/<int:batch_no>/items")
@allow(*READERS)
@batches.arguments(PageQuery, location="query")
@batches.response(200, ItemsSchema)
def get_items(query: dict[str, Any], batch_no: int) -> Any:
    """Items and what became of each."""
    with commands().reading() as work:
        return views.batch_items(work, _checked(batch_no), after=query["after"], limit=query["limit"])


@batches.get("/batches/<int:batch_no>/remarks")
@allow(*READERS)
@batches.arguments(RemarkQuery, location="query")
@batches.response(200, RemarksSchema)
def get_remarks(query: dict[str, Any], batch_no: int) -> Any:
    """Accounts that were passed over, and why."""
    with commands().reading() as work:
        return views.batch_remarks(work, _checked(batch_no), reason=query.get("reason"), after=query["after"],
                                   limit=query["limit"])  # fmt: skip


@batches.get("/batches/<int:batch_no>/file")
@allow(*CLERKS)
@batches.alt_response(200, content_type="application/octet-stream", schema={"type": "string", "format": "binary"})
def get_file(batch_no: int) -> Response:
    """The file that goes, or went, to the bank; its name is in ``X-File-Name``."""
    with commands().reading() as work:
        file = views.sent_file(work, _checked(batch_no))
    folder = outside().folder
    for part in ("out", "built"):
        if file is not None and folder.holds(part, file.name, file.sha256):
            response = Response(folder.open(part, file.name), mimetype="application/octet-stream")
            response.headers["X-File-Name"] = file.name
            response.headers["Content-Length"] = str(file.size)
            return response
    raise NotFound("this batch has no file here", batch_no=batch_no)


def _shown(batch_no: int) -> Response:
    with commands().reading() as work:
        view = views.batch_view(work, batch_no)
    status = 202 if view["waits_for"] else 201
    place = {"Location": f"{request.path}/{batch_no}"}
    return Response(canonical(view), status=status, mimetype="application/json", headers=place)


def _checked(batch_no: int) -> int:
    if not 0 < batch_no < 2**62:
        raise NotFound("there is no such batch", batch_no=str(batch_no)[:40])
    return batch_no
