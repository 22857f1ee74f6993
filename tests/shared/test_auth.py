"""Keys on disk, their rotation, and what a token is bound to."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import jwt
import pytest
import time_machine

from shared.chassis.auth import (
    SERVICE_SECONDS,
    STAFF_SECONDS,
    Identity,
    Keys,
    NoSigningKey,
    Unauthenticated,
    identify,
    make_keys,
    service_token,
    staff_token,
)  # fmt: skip
from shared.chassis.settings import SERVICES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_keys(tmp_path / "keys", issuers=SERVICES)
    return tmp_path / "keys"


def seen(keys: Keys, token: str | None, *, service: str = "payments", content: bytes = b"") -> Identity:
    return identify(keys, None if token is None else f"Bearer {token}", service=service, body=lambda: content)


def test_private_keys_are_for_their_owner_alone(folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(list(folder.glob("*.key"))) == len(SERVICES)
    for path in folder.glob("*.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_keys_that_are_there_are_never_made_again(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    make_keys(folder, issuers=SERVICES)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_service_is_known_for_five_minutes_for_one_service_and_one_body(folder: Path) -> None:
    keys = Keys(folder)
    with time_machine.travel("2025-10-20T04:00:00+00:00", tick=False) as clock:
        token = service_token(keys, service="bank_gateway", audience="payments", body=b"{}")
        assert seen(keys, token, content=b"{}") == Identity("service:bank_gateway")
        with pytest.raises(Unauthenticated):
            seen(keys, token, content=b"{ }")
        with pytest.raises(Unauthenticated):
            seen(keys, token, service="accounts", content=b"{}")
        clock.shift(SERVICE_SECONDS - 1)
        assert seen(keys, token, content=b"{}").subject == "service:bank_gateway"
        clock.shift(1)
        with pytest.raises(Unauthenticated):
            seen(keys, token, content=b"{}")


def test_a_person_is_known_by_his_roles_for_a_quarter_of_an_hour(folder: Path) -> None:
    keys = Keys(folder)
    with time_machine.travel("2025-10-20T04:00:00+00:00", tick=False) as clock:
        token = staff_token(keys, login="li", person="李芳", roles=["clerk", "cashier"], signed_in_at=0)
        assert seen(keys, token) == Identity("staff:li", ("cashier", "clerk"), "李芳")
        clock.shift(STAFF_SECONDS)
        with pytest.raises(Unauthenticated):
            seen(keys, token)


def test_only_words_that_are_roles_count(folder: Path) -> None:
    keys = Keys(folder)
    token = staff_token(keys, login="li", person="Li", roles=["root", "service:payments", "cashier"], signed_in_at=0)
    assert seen(keys, token).roles == ("cashier",)
    assert not seen(keys, token).is_any_of(["service:payments", "root"])
    assert seen(keys, token).is_any_of(["cashier"])


def test_two_tokens_are_never_the_same(folder: Path) -> None:
    keys = Keys(folder)
    tokens = {service_token(keys, service="accounts", audience="payments", body=b"") for _ in range(50)}
    assert len({jwt.decode(token, options={"verify_signature": False})["jti"] for token in tokens}) == 50


def test_while_keys_are_changed_both_are_known_and_the_new_one_signs(folder: Path, tmp_path: Path) -> None:
    """A rotation: ``accounts.2`` comes beside ``accounts.1``, later ``accounts.1.pub`` goes."""
    old = staff_token(Keys(folder), login="li", person="Li", roles=["cashier"], signed_in_at=0)
    make_keys(tmp_path / "new", issuers=["accounts"])
    for suffix in ("key", "pub"):
        shutil.copy(tmp_path / "new" / f"accounts.1.{suffix}", folder / f"accounts.2.{suffix}")
    keys = Keys(folder)
    new = staff_token(keys, login="li", person="Li", roles=["cashier"], signed_in_at=0)
    assert jwt.get_unverified_header(new)["kid"] == "accounts.2"
    assert seen(keys, old).subject == seen(keys, new).subject == "staff:li"
    (folder / "accounts.1.pub").unlink()
    with pytest.raises(Unauthenticated):
        seen(Keys(folder), old)
    assert seen(Keys(folder), new).subject == "staff:li"


def test_the_tenth_key_of_an_issuer_signs_after_the_ninth(folder: Path, tmp_path: Path) -> None:
    for number in (9, 10):
        make_keys(tmp_path / f"{number}", issuers=["accounts"])
        for suffix in ("key", "pub"):
            shutil.copy(tmp_path / f"{number}" / f"accounts.1.{suffix}", folder / f"accounts.{number}.{suffix}")
    token = staff_token(Keys(folder), login="li", person="Li", roles=[], signed_in_at=0)
    assert jwt.get_unverified_header(token)["kid"] == "accounts.10"


def test_a_service_without_its_key_cannot_sign_and_says_where_keys_come_from(folder: Path) -> None:
    (folder / "payments.1.key").unlink()
    with pytest.raises(NoSigningKey, match="no private key"):
        service_token(Keys(folder), service="payments", audience="accounts", body=b"")


@pytest.mark.parametrize("token", [None, "", "x", "a.b.c"])
def test_whoever_shows_nothing_is_nobody(folder: Path, token: str | None) -> None:
    with pytest.raises(Unauthenticated):
        seen(Keys(folder), token)
