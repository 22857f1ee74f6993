"""The channels that money comes through, one declaration a module."""

from __future__ import annotations

import sys

from services.payments.domain.channel import Channel
from shared.kernel.registry import declarations, declared

CHANNELS: dict[str, Channel] = declarations(sys.modules[__name__], attribute="CHANNEL")


def channel(code: str) -> Channel:
    found: Channel = declared(CHANNELS, code, place="channel")
    return found
