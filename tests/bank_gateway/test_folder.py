"""The work folder: files are whole or not there, and nothing is believed that only looks like a file of ours."""

from __future__ import annotations

import hashlib
import io
import os
import stat
from pathlib import Path

import pytest

from services.bank_gateway.domain.bank_file import FileRefusal
from services.bank_gateway.gateways import folder as folders
from services.bank_gateway.gateways.folder import FileTooLarge, WorkFolder
from shared.kernel.errors import InvalidInput


@pytest.fixture
def folder(tmp_path: Path) -> WorkFolder:
    return WorkFolder(tmp_path / "work")


def files_in(folder: WorkFolder) -> list[str]:
    return sorted(str(path.relative_to(folder.root)) for path in folder.root.rglob("*") if path.is_file())


def test_a_file_is_written_whole_with_its_digest(folder: WorkFolder) -> None:
    written = folder.write("out", "a.txt", lambda out: out.write(b"hello"))
    assert (written.size, written.sha256) == (5, hashlib.sha256(b"hello").digest())
    assert (folder.root / "out" / "a.txt").read_bytes() == b"hello"
    assert stat.S_IMODE((folder.root / "out" / "a.txt").stat().st_mode) == 0o600


def test_a_writer_that_fails_leaves_the_file_of_before(folder: WorkFolder) -> None:
    folder.write("out", "a.txt", lambda out: out.write(b"before"))

    def fails(out: io.BytesIO) -> None:
        out.write(b"half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        folder.write("out", "a.txt", fails)
    assert (folder.root / "out" / "a.txt").read_bytes() == b"before"
    assert files_in(folder) == ["out/a.txt"]


@pytest.mark.parametrize("name", ["../x", "a/b", "/etc/passwd", "..", ".x", "", "a\x00b", "a\\b", "a\nb", "x" * 201])
def test_a_name_never_leaves_its_folder(folder: WorkFolder, name: str) -> None:
    with pytest.raises(InvalidInput):
        folder.write("out", name, lambda out: None)
    with pytest.raises(InvalidInput), folder.pick(name):
        pass
    assert files_in(folder) == []


def test_a_regular_file_of_the_inbox_is_spooled_while_it_is_judged(folder: WorkFolder) -> None:
    (folder.root / "in" / "a.txt").write_bytes(b"hello")
    with folder.pick("a.txt") as incoming:
        assert (incoming.name, incoming.size, incoming.sha256) == ("a.txt", 5, hashlib.sha256(b"hello").digest())
        (folder.root / "in" / "a.txt").write_bytes(b"changed")
        assert incoming.open().read() == b"hello"
    assert files_in(folder) == ["in/a.txt"]


@pytest.mark.parametrize("kind", ["symlink", "fifo", "directory", "absent", "socket folder link"])
def test_what_is_no_regular_file_of_the_inbox_is_refused(folder: WorkFolder, tmp_path: Path, kind: str) -> None:
    path = folder.root / "in" / "a.txt"
    (tmp_path / "secret").write_text("secret")
    if kind == "symlink":
        path.symlink_to(tmp_path / "secret")
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "directory":
        path.mkdir()
    elif kind == "socket folder link":
        path.symlink_to("/dev/zero")
    with pytest.raises(InvalidInput) as refused, folder.pick("a.txt"):
        pass
    assert refused.value.facts["place"] == "path"


def test_a_file_that_changes_while_it_is_read_is_refused(folder: WorkFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder.root / "in" / "a.txt"
    path.write_bytes(b"hello")
    receive = WorkFolder.receive

    def receive_while_it_grows(self: WorkFolder, content: io.BytesIO, *, name: str) -> object:
        with path.open("ab") as more:
            more.write(b" world")
        return receive(self, content, name=name)

    monkeypatch.setattr(WorkFolder, "receive", receive_while_it_grows)
    with pytest.raises(FileRefusal) as refused, folder.pick("a.txt"):
        pass
    assert refused.value.reason == "length_differs"


def test_a_file_that_is_too_large_is_refused_before_it_fills_the_disk(
    folder: WorkFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "FILE_BYTES_MAX", 10)
    with pytest.raises(FileTooLarge), folder.receive(io.BytesIO(b"x" * 11), name="a.txt"):
        pass
    (folder.root / "in" / "a.txt").write_bytes(b"x" * 11)
    with pytest.raises(FileTooLarge), folder.pick("a.txt"):
        pass
    assert files_in(folder) == ["in/a.txt"]


def test_a_kept_file_outlives_its_spool_and_is_kept_once(folder: WorkFolder) -> None:
    for _ in range(2):
        with folder.receive(io.BytesIO(b"hello"), name="a.txt") as incoming:
            folder.keep(incoming)
    assert files_in(folder) == [f"kept/{hashlib.sha256(b'hello').hexdigest()}"]


def test_a_built_file_is_handed_out_under_the_same_name(folder: WorkFolder) -> None:
    folder.write("built", "a.txt", lambda out: out.write(b"hello"))
    assert folder.hand_out("a.txt") is True
    assert files_in(folder) == ["out/a.txt"]
    assert folder.hand_out("a.txt") is False
