"""Text that a command is given as a file."""

from __future__ import annotations

from pathlib import Path

from shared.kernel.errors import InvalidInput

BYTES_MAX = 2_000_000


class FileUnreadable(InvalidInput):
    code = "file_unreadable"
    remedy = "Name a file of UTF-8 text that is there."


def text_of(file: str) -> str:
    """Refuses `file_unreadable`."""
    try:
        with Path(file).open("rb") as opened:
            raw = opened.read(BYTES_MAX + 1)
        text = raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnreadable(f"{file} cannot be read", file=file, error=type(error).__name__) from None
    if len(raw) > BYTES_MAX:
        raise FileUnreadable(f"{file} has more than {BYTES_MAX} bytes", file=file)
    return text
