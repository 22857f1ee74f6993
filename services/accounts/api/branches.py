"""Branches of the company, and the compounds that belong to them."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app
from marshmallow import Schema, fields

from services.accounts.api.account_verbs import LIST, VerbSchema, done
from services.accounts.queries.branches import branches as branches_of
from services.accounts.use_cases.assign_compounds import AssignCompounds, Assignment, assign_compounds
from shared.chassis.auth import allow
from shared.chassis.http import Blueprint
from shared.chassis.schemas import Day, QueryNumber, Text
from shared.chassis.unit_of_work import Commands

branches = Blueprint("branches", "branches", description="Branches and their compounds")

NAME_LONGEST = 80


class AssignmentSchema(Schema):
    compound = Text(longest=NAME_LONGEST, required=True)
    branch = Text(longest=NAME_LONGEST, required=True)
    valid_from = Day(metadata={"description": "without it, today"})


class AssignmentsSchema(VerbSchema):
    assignments = fields.List(fields.Nested(AssignmentSchema), required=True, validate=LIST)


class AssignedSchema(Schema):
    compound = fields.String()
    branch = fields.String()
    valid_from = fields.String()


class AssignedListSchema(Schema):
    assignments = fields.List(fields.Nested(AssignedSchema))


@branches.post("/branches/assignments")
@allow("supervisor", "finance")
@branches.arguments(AssignmentsSchema)
@branches.alt_response(201, schema=AssignedListSchema, description="They belong to these branches")
def post_assignments(body: dict[str, Any]) -> Response:
    """Say which branch compounds belong to, from a day on. Needs an Idempotency-Key."""
    assigned = tuple(Assignment(**assignment) for assignment in body["assignments"])
    return done(assign_compounds, AssignCompounds(assigned, body["reason"], body["preview"]))


class BranchesQuery(Schema):
    on = Day(metadata={"description": "without it, today"})
    branch = Text(longest=NAME_LONGEST)
    after = Text(longest=NAME_LONGEST, load_default="")
    limit = QueryNumber(least=1, most=1000, load_default=100)


class BelongingSchema(Schema):
    compound = fields.String()
    branch = fields.String(allow_none=True)
    since = fields.String(allow_none=True)


class BranchesSchema(Schema):
    on = fields.String()
    compounds = fields.List(fields.Nested(BelongingSchema))
    next = fields.String(allow_none=True)


@branches.get("/branches")
@allow("clerk", "supervisor", "finance", "auditor")
@branches.arguments(BranchesQuery, location="query")
@branches.response(200, BranchesSchema)
def get_branches(query: dict[str, Any]) -> Any:
    """Compounds with the branch that each belongs to, in the order of their names."""
    commands: Commands = current_app.extensions["commands"]
    with commands.reading() as work:
        return branches_of(work, day=query.get("on"), branch=query.get("branch"), after=query["after"],
                           limit=query["limit"])  # fmt: skip
