"""What a service must keep and nobody may read: sealed with a key from its folder, so that a copy of the database tells nothing.

``seal.<service>.<n>`` are all opened with; the highest number seals. Nothing that is sealed outlives the key that sealed it.
"""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.kernel.errors import Refusal

KEY_BYTES, NONCE_BYTES = 32, 12


class NoSealingKey(Refusal):
    code = "no_sealing_key"
    status = 503
    remedy = "Put the key back that sealed it, or make the first one: `nuan keys make` (docs/operators/keys.md)."


class Sealed(NamedTuple):
    """``by`` is the number of the key."""

    content: bytes
    by: int


class Seals:
    """The sealing keys of one service, read once."""

    def __init__(self, folder: Path, service: str) -> None:
        self._keys = {_number(path): base64.b64decode(path.read_bytes()) for path in folder.glob(f"seal.{service}.*")}

    def seal(self, plain: str, *, context: str) -> Sealed:
        """``context`` says what it is, and must be told again to open it. Refuses `no_sealing_key`."""
        if not self._keys:
            raise NoSealingKey("this service has no key to seal with")
        number, nonce = max(self._keys), secrets.token_bytes(NONCE_BYTES)
        return Sealed(nonce + AESGCM(self._keys[number]).encrypt(nonce, plain.encode(), context.encode()), number)

    def open(self, sealed: Sealed, *, context: str) -> str:
        """Refuses `no_sealing_key`, also for what was sealed with another key or as something else."""
        nonce, content = sealed.content[:NONCE_BYTES], sealed.content[NONCE_BYTES:]
        try:
            return AESGCM(self._keys[sealed.by]).decrypt(nonce, content, context.encode()).decode()
        except (KeyError, ValueError, InvalidTag):
            raise NoSealingKey("this was sealed with another key", key=sealed.by) from None


def make_seal(folder: Path, service: str) -> None:
    """A first sealing key where there is none, readable by its owner alone."""
    if any(folder.glob(f"seal.{service}.*")):
        return
    with os.fdopen(os.open(folder / f"seal.{service}.1", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)))


def _number(path: Path) -> int:
    number = path.name.rsplit(".", 1)[-1]
    return int(number) if number.isascii() and number.isdigit() else 0
