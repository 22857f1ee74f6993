"""The shapes in which batches are asked for and told."""

from __future__ import annotations

from marshmallow import Schema, fields

from shared.chassis.schemas import QueryNumber

NUMBER_MAX = 2**62


class BatchQuery(Schema):
    bank = fields.String()
    state = fields.String()
    overdue = fields.Boolean(truthy={"true"}, falsy={"false"}, load_default=False)
    before = QueryNumber(least=1, most=NUMBER_MAX, load_default=NUMBER_MAX)
    limit = QueryNumber(least=1, most=500, load_default=50)


class PageQuery(Schema):
    after = QueryNumber(least=0, most=2**31 - 1, load_default=0)
    limit = QueryNumber(least=1, most=1000, load_default=100)


class RemarkQuery(PageQuery):
    reason = fields.String()


class BatchHeadSchema(Schema):
    batch_no = fields.Integer()
    bank = fields.String()
    state = fields.String()
    as_of = fields.String()
    answer_due_on = fields.String(metadata={"description": "the last day on which the bank's answer is in time"})
    overdue = fields.Boolean()
    count = fields.Integer()
    amount = fields.String()


class BatchesSchema(Schema):
    batches = fields.List(fields.Nested(BatchHeadSchema))
    next = fields.Integer(allow_none=True)


class BatchSchema(BatchHeadSchema):
    profile = fields.String()
    waits_for = fields.String(allow_none=True)
    file_no = fields.String()
    adopted = fields.Boolean()
    sent = fields.Integer()
    remarks = fields.Dict()
    withdrawn = fields.Dict()
    claims = fields.Dict()
    file = fields.Dict(allow_none=True)
    succeeded = fields.Integer()
    failed = fields.Integer()
    unknown = fields.Integer()  # type: ignore[assignment]  # as the answer names it; Schema reads Meta.unknown
    collected = fields.String()
    classes = fields.Dict()
    posted = fields.Integer()
    settled = fields.String()
    credit = fields.String()
    posting = fields.Dict(allow_none=True)
    history = fields.List(fields.Dict())


class HandedOverSchema(Schema):
    batch_no = fields.Integer()
    state = fields.String()
    count = fields.Integer()
    amount = fields.String()
    withdrawn = fields.Integer()


class RecalledSchema(Schema):
    batch_no = fields.Integer()
    state = fields.String()
    recalled = fields.Integer()


class WithdrawnSchema(HandedOverSchema):
    pass


class ItemSchema(Schema):
    item_no = fields.Integer()
    key = fields.String()
    account_no = fields.String()
    bank_account = fields.String()
    amount = fields.String()
    state = fields.String()
    reason = fields.String(allow_none=True)
    collected = fields.String(allow_none=True)


class ItemsSchema(Schema):
    items = fields.List(fields.Nested(ItemSchema))
    next = fields.Integer(allow_none=True)


class RemarkSchema(Schema):
    item_no = fields.Integer()
    account_no = fields.String()
    reason = fields.String()
    detail = fields.String()
    claimed = fields.String(allow_none=True)


class RemarksSchema(Schema):
    remarks = fields.List(fields.Nested(RemarkSchema))
    next = fields.Integer(allow_none=True)
