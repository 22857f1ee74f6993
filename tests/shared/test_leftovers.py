"""Temporary files of processes that died are removed after a day; what is in use or has another name stays."""

from __future__ import annotations

import os
import time
from pathlib import Path

from shared.chassis.leftovers import LEFT_SECONDS, sweep


def test_only_what_is_old_and_named_so_is_removed(tmp_path: Path) -> None:
    for name in ("old.part", "new.part", "old.txt"):
        (tmp_path / name).write_text("王芳")
    (tmp_path / "upload-old").mkdir()
    (tmp_path / "upload-old" / "ledger").write_text("王芳")
    (tmp_path / "outside").mkdir()
    (tmp_path / "upload-link").symlink_to(tmp_path / "outside")
    yesterday = time.time() - LEFT_SECONDS - 10
    for name in ("old.part", "old.txt", "upload-old", "upload-link"):
        os.utime(tmp_path / name, (yesterday, yesterday), follow_symlinks=False)
    sweep(tmp_path, "*.part", "upload-*")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.part", "old.txt", "outside"]
