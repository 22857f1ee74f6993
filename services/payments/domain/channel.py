"""A way in which money comes. Each is one declaration in `channels/`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Channel:
    """``ledger`` is the asset account that its money arrives in; ``is_cash``: payable amounts are rounded.

    ``is_open`` False: nobody can pay through it. ``has_partner``: its money is a movement at a partner, and is taken
    only under the partner's name and serial, so that it cannot be taken twice. ``moves_money`` False: a claim on
    another payer became somebody's credit, nothing was received, and nobody can take it back by hand.
    """

    code: str
    name: str
    ledger: str
    is_cash: bool = False
    is_online: bool = False
    is_open: bool = True
    moves_money: bool = True
    has_partner: bool = False


def names_channel(names: tuple[str, ...], channel: Channel) -> bool:
    """Whether a policy's list of channels names this one: by its code, as ONLINE, or as ALL."""
    named = {name.upper() for name in names}
    return "ALL" in named or channel.code.upper() in named or ("ONLINE" in named and channel.is_online)
