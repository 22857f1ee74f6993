"""Where this machine's data lives: ``NUAN_HOME``, or ``.nuan`` beside the code when it runs from a checkout."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEMO = "demo"
"""The folder inside of `home` in which a demonstration has its data."""


def home() -> Path:
    """The data folder, made with mode 0700 when it is not there."""
    folder = Path(os.environ["NUAN_HOME"]).absolute() if os.environ.get("NUAN_HOME") else ROOT / ".nuan"
    if not folder.is_dir():
        folder.mkdir(parents=True, mode=0o700)
    return folder
