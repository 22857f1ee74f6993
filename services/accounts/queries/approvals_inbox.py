"""One inbox over all kinds of requests, the oldest first: how old, how much, and whose to decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from services.accounts.domain.approval import OPEN, ApprovalLimit, Person, UnknownRequest
from services.accounts.domain.approval_rule import DECIDE_WITHIN_DAYS
from services.accounts.storage.approval_rules import rules_in_force
from services.accounts.storage.approvals import limits_of_kinds
from services.accounts.storage.delegations import absent_for
from shared.chassis.codec import strict_json
from shared.chassis.unit_of_work import Work
from shared.kernel.money import format_yuan

# own: may the reader decide on it, by his own roles or by those of somebody who is away and named him.
_REQUESTS = """
SELECT a.approval_id, a.kind, a.content, a.content_hash, a.amount_fen, a.reason, a.maker, a.maker_person, asked.at,
       coalesce(d.state, %(open)s) AS state, d.decided_by, d.decided_by_person, d.remark, decided.at AS decided_at, a.homes,
       a.charged_fen, a.credited_fen, a.effect_hash, d.amount_fen AS done_fen, d.on_behalf_of,
       d.state IS NULL AND asked.at < %(now)s - make_interval(days => coalesce(t.within, %(usual)s)) AS overdue,
       d.state IS NULL AND a.maker <> %(login)s AND a.maker_person <> %(person)s AND EXISTS (
           SELECT FROM unnest(%(right_kinds)s::text[], %(right_persons)s::text[], %(right_limits)s::bigint[])
               AS r (kind, person, limit_fen)
           WHERE r.kind = a.kind AND r.person <> a.maker_person AND (r.limit_fen IS NULL OR r.limit_fen >= a.amount_fen)
       ) AS own
FROM approvals a JOIN commands asked ON asked.command_id = a.command_id
LEFT JOIN approval_decisions d USING (approval_id) LEFT JOIN commands decided ON decided.command_id = d.command_id
LEFT JOIN unnest(%(kinds)s::text[], %(within)s::integer[]) AS t (kind, within) ON t.kind = a.kind
"""
_PAGE = f"SELECT * FROM ({_REQUESTS}) a {{where}} ORDER BY at, approval_id LIMIT %(limit)s"
_SUMS = f"""
SELECT kind, count(*), count(*) FILTER (WHERE overdue), sum(homes)::bigint, sum(charged_fen)::bigint,
       sum(credited_fen)::bigint, min(at)
