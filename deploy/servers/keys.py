"""The services' signing keys as production keeps them: a folder for each service with its own private key alone.

Every folder holds the public keys of all. A key is changed in three steps, each followed by a restart of the
services (deploy/runbooks/key-rotation.md): the new public key is announced, the new private key signs, the old retires.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from shared.chassis.auth import key_number, make_keys, write_private_key
from shared.chassis.settings import SERVICES
from shared.kernel.errors import Refusal

COMING = ".coming"


class NotThisStep(Refusal):
    code = "not_this_step"
    status = 409
    remedy = "The steps are: announce, sign, retire (deploy/runbooks/key-rotation.md)."


def make_all(root: Path) -> list[str]:
    """``root/<service>`` for each service, with keys where there were none; the names of the private keys that sign."""
    for service in SERVICES:
        make_keys(root / service, issuers=[service])
    for service in SERVICES:
        for public in (root / service).glob(f"{service}.*.pub"):
            _share(root, public)
    return [_signing(root, service).name for service in SERVICES]


def announce(root: Path, service: str) -> str:
    """Make the next key of ``service`` and tell its public half to all; nothing is signed with it yet."""
    folder = root / service
    if any(folder.glob(f"{service}.*{COMING}")):
        raise NotThisStep("a key has been announced already")
    name = f"{service}.{key_number(_signing(root, service)) + 1}"
    public = folder / f"{name}.pub"
    public.write_bytes(write_private_key(folder / f"{name}.key{COMING}"))
    _share(root, public)
    return name


def sign(root: Path, service: str) -> str:
    """From its next start the service signs with the key that was announced."""
    coming = next((root / service).glob(f"{service}.*.key{COMING}"), None)
    if coming is None:
        raise NotThisStep("no key has been announced")
    return coming.rename(coming.with_suffix("")).stem


def retire(root: Path, service: str) -> list[str]:
    """Remove every key of ``service`` that is older than the one that signs, from all folders."""
    if any((root / service).glob(f"{service}.*{COMING}")):
        raise NotThisStep("the announced key does not sign yet")
    signing = key_number(_signing(root, service))
    old = [path for path in root.glob(f"*/{service}.*") if key_number(path) < signing]
    for path in old:
        path.unlink()
    return sorted({path.stem for path in old})


def _signing(root: Path, service: str) -> Path:
    return max((root / service).glob(f"{service}.*.key"), key=key_number)


def _share(root: Path, public: Path) -> None:
    for service in SERVICES:
        target = root / service / public.name
        if target != public:
            shutil.copyfile(public, target)
