"""An export: a list written to a file in the background, kept for a week, then gone."""

from __future__ import annotations

from datetime import timedelta

from shared.kernel.lifecycle import Lifecycle, Move

EXPORT = Lifecycle("export", initial="queued", moves=[
    Move("begin", ("queued", "running"), "running"),
    Move("finish", ("running",), "done"),
    Move("fail", ("queued", "running"), "failed"),
    Move("expire", ("done",), "expired"),
])  # fmt: skip
"""One that is running begins again when whoever wrote it died: a file is whole or it is not there."""

KEPT = timedelta(days=7)
"""A file full of names and addresses is not kept for longer than somebody needs to fetch it."""

TRIES_MAX = 5
"""An export that killed its writer so often is not begun again."""

OPEN_MOST = 5
"""Exports that one person may have waiting or running."""
