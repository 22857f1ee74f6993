"""The blacklist: persons with whom nothing new is begun."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from marshmallow import Schema, fields, validate

from services.accounts.api.account_verbs import LIST
from services.accounts.domain.blacklist import Person
from services.accounts.domain.new_account import ID_NUMBERS
from services.accounts.queries.blacklist import blacklist_page
from services.accounts.use_cases.blacklist_customer import BlacklistCustomer, blacklist_customer
from services.accounts.use_cases.remove_from_blacklist import RemoveFromBlacklist, remove_from_blacklist
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint, answered, caller, idempotency_key, json_body
from shared.chassis.schemas import AccountNo, QueryNumber, Text, WholeNumber
from shared.chassis.unit_of_work import Commands

blacklist = Blueprint("blacklist", "blacklist", description="Persons with whom nothing new is begun")


class PersonSchema(Schema):
    account_no = AccountNo(metadata={"description": "its present owner"})
    id_type = fields.String(validate=validate.OneOf(list(ID_NUMBERS)))
    id_no = Text(longest=18)


class ListPersonsSchema(Schema):
    persons = fields.List(fields.Nested(PersonSchema), required=True, validate=LIST)
    reason = Text(longest=200, required=True)


class BlacklistEntrySchema(Schema):
    entry_id = fields.Integer()
    since = fields.String()
    removed = fields.String()


class BlacklistEntriesSchema(Schema):
    entries = fields.List(fields.Nested(BlacklistEntrySchema))


@blacklist.post("/blacklist")
@allow("supervisor")
@blacklist.arguments(ListPersonsSchema)
@blacklist.alt_response(201, schema=BlacklistEntriesSchema, description="Listed from today on")
def post_blacklist(body: dict[str, Any]) -> Response:
    """Put persons on the blacklist, by ID number or as owners of accounts. Needs an Idempotency-Key."""
    persons = tuple(Person(**person) for person in body["persons"])
    return _done(blacklist_customer, BlacklistCustomer(persons, body["reason"]))


class RemoveSchema(Schema):
    entries = fields.List(WholeNumber(least=1, most=2**62), required=True, validate=LIST)
    reason = Text(longest=200, required=True)


@blacklist.post("/blacklist/removals")
@allow("supervisor")
@blacklist.arguments(RemoveSchema)
@blacklist.alt_response(201, schema=BlacklistEntriesSchema, description="Taken off")
def post_blacklist_removals(body: dict[str, Any]) -> Response:
    """Take entries off the blacklist. Needs an Idempotency-Key."""
    return _done(remove_from_blacklist, RemoveFromBlacklist(tuple(body["entries"]), body["reason"]))


class BlacklistLineSchema(BlacklistEntrySchema):
    id_type = fields.String(allow_none=True)
    id_no = fields.String(allow_none=True, metadata={"description": "masked"})
    name = fields.String(allow_none=True, metadata={"description": "of a customer without a number"})
    reason = fields.String()
    by = fields.String()
    removed_on = fields.String(allow_none=True)
    removed_because = fields.String(allow_none=True)

    class Meta:
        exclude = ("removed",)


class BlacklistSchema(Schema):
    entries = fields.List(fields.Nested(BlacklistLineSchema))
    next = fields.Integer(allow_none=True)


class BlacklistQuery(Schema):
    after = QueryNumber(least=0, most=2**62, load_default=0)
    limit = QueryNumber(least=1, most=1000, load_default=100)
    history = fields.String(load_default="false", validate=validate.OneOf(["true", "false"]))


@blacklist.get("/blacklist")
@allow("clerk", "supervisor", "finance", "auditor")
@blacklist.arguments(BlacklistQuery, location="query")
@blacklist.response(200, BlacklistSchema)
def get_blacklist(query: dict[str, Any]) -> Any:
    """Who is on the list, a page at a time; with ``history=true`` also who was."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return blacklist_page(work, after=query["after"], limit=query["limit"], history=query["history"] == "true")


def _done(use_case: Any, command: Any) -> Response:
    key = idempotency_key()
    commands: Commands = current_app.extensions["commands"]
    return answered(commands.run(use_case, command, caller=caller(), key=key, request=json_body(), status=201))
