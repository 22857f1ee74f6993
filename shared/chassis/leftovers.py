"""What a process that was killed leaves in a work folder: nobody needs it, and it is full of names and numbers."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

LEFT_SECONDS = 24 * 3600
"""Nobody works on a temporary file for longer."""


def sweep(folder: Path, *patterns: str) -> None:
    """Remove temporary files and folders with such names that nobody has touched for a day."""
    for pattern in patterns:
        for path in folder.glob(pattern):
            try:
                if time.time() - path.lstat().st_mtime < LEFT_SECONDS:
                    continue
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path, ignore_errors=True)
                else:
                    path.unlink()
            except FileNotFoundError:  # another process swept it
                continue
