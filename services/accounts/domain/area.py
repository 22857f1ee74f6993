"""The parts that the area of a home is made of; what each counts is a matter of the policy (parameter 20)."""

from __future__ import annotations

COMPONENTS_NAMED: dict[str, str] = {
    "main": "主体",
    "balcony": "封闭阳台",
    "open_balcony": "开放阳台",
    "attic_heated": "有采暖阁楼",
    "attic_unheated": "无采暖阁楼",
    "attic_low": "坡顶净高不足部分",
    "basement": "地下室",
    "kitchen_unheated": "无采暖厨房",
    "shared_heated": "有散热器公共部分",
    "shared_piped": "有管道公共部分",
    "shared_unpiped": "无管道公共部分",
}
"""Code → the word that letters use."""

COMPONENTS = tuple(COMPONENTS_NAMED)

OF_THE_WHOLE = frozenset({"kitchen_unheated"})
"""Parts whose coefficient is one of the whole home: a kitchen without a radiator makes all of it cheaper."""
