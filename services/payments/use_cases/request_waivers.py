"""Somebody asks that late fees be waived: whose, how, until when. A second person decides."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from services.payments.domain.waiver_request import REQUESTED, AskedWaiver, Effect, assert_sound, effect_of
from services.payments.storage.debts import open_debts
from services.payments.storage.payers import Payers
from services.payments.storage.waivers import WaiverRequestRow, WaiverRow, households
from shared.chassis.codec import canonical
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import InvalidInput, refused_at
from shared.kernel.money import format_yuan
from shared.kernel.season import season_label
from shared.kernel.two_people import Person


@dataclass(frozen=True, slots=True)
class RequestWaivers:
    """``preview``: nothing is written, and the answer has no numbers."""

    waivers: tuple[AskedWaiver, ...]
    reason: str
    maker: Person
    preview: bool = False


def request_waivers(command: RequestWaivers, work: Work) -> dict[str, Any]:
    """Write all waivers of the list down, or none, and say what each would leave today.

    Refuses `unknown_account`, an account that stands twice, `not_this_payer`, `nothing_to_waive`,
    `waiver_mode_not_allowed`, `waiver_in_force`; ``place`` says which of the list.
    """
    account_nos = [asked.account_no for asked in command.waivers]
    payers = Payers(work, known := households(work, account_nos))
    debts = open_debts(work, known)
    seen: set[str] = set()
    effects: list[tuple[AskedWaiver, Effect]] = []
    for place, told in enumerate(command.waivers):
        with refused_at(f"/waivers/{place}", account_no=told.account_no):
            if told.account_no in seen:
                raise InvalidInput("this account stands twice in the list", place="account_no", value=told.account_no)
            seen.add(told.account_no)
            assert_sound(told, work.today)
            asked = replace(told, payer=payers.known_as(told.account_no, told.payer))
            effects.append(
                (asked, effect_of(asked, debts.get(asked.account_no, []), payer=asked.payer, today=work.today))
            )
    content = canonical([_written(asked) for asked, _ in effects])
    lines = [{**_told(told), **_shown(effect)} for told, (_, effect) in zip(command.waivers, effects, strict=True)]
    amount_fen = sum(effect.waived_fen for _, effect in effects)
    content_hash = hashlib.sha256(content.encode()).digest()
    numbers = {}
    if not command.preview:
        numbers = _write(work, command, [asked for asked, _ in effects], content, content_hash, amount_fen, lines)
    return {
        **numbers, "state": REQUESTED, "homes": len(effects), "amount": format_yuan(amount_fen), "reason": command.reason,
        "content_hash": content_hash.hex(), "waivers": lines,
    }  # fmt: skip


def _write(work: Work, command: RequestWaivers, waivers: list[AskedWaiver], content: str, content_hash: bytes,
           amount_fen: int, lines: list[dict[str, Any]]) -> dict[str, Any]:  # fmt: skip
    """The request with its waivers; their numbers are put into ``lines``."""
    request_id, *waiver_ids = work.new_ids(1 + len(waivers))
    work.add([WaiverRequestRow(
        request_id, work.command_id, work.today, command.reason, command.maker.login, command.maker.name, content,
        content_hash, len(waivers), amount_fen,
    )])  # fmt: skip
    for waiver_id, asked, line in zip(waiver_ids, waivers, lines, strict=True):
        work.add([WaiverRow(waiver_id, work.command_id, request_id, asked.account_no, asked.payer, asked.season, asked.mode,
                            asked.pct, asked.amount_fen, asked.start_on, asked.until_on)])  # fmt: skip
        line["waiver_id"] = waiver_id
    return {"request_id": request_id}


def _written(asked: AskedWaiver) -> dict[str, Any]:
    """The content of one waiver, in the one form that its hash is made of."""
    return {
        "account_no": asked.account_no, "payer": asked.payer, "season": asked.season, "mode": asked.mode,
        "pct": None if asked.pct is None else f"{asked.pct.normalize():f}", "amount_fen": asked.amount_fen,
        "start_on": asked.start_on.isoformat() if asked.start_on else None,
        "until_on": asked.until_on.isoformat() if asked.until_on else None,
    }  # fmt: skip


def _told(asked: AskedWaiver) -> dict[str, Any]:
    written = _written(asked)
    amount_fen = written.pop("amount_fen")
    del written["until_on"]
    season = None if asked.season is None else season_label(asked.season)
    return {**written, "season": season, "amount": None if amount_fen is None else format_yuan(amount_fen)}


def _shown(effect: Effect) -> dict[str, Any]:
    """``late_fee`` is what is owed today without the waiver, ``late_fee_left`` with it."""
    return {
        "until": effect.until_on.isoformat(), "late_fee": format_yuan(effect.before_fen),
        "late_fee_left": format_yuan(effect.after_fen), "waived": format_yuan(effect.waived_fen),
    }  # fmt: skip
