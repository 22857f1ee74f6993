"""Why one charge is not the other: each cause with its part of the difference, to the fen.

The causes are put in one after the other (price, area, height, what the home pays of the fee), each time the charge
is worked out again; so the parts add up to the whole difference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from services.accounts.domain.derivation import nodes_of, recomputed_fen, season_fee_of
from services.accounts.domain.explanation import Told, area_told, height_told, price_told, told
from services.accounts.domain.price_class import PRICE_CLASSES
from shared.kernel.money import format_yuan

_AREA_KEYS = ("area_dm2", "missing_area_factor_pct", "components", "measured_dm2", "area_decimals")
Derivation = Mapping[str, Any]


class Cause(NamedTuple):
    """``code`` is price, area, height or share; ``fen`` is what it adds (below 0: takes away)."""

    code: str
    fen: int
    told: Told


def causes_of(before: Derivation, now: Derivation) -> list[Cause]:
    """The causes that change the charge; their ``fen`` add up to the charge of ``now`` less that of ``before``."""
    causes, stage, stage_fen = [], before, recomputed_fen(before)
    for code, changed, tell in _STAGES:
        following = changed(stage, now)
        following_fen = recomputed_fen(following)
        if following_fen != stage_fen:
            causes.append(Cause(code, following_fen - stage_fen, tell(before, now, following_fen - stage_fen)))
        stage, stage_fen = following, following_fen
    return causes


def tell_difference(before_fen: int, now_fen: int, causes: list[Cause], *, than: Told) -> Told:
    """One sentence for the whole: ``than`` names what the charge is compared with."""
    if before_fen == now_fen:
        return Told(f"与{than.zh}相同。", f"The same as {than.en}.")
    change = _change(now_fen - before_fen)
    return Told(
        f"比{than.zh}{change.zh}：{'；'.join(cause.told.zh for cause in causes)}。",
        f"{change.en} than {than.en}: {'; '.join(cause.told.en for cause in causes)}.",
    )


def _with_price(stage: Derivation, now: Derivation) -> Derivation:
    changed = _with_season_fee(stage, season_fee_of(now["line"]), ("own_price",))
    return {**changed, "tariff": {**stage["tariff"], "price": now["tariff"]["price"]}}


def _with_area(stage: Derivation, now: Derivation) -> Derivation:
    return _with_season_fee(stage, season_fee_of(now["line"]), _AREA_KEYS)


def _with_height(stage: Derivation, now: Derivation) -> Derivation:
    changed = _with_season_fee(stage, season_fee_of(now["line"]), ("height",))
    return {**changed, "tariff": {**changed["tariff"], "parameters": now["tariff"]["parameters"]}}


def _with_all(_: Derivation, now: Derivation) -> Derivation:
    return now


def _with_season_fee(stage: Derivation, other: Mapping[str, Any], keys: tuple[str, ...]) -> Derivation:
    """The same derivation, its season fee with these keys as in another one."""

    def changed(node: Mapping[str, Any]) -> dict[str, Any]:
        if "of" in node:
            return {**node, "of": changed(node["of"])}
        kept = {key: value for key, value in node.items() if key not in keys}
        return {**kept, **{key: other[key] for key in keys if key in other}}

    return {**stage, "line": changed(stage["line"])}


def _tell_price(before: Derivation, now: Derivation, fen: int) -> Told:
    was, is_now = price_told(before), price_told(now)
    of_class = [derivation["tariff"]["price_class"] for derivation in (before, now)]
    change = _change(fen)
    if of_class[0] != of_class[1]:
        zh = f"用热性质由{PRICE_CLASSES[of_class[0]]}改为{PRICE_CLASSES[of_class[1]]}，"
        en = f"the use changed from {of_class[0]} to {of_class[1]}, "
    else:
        zh = en = ""
    return Told(
        f"{zh}单价由{was.zh}改为{is_now.zh}，{change.zh}",
        f"{en}the price changed from {was.en} to {is_now.en}: {change.en}",
    )


def _tell_area(before: Derivation, now: Derivation, fen: int) -> Told:
    was, is_now, change = area_told(before), area_told(now), _change(fen)
    return Told(
        f"面积由{was.zh}改为{is_now.zh}，{change.zh}", f"the area changed from {was.en} to {is_now.en}: {change.en}"
    )


def _tell_height(before: Derivation, now: Derivation, fen: int) -> Told:
    was, is_now, change = height_told(before), height_told(now), _change(fen)
    return Told(
        f"层高系数由{was}改为{is_now}，{change.zh}", f"the height factor changed from {was} to {is_now}: {change.en}"
    )


def _tell_share(before: Derivation, now: Derivation, fen: int) -> Told:
    was, is_now, change = _rest(before), _rest(now), _change(fen)
    return Told(f"此前{was.zh}，现在{is_now.zh}，{change.zh}", f"before: {was.en}, now: {is_now.en}: {change.en}")


def _rest(derivation: Derivation) -> Told:
    """What comes after area × price."""
    nodes = list(nodes_of(derivation["line"]))[1:]
    if not nodes:
        return Told("按全季计", "the whole season counts")
    sentences = [told(node, derivation["tariff"]) for node in nodes]
    return Told("，".join(sentence.zh for sentence in sentences), ", ".join(sentence.en for sentence in sentences))


def _change(fen: int) -> Told:
    amount = format_yuan(abs(fen))
    return Told(f"多{amount}元", f"{amount} yuan more") if fen > 0 else Told(f"少{amount}元", f"{amount} yuan less")


_STAGES: tuple[
    tuple[str, Callable[[Derivation, Derivation], Derivation], Callable[[Derivation, Derivation, int], Told]], ...
] = (
    ("price", _with_price, _tell_price),
    ("area", _with_area, _tell_area),
    ("height", _with_height, _tell_height),
    ("share", _with_all, _tell_share),
)
