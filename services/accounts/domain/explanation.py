"""A charge told in plain sentences, in Chinese for the customer and in English: one for each node of its derivation."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from services.accounts.domain.area import COMPONENTS_NAMED
from services.accounts.domain.derivation import nodes_of, season_fee_of
from services.accounts.domain.partial_use import RULES
from services.accounts.domain.price_class import PRICE_CLASSES
from shared.kernel.money import format_yuan

_AREAS = {
    "BUILDING": ("建筑面积", "building area"),
    "INNER": ("套内面积", "inner area"),
    "USABLE": ("使用面积", "usable area"),
    "CERTIFIED": ("核定收费面积", "certified area"),
}
_MODES = {
    "NONE": ("按面积热费计", "the fee by area counts"),
    "BOTH": ("多退少补", "settled both ways"),
    "REFUND_ONLY": ("多退少不补，取低者", "the lower of the two counts"),
    "COLLECT_ONLY": ("少补多不退，取高者", "the higher of the two counts"),
}


class Told(NamedTuple):
    """The same in two languages."""

    zh: str
    en: str


def explain(derivation: Mapping[str, Any]) -> str:
    """One plain sentence in Chinese for the customer: area, price, reasons for more or less, the legal ground."""
    tariff = derivation["tariff"]
    parts = [told(node, tariff).zh for node in nodes_of(derivation["line"])]
    parts[0] = f"{tariff['season']}采暖期{PRICE_CLASSES[tariff['price_class']]}热费：{parts[0]}"
    return "；".join([*parts, *_provisional(tariff, 0), ground_of(tariff).zh]) + "。"


def explain_in_english(derivation: Mapping[str, Any]) -> str:
    tariff = derivation["tariff"]
    parts = [told(node, tariff).en for node in nodes_of(derivation["line"])]
    parts[0] = f"Heat fee of the season {tariff['season']}, {tariff['price_class'].replace('_', ' ')}: {parts[0]}"
    return "; ".join([*parts, *_provisional(tariff, 1), ground_of(tariff).en]) + "."


def told(node: Mapping[str, Any], tariff: Mapping[str, Any]) -> Told:
    """One node, without a full stop."""
    if node["rule"] == "part_of_season_fee":
        return _part(node)
    if node["rule"] == "metered":
        return _metered(node)
    if node["rule"] == "by_parts":
        return _by_parts(node, tariff)
    if node["rule"] == "extended_season":
        return _extended(node)
    return _season_fee(node, tariff)


def ground_of(tariff: Mapping[str, Any]) -> Told:
    return Told(
        f"依据收费政策{tariff['policy']}（版本{tariff['version']}，{tariff['document']}）",
        f"by the tariff policy {tariff['policy']} (version {tariff['version']}, {tariff['document']})",
    )


def area_told(derivation: Mapping[str, Any]) -> Told:
    return _area(season_fee_of(derivation["line"]), derivation["tariff"])


def price_told(derivation: Mapping[str, Any]) -> Told:
    own = season_fee_of(derivation["line"]).get("own_price")
    return _own_price(own, derivation["tariff"]) if own else _price(derivation["tariff"]["price"])


def height_told(derivation: Mapping[str, Any]) -> str:
    """The height factor, 1 where there is none."""
    return str(season_fee_of(derivation["line"]).get("height", {}).get("times", "1"))


def _provisional(tariff: Mapping[str, Any], language: int) -> list[str]:
    if not tariff.get("provisional"):
        return []
    return [
        ("本季为暂定价，差额在下一采暖期结算", "the price is provisional: the difference is settled next season")[
            language
        ]
    ]


def _season_fee(node: Mapping[str, Any], tariff: Mapping[str, Any]) -> Told:
    area, height = _area(node, tariff), _height(node.get("height"))
    price = _own_price(node["own_price"], tariff) if "own_price" in node else _price(tariff["price"])
    amount = format_yuan(node["fen"])
    rounded = _rounding(node)
    times, note = height
    return Told(
        f"{area.zh}×{price.zh}{times}={amount}元{rounded.zh}{note.zh}",
        f"{area.en} × {price.en}{times.replace('×', ' × ')} = {amount} yuan{rounded.en}{note.en}",
    )


def _area(node: Mapping[str, Any], tariff: Mapping[str, Any]) -> Told:
    area = f"{Decimal(node['area_dm2']) / 100:.2f}"
    basis = Told(*_AREAS[tariff["area_basis"]])
    if "missing_area_factor_pct" in node:
        pct = node["missing_area_factor_pct"]
        return Told(
            f"建筑面积{area}平方米×{pct}%（无{basis.zh}）", f"building area {area} m² × {pct} % (no {basis.en} known)"
        )
    if "components" in node:
        return Told(
            f"收费面积{area}平方米（{'+'.join(_component(*part)[0] for part in node['components'])}）",
            f"chargeable area {area} m² ({' + '.join(_component(*part)[1] for part in node['components'])})",
        )
    return Told(f"{basis.zh}{area}平方米", f"{basis.en} {area} m²")


def _component(component: str, area_dm2: int, coefficient: str) -> tuple[str, str]:
    area = f"{Decimal(area_dm2) / 100:.2f}"
    times = "" if coefficient == "1" else f"×{coefficient}"
    name = component.replace("_", " ")
    return f"{COMPONENTS_NAMED[component]}{area}{times}", f"{name} {area}{times.replace('×', ' × ')}"


def _own_price(own: Mapping[str, Any], tariff: Mapping[str, Any]) -> Told:
    """The price of a home that does not pay that of its class, and up to which area."""
    price, of_class = _price(own["price"]), _price(tariff["price"])
    if "cap_dm2" not in own:
        return Told(f"优惠价{price.zh}", f"its own price of {price.en}")
    cap = f"{Decimal(own['cap_dm2']) / 100:.2f}"
    return Told(
        f"优惠价{price.zh}（至{cap}平方米，以外按{of_class.zh}）",
        f"its own price of {price.en} (up to {cap} m², beyond that {of_class.en})",
    )


def _price(price: Mapping[str, Any]) -> Told:
    if price["form"] == "published":
        parts = "+".join(_yuan(yuan) for yuan, _ in price["parts"])
        return Told(f"({parts})元/平方米（各段公布价之和）", f"({parts}) yuan/m² (the published parts added up)")
    period = _period(price)
    if price["form"] == "segments":
        days = sum(days for _, days in price["parts"])
        zh = "+".join(f"{_yuan(yuan)}元×{part}天" for yuan, part in price["parts"])
        en = " + ".join(f"{_yuan(yuan)} yuan × {part} days" for yuan, part in price["parts"])
        return Told(f"({zh})÷{days}天{period.zh}", f"({en}) ÷ {days} days{period.en}")
    factor = "" if price["factor_pct"] == "100" else price["factor_pct"]
    yuan = _yuan(price["parts"][0][0])
    return Told(
        f"{yuan}元/平方米{f'×{factor}%' if factor else ''}{period.zh}",
        f"{yuan} yuan/m²{f' × {factor} %' if factor else ''}{period.en}",
    )


def _period(price: Mapping[str, Any]) -> Told:
    if price["basis"] == "PER_SEASON":
        return Told("", "")
    word = Told("个月", "months") if price["basis"] == "PER_MONTH" else Told("天", "days")
    return Told(f"×{price['units']}{word.zh}", f" × {price['units']} {word.en}")


def _height(height: Mapping[str, Any] | None) -> tuple[str, Told]:
    """What stands in the multiplication, and what is told about it."""
    if height is None:
        return "", Told("", "")
    metres = f"{Decimal(height['storey_height_mm']) / 1000:.2f}"
    times = Fraction(height["times"])
    if times == 1:
        return "", Told(f"（层高{metres}米，不加价）", f" (storey height {metres} m, no surcharge)")
    if height["rule"] == "STEP":
        pct, steps = height["added_pct"], height["steps"]
        return f"×(1+{pct}%)", Told(
            f"（层高{metres}米，超高{steps}步，加价{pct}%）",
            f" (storey height {metres} m, {steps} steps, {pct} % more)",
        )
    return f"×{times}", Told(f"（层高{metres}米，按{times}倍计）", f" (storey height {metres} m, {times} times)")


def _part(node: Mapping[str, Any]) -> Told:
    reasons = [_reduction(reduction) for reduction in node["reductions"]]
    amount, rounded = format_yuan(node["fen"]), _rounding(node)
    return Told(
        f"{'，'.join(reason.zh for reason in reasons)}，应收{amount}元{rounded.zh}",
        f"{', '.join(reason.en for reason in reasons)}: {amount} yuan{rounded.en}",
    )


def _reduction(reduction: Mapping[str, Any]) -> Told:
    rule = reduction["rule"]
    if rule in RULES:
        return _use(reduction)
    if rule == "metered_basic_only":
        return Told(
            f"计量用户先交基本热费{reduction['pct']}%",
            f"metered, the basic fee of {reduction['pct']} % is paid in advance",
        )
    if rule in ("split_off", "merged"):
        on, days, of = reduction["on"], reduction["days"], reduction["of_days"]
        if rule == "merged":
            return Told(
                f"{on}并入他户，按此前{days}/{of}天计", f"part of another account from {on}, {days}/{of} days count"
            )
        return Told(f"{on}由他户分出，按{days}/{of}天计", f"split off on {on}, {days}/{of} days count")
    on, days = reduction["connected_on"], f"{reduction['days']}/{reduction['of_days']}"
    if rule == "connected_full" and reduction["days"]:
        return Told(f"{on}接入，仍按全季计", f"connected on {on}, the whole season counts")
    return Told(f"{on}接入，按{days}天计", f"connected on {on}, {days} days count")


def _use(reduction: Mapping[str, Any]) -> Told:
    pct = reduction["pct"]
    match reduction["rule"]:
        case "suspended":
            return Told(f"本季报停，按{pct}%计", f"suspended this season, {pct} % is kept")
        case "late_suspended":
            late = reduction["late_pct"]
            return Told(
                f"逾期报停，按{pct}%计（含逾期{late}%）", f"suspended late, {pct} % is kept ({late} % for the delay)"
            )
        case "valve_open":
            return Told("报停期间查实用热，按全季计", "found using heat while suspended, the whole season counts")
        case "illegal_use":
            return _illegal_use(reduction)
        case "disconnected":
            return Told("采暖期前已拆除，不计费", "disconnected before the season, nothing is charged")
    days, other, of = (reduction.get(key) for key in ("days", "other_days", "of_days"))
    if reduction["rule"] == "cut":
        return Told(
            f"用热{days}天，欠费断供{other}天按{pct}%计，全季{of}天",
            f"{days} days with heat, {other} days cut off at {pct} %, of {of} days",
        )
    on = reduction["resumed_on"]
    if reduction["rule"] == "resumed_full":
        return Told(f"{on}复热，按全季计", f"resumed on {on}, the whole season counts")
    if reduction["rule"] == "resumed_days_blend":
        return Told(
            f"{on}复热，用热{days}天，报停{other}天按{pct}%计，全季{of}天",
            f"resumed on {on}: {days} days used, {other} days suspended at {pct} %, of {of} days",
        )
    return Told(
        f"{on}复热，保留{pct}%，另计用热{days}/{of}天", f"resumed on {on}: {pct} % kept, and {days}/{of} days used"
    )


def _by_parts(node: Mapping[str, Any], tariff: Mapping[str, Any]) -> Told:
    """The parts of the season before the last one, each with its own fee; the last one stands in the node before."""
    zh, en = [], []
    for part in node["earlier"]:
        own = part.get("tariff", tariff)
        fee = _season_fee(part["line"], own)
        zh.append(f"{part['from']}起{part['days']}天按{PRICE_CLASSES[own['price_class']]}{fee.zh}")
        en.append(f"{part['days']} days from {part['from']} as {own['price_class'].replace('_', ' ')} at {fee.en}")
    amount, rounded = format_yuan(node["fen"]), _rounding(node)
    own_class = tariff["price_class"]
    return Told(
        f"本季有变更：{'，'.join(zh)}，{node['from']}起{node['days']}天按{PRICE_CLASSES[own_class]}，共{node['of_days']}天，"
        f"应收{amount}元{rounded.zh}",
        f"changed within the season: {', '.join(en)}, {node['days']} days from {node['from']} as "
        f"{own_class.replace('_', ' ')}, of {node['of_days']} days: {amount} yuan{rounded.en}",
    )


def _illegal_use(reduction: Mapping[str, Any]) -> Told:
    pct, days, of = reduction["pct"], reduction["days"], reduction["of_days"]
    if reduction["charged"] != "DAYS":
        return Told(f"擅自用热，按全季{pct}%计", f"heat used without a right to it, the whole season counts at {pct} %")
    lawful, other = reduction["lawful_days"], reduction["other_days"]
    zh = f"擅自用热{days}天按{pct}%计，全季{of}天"
    en = f"{days} days of heat used without a right to it at {pct} %, of {of} days"
    if lawful or other:
        zh += f"，正常{lawful}天，未用热{other}天按{reduction['other_pct']}%计"
        en += f"; {lawful} days paid fully, {other} days without heat at {reduction['other_pct']} %"
    return Told(zh, en)


def _metered(node: Mapping[str, Any]) -> Told:
    basic, heat, amount = (format_yuan(fen) for fen in (node["basic_fen"], node["metered_fen"], node["fen"]))
    total = format_yuan(node["basic_fen"] + node["metered_fen"])
    mode = Told(*_MODES[node["mode"]])
    factor = f"×{node['correction_factor']}" if "correction_factor" in node else ""
    used = f"{node['quantity']}{node['unit']}{factor}×{node['price']}元/{node['price_unit']}"
    return Told(
        f"基本热费{node['basic_pct']}%为{basic}元，计量热费{used}={heat}元，合计{total}元，{mode.zh}，应收{amount}元",
        f"basic fee of {node['basic_pct']} %: {basic} yuan, heat {used.replace('元', ' yuan')} = {heat} yuan, "
        f"together {total} yuan; {mode.en}: {amount} yuan",
    )


def _extended(node: Mapping[str, Any]) -> Told:
    extra, amount = format_yuan(node["extra_fen"]), format_yuan(node["fen"])
    days = f"{node['days']}/{node['of_days']}"
    return Told(
        f"延长供热，加计{days}天{extra}元，应收{amount}元",
        f"heated longer, {days} days more: {extra} yuan, together {amount} yuan",
    )


def _rounding(node: Mapping[str, Any]) -> Told:
    if Fraction(node["exact"]).denominator == 1:
        return Told("", "")
    return Told("（四舍五入到分）", " (rounded half-up)")


def _yuan(text: str) -> str:
    """At least two decimals: 26 → 26.00, 0.185 → 0.185."""
    value = Decimal(text)
    return f"{value:.2f}" if value == round(value, 2) else text
