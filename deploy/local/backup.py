"""Backups of the embedded cluster: all databases at one moment, verified when taken and before they are used."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from deploy.local.binaries import Account, run
from deploy.local.postgres import LocalPostgres, PostgresIsRunning
from shared.kernel.errors import Refusal


class BadBackup(Refusal):
    code = "bad_backup"
    status = 422
    remedy = "Use another backup; this one is not whole."


@dataclass(frozen=True)
class BackupReport:
    folder: str
    size_bytes: int
    seconds: float


def backup(server: LocalPostgres, target: Path) -> BackupReport:
    """A base backup into ``target``, which must not exist; refuses with `bad_backup` when it does not verify."""
    target = target.absolute()
    if target.exists():
        raise BadBackup("the folder exists already", folder=str(target))
    server.start()
    started = time.monotonic()
    making = target.with_name(f"{target.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    done = run([str(server.programs() / "pg_basebackup"), "-d", server.conninfo("postgres"), "-D", str(making), "-X", "stream",
                "--checkpoint=fast", "--manifest-checksums=SHA256"], Account(), seconds=6 * 3600)  # fmt: skip
    if done.returncode:
        raise BadBackup("the backup could not be taken", output=done.stderr[-300:])
    verify(server, making)
    making.rename(target)
    size = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    return BackupReport(str(target), size, round(time.monotonic() - started, 1))


def verify(server: LocalPostgres, source: Path) -> None:
    """Refuse a backup whose files differ from its manifest, or whose log is missing."""
    if not (source / "backup_manifest").is_file():
        raise BadBackup("this is no backup: it has no manifest", folder=str(source))
    done = run([str(server.programs() / "pg_verifybackup"), "--quiet", str(source)], Account(), seconds=6 * 3600)
    if done.returncode:
        raise BadBackup("the backup does not verify", folder=str(source), output=(done.stdout + done.stderr)[-300:])


def restore(server: LocalPostgres, source: Path) -> str | None:
    """Put a backup in place of the cluster; the folder that the old one was moved to, None when there was none.

    Refuses `postgres_is_running` and `bad_backup`; nothing is deleted.
    """
    source = source.absolute()
    if server.pid() is not None:
        raise PostgresIsRunning("the server runs on the data that would be replaced")
    verify(server, source)
    making = server.folder.with_name(f"{server.folder.name}.restoring")
    shutil.rmtree(making, ignore_errors=True)
    making.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copytree(source, making)
    making.chmod(0o700)
    server.account.own_tree(making)
    aside = None
    if server.folder.exists():
        aside = server.folder.with_name(f"{server.folder.name}.before-{time.strftime('%Y%m%dT%H%M%S')}")
        server.folder.rename(aside)
    making.rename(server.folder)
    return None if aside is None else str(aside)