FROM ({_REQUESTS}) a {{where}} GROUP BY kind ORDER BY kind
"""
_ONE = f"SELECT * FROM ({_REQUESTS}) a WHERE approval_id = %(approval_id)s"

_WHERE = {
    "state": "state = %(state)s",
    "kind": "kind = %(kind)s",
    "maker": "maker = %(maker)s",
    "from_fen": "amount_fen >= %(from_fen)s",
    "until_fen": "amount_fen < %(until_fen)s",
    "after": "(at, approval_id) > (SELECT k.at, b.approval_id FROM approvals b JOIN commands k USING (command_id)"
             " WHERE b.approval_id = %(after)s)",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """None asks for everything; ``until_fen`` is above what is asked for. ``mine``: what the reader may decide on."""

    state: str | None = None
    kind: str | None = None
    maker: str | None = None
    from_fen: int | None = None
    until_fen: int | None = None
    mine: bool = False
    overdue: bool = False


class Reader(NamedTuple):
    person: Person
    kinds: Sequence[str]
    """All that there are."""


def approvals_inbox(work: Work, asked: InboxFilter, reader: Reader, *, after: int, limit: int) -> dict[str, Any]:
    """``after`` is the last request of the page before, 0 for the first page, which tells the sums of all pages.

    ``age_days`` is how long a request has waited, or had waited when it was decided.
    """
    given = {name: value for name in _WHERE if name != "after" and (value := getattr(asked, name)) is not None}
    flags = [*(["own"] if asked.mine else []), *(["overdue"] if asked.overdue else [])]
    values = {**_about(work, reader), **given}
    told: dict[str, Any] = {}
    if not after:
        told["sums"] = [_sum(row) for row in work.rows(_SUMS.format(where=_where(given, flags)), values)]
    else:
        given["after"] = values["after"] = after
    rows = work.rows(_PAGE.format(where=_where(given, flags)), {**values, "limit": limit})
    return {**told, "approvals": [_shown(row) for row in rows], "next": rows[-1][0] if len(rows) == limit else None}


def one_approval(work: Work, approval_id: int, reader: Reader) -> dict[str, Any]:
    """Refuses `unknown_request`."""
    rows = work.rows(_ONE, {**_about(work, reader), "approval_id": approval_id})
    if not rows:
        raise UnknownRequest("there is no such request", approval_id=approval_id)
    return _shown(rows[0])


def _where(given: Mapping[str, Any], flags: Sequence[str]) -> str:
    conditions = [*(_WHERE[name] for name in given), *flags]
    return "WHERE " + " AND ".join(conditions) if conditions else ""


def _about(work: Work, reader: Reader) -> dict[str, Any]:
    """What the rules and limits of every kind say to this reader."""
    person, kinds = reader
    rules, limits = rules_in_force(work, kinds), limits_of_kinds(work, kinds)
    rights = [(kind, each.name, highest) for kind in kinds for each in (person, *absent_for(work, person.login))
              if (highest := _highest(limits[kind], each)) is not _NO_RIGHT]  # fmt: skip
    return {
        "open": OPEN,
        "now": datetime.now(UTC),
        "usual": DECIDE_WITHIN_DAYS,
        "login": person.login,
        "person": person.name,
        "kinds": list(kinds),
        "within": [rules[kind].decide_within_days for kind in kinds],
        "right_kinds": [kind for kind, _, _ in rights],
        "right_persons": [name for _, name, _ in rights],
        "right_limits": [limit_fen for _, _, limit_fen in rights],
    }


_NO_RIGHT = object()


def _highest(limits: Sequence[ApprovalLimit], person: Person) -> Any:
    """Up to which amount the person decides, None for any."""
    own = [limit.limit_fen for limit in limits if limit.role in person.roles]
    if not own:
        return _NO_RIGHT
    return None if None in own else max(limit_fen for limit_fen in own if limit_fen is not None)


def _sum(row: tuple[Any, ...]) -> dict[str, Any]:
    kind, count, overdue, homes, charged_fen, credited_fen, oldest_at = row
    return {
        "kind": kind,
        "requests": count,
        "overdue": overdue,
        "homes": homes,
        "charged": format_yuan(charged_fen),
        "credited": format_yuan(credited_fen),
        "oldest_at": oldest_at.isoformat(),
    }


def _shown(row: tuple[Any, ...]) -> dict[str, Any]:
    number, kind, content, content_hash, amount_fen, reason, maker, maker_person, asked_at, *decision = row
    state, decided_by, decided_by_person, remark, decided_at, *effect = decision
    homes, charged_fen, credited_fen, effect_hash, done_fen, on_behalf_of, overdue, own = effect
    return {
        "approval_id": number,
        "kind": kind,
        "content": strict_json(content),
        "content_hash": bytes(content_hash).hex(),
        "homes": homes,
        "charged": format_yuan(charged_fen),
        "credited": format_yuan(credited_fen),
        "amount": format_yuan(amount_fen),
        "effect_hash": None if effect_hash is None else bytes(effect_hash).hex(),
        "reason": reason,
        "maker": maker,
        "maker_person": maker_person,
        "asked_at": asked_at.isoformat(),
        "age_days": ((decided_at or datetime.now(UTC)) - asked_at).days,
        "overdue": overdue,
        "mine": own,
        "state": state,
        "decided_by": decided_by,
        "decided_by_person": decided_by_person,
        "on_behalf_of": on_behalf_of,
        "decided_at": None if decided_at is None else decided_at.isoformat(),
        "decided_amount": None if done_fen is None else format_yuan(done_fen),
        "remark": remark,
    }
