"""A partner that is told of events: its states, when it is tried again, and how what it gets is signed."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta

from shared.kernel.lifecycle import Lifecycle, Move

WEBHOOK = Lifecycle("webhook", initial="active", moves=[
    Move("park", ("active",), "parked"),
    Move("recover", ("parked",), "active"),
    Move("disable", ("active", "parked"), "disabled"),
    Move("resume", ("parked", "disabled"), "active"),
])  # fmt: skip
"""Parked: the partner has not answered for a day, is asked once an hour, and somebody is called. Disabled: not asked."""

PARKED_AFTER, DISABLED_AFTER = timedelta(hours=24), timedelta(days=7)
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=5), timedelta(hours=1)
OVERLAP_HOURS_MOST = 168
WEBHOOKS_MOST = 100


def next_try(now: datetime, *, failures: int, chance: float) -> datetime:
    """Twice as long after every failure, an hour at most; ``chance`` (0 to 1) takes up to half of it away."""
    delay: timedelta = min(FIRST_DELAY * 2 ** min(failures - 1, 20), LONGEST_DELAY)
    return now + delay * (1 - chance / 2)


def verb_after_failure(state: str, *, now: datetime, failing_since: datetime, gone: bool) -> str | None:
    """What a failure leads to: nothing yet, parking, or the end. ``gone``: the partner said 410, for ever."""
    lasting = now - failing_since
    if gone or lasting >= DISABLED_AFTER:
        return "disable"
    return "park" if lasting >= PARKED_AFTER and state == "active" else None


def signature(secret: str, *, at: int, delivery_id: str, body: bytes) -> str:
    """HMAC-SHA256 in hexadecimal digits, over ``<seconds>.<delivery id>.<body>``; the key is the secret's text."""
    return hmac.new(secret.encode(), f"{at}.{delivery_id}.".encode() + body, hashlib.sha256).hexdigest()


def key_id(webhook_id: int, secret_no: int) -> str:
    """``7.2``: the second secret of webhook 7."""
    return f"{webhook_id}.{secret_no}"
