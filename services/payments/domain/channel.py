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
