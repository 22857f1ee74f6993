"""The rules of collection as `accounts` declared them last, kept by every service that follows some of them.

Each of these services has the table ``collection_rules``: a row a declaration, never changed, the last one holds.
"""

from __future__ import annotations

import hashlib
from datetime import date

from shared.chassis.codec import canonical, decode, encode
from shared.chassis.unit_of_work import Work
from shared.messages.accounts import CollectionRules, CollectionRulesDeclared

UNDECLARED = CollectionRulesDeclared("", (CollectionRules(date(1950, 1, 1)),))
"""What holds until a policy is activated: the reference policy's rules."""


def keep_declaration(event: CollectionRulesDeclared, work: Work) -> None:
    """From now on this declaration holds. Its place in the order is that in which it was heard."""
    body = encode(event)
    work.rows(
        "INSERT INTO collection_rules (command_id, policy, version, body) VALUES (%s, %s, %s, %s) RETURNING version",
        (work.command_id, event.policy, hashlib.sha256(body.encode()).hexdigest(), body),
    )


LAST_VERSION = "(SELECT version FROM collection_rules ORDER BY declaration_no DESC LIMIT 1)"
"""The declaration heard last, as a column of somebody's query; NULL before there is one."""


def rules_on(work: Work, day: date) -> CollectionRules:
    """The rules that hold on a day, by the declaration heard last."""
    return declaration_of(work, work.rows(f"SELECT {LAST_VERSION}")[0][0]).on(day)


def declaration_of(work: Work, version: str | None) -> CollectionRulesDeclared:
    """A declaration by the hash of its content: what was read once is not read again. None: nothing was declared yet."""
    if version is None:
        return UNDECLARED
    if version not in _READ:
        body = work.rows("SELECT body FROM collection_rules WHERE version = %s LIMIT 1", (version,))[0][0]
        _READ[version] = decode(CollectionRulesDeclared, canonical(body))
    return _READ[version]


_READ: dict[str, CollectionRulesDeclared] = {}
