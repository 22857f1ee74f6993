"""What is sealed is opened by whoever has the key and knows what it is, and by nobody else."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.chassis.sealing import NoSealingKey, Sealed, Seals, make_seal


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_seal(tmp_path, "accounts")
    return tmp_path


def test_what_is_sealed_is_opened_and_does_not_show_itself(folder: Path) -> None:
    sealed = Seals(folder, "accounts").seal("暖 secret", context="7.1")
    assert b"secret" not in sealed.content
    assert Seals(folder, "accounts").open(sealed, context="7.1") == "暖 secret"


def test_the_same_is_never_sealed_alike(folder: Path) -> None:
    seals = Seals(folder, "accounts")
    assert seals.seal("x", context="7.1") != seals.seal("x", context="7.1")


def test_as_something_else_or_changed_it_is_not_opened(folder: Path) -> None:
    seals = Seals(folder, "accounts")
    sealed = seals.seal("x", context="7.1")
    changed = bytes([sealed.content[-1] ^ 1])
    for wrong, context in ((sealed, "7.2"), (Sealed(sealed.content[:-1] + changed, 1), "7.1"), (Sealed(sealed.content, 2), "7.1"),
                           (Sealed(b"", 1), "7.1")):  # fmt: skip
        with pytest.raises(NoSealingKey):
            seals.open(wrong, context=context)


def test_the_highest_key_seals_and_all_open(folder: Path) -> None:
    old = Seals(folder, "accounts").seal("x", context="c")
    (folder / "seal.accounts.2").write_bytes(base64.b64encode(bytes(range(32))))
    seals = Seals(folder, "accounts")
    assert seals.seal("x", context="c").by == 2
    assert seals.open(old, context="c") == "x"


def test_without_a_key_nothing_is_sealed(tmp_path: Path) -> None:
    with pytest.raises(NoSealingKey):
        Seals(tmp_path, "accounts").seal("x", context="c")


def test_making_again_changes_nothing_and_its_owner_alone_reads_it(folder: Path) -> None:
    before = (folder / "seal.accounts.1").read_bytes()
    make_seal(folder, "accounts")
    assert (folder / "seal.accounts.1").read_bytes() == before
    assert stat.S_IMODE((folder / "seal.accounts.1").stat().st_mode) == 0o600


@given(
    plain=st.text(st.characters(exclude_categories=["Cs"])), context=st.text(st.characters(exclude_categories=["Cs"]))
)
def test_every_text_goes_through(plain: str, context: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.getbasetemp()
    make_seal(folder, "any")
    seals = Seals(folder, "any")
    assert seals.open(seals.seal(plain, context=context), context=context) == plain
