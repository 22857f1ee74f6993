"""The work folder: files for banks in ``out/``, files of banks in ``in/``. Written atomically, read without trust.

``built/`` holds files that have not left, ``spool/`` bytes that are being judged, ``kept/`` every file that was
accepted. All is for this user alone: the files are full of names and account numbers.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, ClassVar

from services.bank_gateway.domain.bank_file import FileRefusal
from shared.chassis.leftovers import sweep
from shared.kernel.errors import InvalidInput

FILE_BYTES_MAX = 300_000_000
NAME_MAX = 200

OUT, IN, BUILT, SPOOL, KEPT = "out", "in", "built", "spool", "kept"

_COPY_BYTES = 1 << 20


class FileTooLarge(InvalidInput):
    code = "file_too_large"
    status = 413
    remedy: ClassVar[str] = "Ask the bank for the file in parts."


@dataclass(frozen=True, slots=True)
class Written:
    """A file as it was written."""

    path: Path
    sha256: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that arrived, copied to where nobody changes it any more. ``name`` is the one it came under."""

    name: str
    path: Path
    sha256: bytes
    size: int

    def open(self) -> BinaryIO:
        return self.path.open("rb")


class WorkFolder:
    def __init__(self, root: Path) -> None:
        self.root = root
        for part in (OUT, IN, BUILT, SPOOL, KEPT):
            (root / part).mkdir(parents=True, exist_ok=True, mode=0o700)
            sweep(root / part, ".*.part", *(("*.part",) if part == SPOOL else ()))

    def write(self, part: str, name: str, produce: Callable[[BinaryIO], Any]) -> Written:
        """Write a file whole or not at all: a temporary name, flushed to disk, then its own name."""
        target = self.root / part / _plain(name)
        making = target.with_name(f".{uuid.uuid4().hex}.part")
        try:
            with os.fdopen(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                hashing = _Hashing(file)
                produce(hashing)  # type: ignore[arg-type]
                file.flush()
                os.fsync(file.fileno())
            making.replace(target)
        except BaseException:
            making.unlink(missing_ok=True)
            raise
        _flush_folder(target.parent)
        return Written(target, hashing.digest.digest(), hashing.size)

    def hand_out(self, name: str) -> bool:
        """Move a file that was built to where the bank's transfer takes it; false when there is none."""
        source, target = self.root / BUILT / _plain(name), self.root / OUT / _plain(name)
        try:
            source.replace(target)
        except FileNotFoundError:
            return False
        _flush_folder(target.parent)
        _flush_folder(source.parent)
        return True

    def holds(self, part: str, name: str, sha256: bytes) -> bool:
        """Whether a file of that name is there with exactly these bytes."""
        with contextlib.suppress(FileNotFoundError), (self.root / part / _plain(name)).open("rb") as file:
            return hashlib.file_digest(file, "sha256").digest() == sha256
        return False

    def drop(self, part: str, name: str) -> None:
        (self.root / part / _plain(name)).unlink(missing_ok=True)

    def open(self, part: str, name: str) -> BinaryIO:
        return (self.root / part / _plain(name)).open("rb")

    @contextmanager
    def receive(self, content: IO[bytes], *, name: str) -> Iterator[Incoming]:
        """A file that is sent to us, spooled until the block ends. Refuses `file_too_large`."""
        path = self.root / SPOOL / f"{uuid.uuid4().hex}.part"
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                hashing = _Hashing(file)
                while block := content.read(_COPY_BYTES):
                    hashing.write(block)
                    if hashing.size > FILE_BYTES_MAX:
                        raise FileTooLarge(f"a file is at most {FILE_BYTES_MAX} bytes", place="file")
            yield Incoming(name, path, hashing.digest.digest(), hashing.size)
        finally:
            path.unlink(missing_ok=True)

    @contextmanager
    def pick(self, name: str) -> Iterator[Incoming]:
        """A file that lies in ``in/``: a regular file of that very folder, which does not change while it is read."""
        with self._inbox_file(name) as content:
            before = os.fstat(content.fileno())
            if before.st_size > FILE_BYTES_MAX:
                raise FileTooLarge(f"a file is at most {FILE_BYTES_MAX} bytes", place="path")
            with self.receive(content, name=name) as incoming:
                after = os.fstat(content.fileno())
                if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                    raise FileRefusal("length_differs", file=name)
                yield incoming

    def keep(self, incoming: Incoming) -> None:
        """An accepted file stays, under the digest of its bytes."""
        kept = self.root / KEPT / incoming.sha256.hex()
        with contextlib.suppress(FileExistsError):
            os.link(incoming.path, kept)
        _flush_folder(kept.parent)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A name for a file that is needed until the block ends."""
        path = self.root / SPOOL / f"{uuid.uuid4().hex}.part"
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            yield path
        finally:
            path.unlink(missing_ok=True)

    @contextmanager
    def _inbox_file(self, name: str) -> Iterator[IO[bytes]]:
        folder = os.open(self.root / IN, os.O_RDONLY | os.O_DIRECTORY)
        try:
            handle = os.open(_plain(name), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        except OSError as error:
            raise InvalidInput(
                "there is no such file in the inbox", place="path", value=name[:NAME_MAX], error=type(error).__name__
            ) from None
        finally:
            os.close(folder)
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise InvalidInput("this is not a regular file", place="path", value=name)
        with os.fdopen(handle, "rb") as file:
            yield file


class _Hashing:
    """Bytes on their way to a file, counted and digested."""

    def __init__(self, file: IO[bytes]) -> None:
        self.digest, self.size, self._file = hashlib.sha256(), 0, file

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.size += len(data)
        return self._file.write(data)


def _plain(name: str) -> str:
    """A name that stays within its folder."""
    if not name or len(name) > NAME_MAX or name.startswith(".") or any(c in "/\\" or ord(c) < 32 for c in name):
        raise InvalidInput("a file is named without folders", place="path", value=name[:NAME_MAX])
    return name


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
