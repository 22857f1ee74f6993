"""What a heat account is: its states, and which of them are charged for a season."""

from __future__ import annotations

STATES: dict[str, str] = {
    "not_connected": "未入网",
    "active": "正常",
    "suspended": "报停",
    "cut": "断供",
    "disconnected": "已拆除",
}
"""Code → the word that ledgers and letters use (用热状态)."""

CHARGED = ("active", "suspended", "cut")
"""A suspended or cut-off home still has a fee; one that was never connected, or no longer is, has none."""
