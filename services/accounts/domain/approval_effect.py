"""What a request would do to the bills: shown before it is decided, and compared with what was done when it is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from shared.kernel.errors import Refusal
from shared.kernel.money import format_yuan, parse_yuan

SHOWN_MOST = 20
"""Lines that a refusal tells; the others are asked for."""
_ANY_FEN = -(10**16)


class EffectDiffers(Refusal):
    code = "effect_differs"
    status = 409
    remedy = "Read GET /approvals/<approval_id>/effect?now=true and decide on what it would do now."


class EffectLine(NamedTuple):
    """By how much one payer's share of a season changes; a home whose bills stay has one line of nothing."""

    account_no: str
    season: str | None
    payer: str | None
    amount_fen: int

    def told(self) -> dict[str, Any]:
        told = {"account_no": self.account_no, "season": self.season, "payer": self.payer}
        return {**told, "amount": format_yuan(self.amount_fen)}


@dataclass(frozen=True, slots=True)
class Effect:
    """``charged_fen`` and ``credited_fen`` are both above zero: extra lines, and reductions."""

    homes: int = 0
    charged_fen: int = 0
    credited_fen: int = 0
    lines: tuple[EffectLine, ...] = ()

    @property
    def amount_fen(self) -> int:
        """What limits are compared with: everything that moves, in whichever direction."""
        return self.charged_fen + self.credited_fen

    @property
    def digest(self) -> bytes:
        """SHA-256 of everything above; due days are left out, they go along with the day of the decision."""
        told = [self.homes, self.charged_fen, self.credited_fen, sorted(self.lines, key=str)]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).digest()

    def told(self) -> dict[str, Any]:
        return {
            "homes": self.homes,
            "charged": format_yuan(self.charged_fen),
            "credited": format_yuan(self.credited_fen),
            "amount": format_yuan(self.amount_fen),
            "effect_hash": self.digest.hex(),
        }


NO_EFFECT = Effect()


def effect_of_accounts(answer: Mapping[str, Any]) -> Effect:
    """Of a verb that answers account by account with the corrections of its bills, bills made at once, and debts that were assumed."""
    lines: list[EffectLine] = []
    for account in answer["accounts"]:
        number = account["account_no"]
        own = [EffectLine(number, correction["season"], correction["payer"], _fen(correction["amount"]))
               for correction in account.get("corrections", ())]  # fmt: skip
        own += [
            EffectLine(number, bill["season"], bill["payer"], _fen(bill["amount"]))
            for bill in account.get("billed", ())
        ]
        if "assumed" in account:
            own.append(EffectLine(number, None, account["household"], _fen(account["assumed"])))
        lines += own or [EffectLine(number, None, None, 0)]
    return _effect(lines)


def effect_of_sums(answer: Mapping[str, Any]) -> Effect:
    """Of a verb that answers sums alone: how many homes, what they are charged (below zero: it is taken back) and credited."""
    charged_fen, credited_fen = _fen(answer["charged"]), _fen(answer["credited"])
    return Effect(answer["homes"], max(charged_fen, 0), credited_fen - min(charged_fen, 0))


def assert_effect_is(effect: Effect, seen: bytes | None) -> None:
    """``seen`` is the digest that the checker read; None will do where nothing was to be shown."""
    if (seen or NO_EFFECT.digest) != effect.digest:
        raise EffectDiffers(
            "this is not what it would do now", **effect.told(),
            lines=[line.told() for line in effect.lines[:SHOWN_MOST]],
        )  # fmt: skip


def _effect(lines: list[EffectLine]) -> Effect:
    charged = sum(line.amount_fen for line in lines if line.amount_fen > 0)
    credited = -sum(line.amount_fen for line in lines if line.amount_fen < 0)
    return Effect(len({line.account_no for line in lines}), charged, credited, tuple(lines))


def _fen(amount: str) -> int:
    return parse_yuan(amount, minimum_fen=_ANY_FEN)
