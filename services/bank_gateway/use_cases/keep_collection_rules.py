"""A policy was activated: its rules of collection hold here from now on."""

from __future__ import annotations

from shared.chassis.collection_rules import keep_declaration
from shared.chassis.unit_of_work import Work
from shared.messages.accounts import CollectionRulesDeclared


def keep_collection_rules(event: CollectionRulesDeclared, work: Work) -> None:
    """In place of all rules that were declared before. Rows stay, so that it is known what held when."""
    keep_declaration(event, work)
