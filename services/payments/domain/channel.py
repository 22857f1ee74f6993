"""A way in which money comes. Each is one declaration in `channels/`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Channel:
    """``ledger`` is the asset account that its money arrives in; ``is_cash``: payable amounts are rounded."""

    code: str
    name: str
    ledger: str
    is_cash: bool = False
    is_online: bool = False
