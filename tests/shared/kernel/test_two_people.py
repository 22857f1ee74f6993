"""Nobody agrees to his own request, to more than his role may, or to what he did not read."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from shared.kernel.errors import Refusal
from shared.kernel.two_people import (
    ApprovalLimit,
    BeyondLimit,
    ContentDiffers,
    NotOwnRequest,
    OwnRequest,
    Person,
    assert_maker,
    assert_somebody_else,
    assert_within_limit,
)


class Request(NamedTuple):
    content_hash: bytes = b"read"
    maker: str = "staff:zhang"
    maker_person: str = "张"


LIMITS = (ApprovalLimit("supervisor", 10_000), ApprovalLimit("finance", None))
LI = Person("staff:li", "李", ("supervisor",))


def test_a_second_person_who_read_it_may_decide() -> None:
    assert_somebody_else(Request(), LI, seen=b"read")


@pytest.mark.parametrize(
    ("checker", "seen", "refusal"),
    [
        (Person("staff:zhang2", "张", ("finance",)), b"read", OwnRequest),
        (Person("staff:zhang", "李", ("finance",)), b"read", OwnRequest),
        (LI, b"other", ContentDiffers),
    ],
)
def test_who_asked_and_who_read_something_else_may_not(checker: Person, seen: bytes, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        assert_somebody_else(Request(), checker, seen=seen)


@pytest.mark.parametrize(("role", "amount_fen"), [("supervisor", 10_000), ("finance", 10**12)])
def test_each_role_decides_up_to_its_limit_included(role: str, amount_fen: int) -> None:
    assert_within_limit(Person("staff:li", "李", (role,)), LIMITS, amount_fen=amount_fen)


@pytest.mark.parametrize(("role", "amount_fen"), [("supervisor", 10_001), ("cashier", 1)])
def test_beyond_it_nobody_does(role: str, amount_fen: int) -> None:
    with pytest.raises(BeyondLimit):
        assert_within_limit(Person("staff:li", "李", (role,)), LIMITS, amount_fen=amount_fen)


def test_only_who_asked_takes_a_request_back() -> None:
    assert_maker(Request(), "staff:zhang")
    with pytest.raises(NotOwnRequest):
        assert_maker(Request(), "staff:li")
