"""Two people for what matters: one asks, another one decides, and what was read is what is done.

A request has a content with a SHA-256. The decision names the hash that the checker saw; limits say which role decides
up to which amount. That maker and checker are different people is a constraint of the database besides.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from shared.kernel.errors import Refusal
from shared.kernel.money import format_yuan


class OwnRequest(Refusal):
    code = "own_request"
    status = 403
    remedy = "Let a second person decide; a person with two logins is one person."


class NotOwnRequest(Refusal):
    code = "not_own_request"
    status = 403
    remedy = "Reject it; only who made a request withdraws it."


class BeyondLimit(Refusal):
    code = "beyond_approval_limit"
    status = 403
    remedy = "Ask somebody whose role decides on this amount."


class ContentDiffers(Refusal):
    code = "content_differs"
    status = 409
    remedy = "Read the request again and decide on what it says now."


class ApprovalLimit(NamedTuple):
    """``role`` decides on amounts up to ``limit_fen``, included; None is any amount."""

    role: str
    limit_fen: int | None


@dataclass(frozen=True, slots=True)
class Person:
    """``login`` is what signed in, ``name`` the human being behind it."""

    login: str
    name: str
    roles: tuple[str, ...]


class Asked(Protocol):
    """What somebody asked for, and who."""

    @property
    def content_hash(self) -> bytes: ...
    @property
    def maker(self) -> str: ...
    @property
    def maker_person(self) -> str: ...


class AskedAmount(Asked, Protocol):
    """``amount_fen`` is what limits are compared with."""

    @property
    def amount_fen(self) -> int: ...


def assert_second_person(asked: AskedAmount, checker: Person, limits: Iterable[ApprovalLimit], *, seen: bytes) -> None:
    """``seen`` is the hash of the content that the checker read.

    Refused: `own_request`, `content_differs`, `beyond_approval_limit`.
    """
    assert_somebody_else(asked, checker, seen=seen)
    assert_within_limit(checker, limits, amount_fen=asked.amount_fen)


def assert_somebody_else(asked: Asked, checker: Person, *, seen: bytes) -> None:
    """``seen`` is the hash of the content that the checker read. Refused: `own_request`, `content_differs`."""
    if checker.name == asked.maker_person or checker.login == asked.maker:
        raise OwnRequest("nobody decides on a request of their own")
    if seen != asked.content_hash:
        raise ContentDiffers("this is not what the request says", content_hash=asked.content_hash.hex())


def assert_within_limit(checker: Person, limits: Iterable[ApprovalLimit], *, amount_fen: int) -> None:
    """Refused: `beyond_approval_limit`."""
    if not any(covers(limit, checker, amount_fen) for limit in limits):
        raise BeyondLimit("this amount is not yours to decide", amount=format_yuan(amount_fen))


def assert_maker(asked: Asked, login: str) -> None:
    """Refused: `not_own_request`."""
    if login != asked.maker:
        raise NotOwnRequest("somebody else made this request")


def covers(limit: ApprovalLimit, person: Person, amount_fen: int) -> bool:
    """Whether the person decides on so much by this limit."""
    return limit.role in person.roles and (limit.limit_fen is None or amount_fen <= limit.limit_fen)
