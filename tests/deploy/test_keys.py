"""Signing keys are made once, and changed in three steps during which no token is refused."""

from __future__ import annotations

import stat
from pathlib import Path

import jwt
import pytest

from deploy.servers import keys
from deploy.servers.keys import NotThisStep
from shared.chassis.auth import Keys, Unauthenticated, identify, service_token
from shared.chassis.settings import SERVICES


@pytest.fixture
def root(tmp_path: Path) -> Path:
    keys.make_all(tmp_path)
    return tmp_path


def token(root: Path, service: str = "accounts") -> str:
    return f"Bearer {service_token(Keys(root / service), service=service, audience='payments', body=b'')}"


def believed(root: Path, authorization: str) -> bool:
    """Whether payments, started now, believes it."""
    try:
        identify(Keys(root / "payments"), authorization, service="payments", body=lambda: b"")
    except Unauthenticated:
        return False
    return True


def test_each_service_has_its_own_private_key_alone_and_all_public_ones(root: Path) -> None:
    for service in SERVICES:
        assert [path.name for path in (root / service).glob("*.key")] == [f"{service}.1.key"]
        assert {path.name for path in (root / service).glob("*.pub")} == {f"{name}.1.pub" for name in SERVICES}
        assert stat.S_IMODE((root / service / f"{service}.1.key").stat().st_mode) == 0o600
    assert believed(root, token(root))


def test_making_again_changes_nothing(root: Path) -> None:
    before = {path: path.read_bytes() for path in root.rglob("*.*")}
    assert keys.make_all(root) == ["accounts.1.key", "payments.1.key", "bank_gateway.1.key"]
    assert {path: path.read_bytes() for path in root.rglob("*.*")} == before


def test_at_every_step_of_a_change_the_tokens_before_and_after_are_believed(root: Path) -> None:
    first = token(root)
    assert keys.announce(root, "accounts") == "accounts.2"
    assert believed(root, first) and believed(root, token(root))
    assert keys.sign(root, "accounts") == "accounts.2"
    second = token(root)
    assert believed(root, first) and believed(root, second)
    assert keys.retire(root, "accounts") == ["accounts.1"]
    assert believed(root, second) and not believed(root, first)
    assert sorted(path.name for path in root.rglob("accounts.*")) == ["accounts.2.key", *["accounts.2.pub"] * 3]


def test_the_tenth_key_signs_after_the_ninth(root: Path) -> None:
    for _ in range(10):
        keys.announce(root, "accounts")
        keys.sign(root, "accounts")
    assert jwt.get_unverified_header(token(root).removeprefix("Bearer "))["kid"] == "accounts.11"
    assert keys.retire(root, "accounts") == sorted(f"accounts.{number}" for number in range(1, 11))


def test_a_step_out_of_turn_is_refused(root: Path) -> None:
    with pytest.raises(NotThisStep):
        keys.sign(root, "accounts")
    keys.announce(root, "accounts")
    with pytest.raises(NotThisStep):
        keys.announce(root, "accounts")
    with pytest.raises(NotThisStep):
        keys.retire(root, "accounts")
    assert believed(root, token(root))
