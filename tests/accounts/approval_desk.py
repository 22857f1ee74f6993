"""What tests of approvals share: who asks, who decides, and one example of every kind that changes bills."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from tests.accounts.conftest import a_home
from tests.accounts.lifecycle_desk import NUMBERS, Desk

WINTER = date(2026, 1, 27)
Example = tuple[str, dict[str, Any]]
"""The path of the verb's own route, and its body."""


def asked(desk: Desk, kind: str, content: Any, *, login: str = "zhang", roles: tuple[str, ...] = ("clerk",)) -> Any:
    status, request = desk.post(
        "/approvals", {"kind": kind, "content": content, "reason": "用户申请"}, roles=roles, login=login
    )
    assert status == 201, request
    return request


def decision(request: Any, verb: str = "approve", **changed: Any) -> dict[str, Any]:
    hashes = {
        name: request[name] for name in ("content_hash", "effect_hash") if verb == "approve" or name == "content_hash"
    }
    return {"approval_id": request["approval_id"], "verb": verb, **hashes, **changed}


def decided(desk: Desk, *decisions: dict[str, Any], login: str = "li", roles: tuple[str, ...] = ("supervisor",),
            key: str | None = None, preview: bool = False) -> Any:  # fmt: skip
    body = {"decisions": list(decisions), "preview": preview}
    status, answer = desk.post("/approvals/decisions", body, roles=roles, login=login, key=key)
    assert status == 200, answer
    return answer["decisions"][0] if len(decisions) == 1 else answer["decisions"]


def rules(desk: Desk, **kinds: dict[str, Any]) -> None:
    """``rules(desk, cut_account={"from_homes": 2})``"""
    told = [{"kind": kind, **rule} for kind, rule in kinds.items()]
    status, answer = desk.post("/approval-rules", {"rules": told, "reason": "内控制度"}, roles=["security_admin"])
    assert status == 201, answer


def limits(desk: Desk, kind: str, **roles: str | None) -> None:
    """``limits(desk, "cut_account", supervisor="2000.00", finance=None)``"""
    told = [{"role": role, "limit": limit} for role, limit in roles.items()]
    status, answer = desk.post("/approval-limits", {"kind": kind, "limits": told}, roles=["security_admin"])
    assert status == 201, answer


def billed_in_winter(desk: Desk, **given: Any) -> str:
    home = desk.billed_home(connected_on="2020-11-01", **given)
    desk.set_day(WINTER)
    return home


def larger(desk: Desk, *, homes: int = 1) -> Example:
    areas = [{"account_no": billed_in_winter(desk), "building_area": "99.63"} for _ in range(homes)]
    return "/accounts/areas", {"areas": areas, "reason": "复测"}


def apart(desk: Desk) -> Example:
    parts = [{"component": "main", "area": "80.00"}]
    homes = [{"account_no": billed_in_winter(desk), "components": parts}]
    return "/accounts/area-components", {"homes": homes, "reason": "拆分"}


def reclassed(desk: Desk) -> Example:
    change = {"account_no": billed_in_winter(desk), "price_class": "nonresidential"}
    return "/accounts/class-changes", {"changes": [change], "reason": "住改商"}


def suspended(desk: Desk) -> Example:
    home = desk.billed_home(connected_on="2020-11-01")
    desk.set_day(date(2025, 9, 20))
    return "/accounts/suspensions", {"suspensions": [{"account_no": home, "season": "2025-2026"}], "reason": "出国"}


def _suspend(desk: Desk) -> str:
    path, body = suspended(desk)
    assert desk.post(path, body)[0] == 201
    desk.set_day(WINTER)
    return str(body["suspensions"][0]["account_no"])


def resumed(desk: Desk) -> Example:
    desk.post("/policies", {"name": "default", "set": {"resume_rule": "DAYS_BLEND"}})
    return "/accounts/resumptions", {"accounts": [_suspend(desk)], "reason": "回国"}


def gone(desk: Desk) -> Example:
    home = desk.billed_home(connected_on="2020-11-01")
    desk.set_day(date(2025, 10, 20))
    return "/accounts/disconnections", {"accounts": [home], "reason": "拆迁"}


def cut(desk: Desk) -> Example:
    home = desk.billed_home()
    desk.payments.owing(home, "2335.04", since="2025-12-31")
    for day in (date(2026, 1, 5), date(2026, 1, 12)):
        desk.set_day(day)
        desk.do("notices", accounts=[home])
    desk.set_day(WINTER)
    return "/accounts/cuts", {"accounts": [home], "reason": "欠费"}


def inspected(desk: Desk) -> Example:
    return "/accounts/inspections", {"accounts": [_suspend(desk)], "reason": "私开阀门"}


def sold(desk: Desk) -> Example:
    home = billed_in_winter(desk)
    desk.payments.owing(home, "2335.04")
    transfer = {"account_no": home, "name": "李明", "assumed_by": "承担协议 2026-17"}
    return "/accounts/transfers", {"transfers": [transfer], "reason": "房屋买卖"}


def relieved(desk: Desk) -> Example:
    relief = {"account_no": billed_in_winter(desk), "kind": "low_income"}
    return "/accounts/reliefs", {"reliefs": [relief], "reason": "低保证"}


def joined(desk: Desk) -> Example:
    code = f"AP{next(NUMBERS)}"
    assert desk.post("/payer-groups", {"groups": [{"code": code, "name": f"MILL {code}"}]})[0] == 201
    members = [{"account_no": billed_in_winter(desk)}]
    return f"/payer-groups/{code}/members", {"code": code, "members": members, "reason": "名册"}


def relief_ended(desk: Desk) -> Example:
    path, body = relieved(desk)
    assert desk.post(path, body)[0] == 201
    ending = {"account_no": body["reliefs"][0]["account_no"], "kind": "low_income"}
    return "/accounts/reliefs/endings", {"endings": [ending], "reason": "误批"}


def cold(desk: Desk) -> Example:
    measured = {"account_no": billed_in_winter(desk), "days": 12, "celsius": "16.5"}
    return "/accounts/temperatures", {"measured": [measured], "reason": "入户测温"}


def interrupted(desk: Desk) -> Example:
    return "/accounts/outages", {"accounts": [billed_in_winter(desk)], "hours": "72.00", "reason": "主管网抢修"}


def short(desk: Desk) -> Example:
    billed_in_winter(desk)
    desk.set_day(date(2026, 4, 20))
    days = {"season": "2025-2026", "supplied_from": "2025-11-04", "supplied_until": "2026-03-31"}
    return "/seasons/supplied", {**days, "reason": "延迟供热"}


def metered(desk: Desk) -> Example:
    changes = {"price_residential": "25.00", "basic_share_pct": "30", "metered_price": "0.13/kWh"}
    desk.post("/policies", {"name": "default", "set": changes})
    home = desk.billed_home(building_area="100.00")
    desk.set_day(date(2026, 6, 1))
    readings = [{"account_no": home, "quantity": "8100", "unit": "kWh"}]
    return "/accounts/metered-heat", {"readings": readings, "reason": "抄表"}


def knocked_into_one(desk: Desk) -> Example:
    merger = {"account_no": billed_in_winter(desk), "other_no": ""}
    desk.set_day(date(2025, 10, 20))
    merger["other_no"] = billed_in_winter(desk)
    return "/accounts/mergers", {"mergers": [merger], "reason": "合户"}


def divided(desk: Desk) -> Example:
    home = billed_in_winter(desk, building_area="100.00")
    part = {"room": f"{home}-2", "building_area": "40.00"}
    division = {"account_no": home, "remaining": {"building_area": "60.00"}, "part": part}
    return "/accounts/divisions", {"divisions": [division], "reason": "分户"}


def nobody_knew(desk: Desk) -> Example:
    desk.set_day(WINTER)
    return "/accounts/unknown-homes", {"homes": [a_home(next(NUMBERS))], "reason": "稽查"}


def _applied(desk: Desk) -> tuple[str, int]:
    home = desk.billed_home(connected_on="2020-11-01")
    desk.set_day(date(2025, 9, 26))
    body = {"applications": [{"account_no": home, "season": "2025-2026"}], "reason": "出国"}
    status, answer = desk.post("/suspension-applications", body)
    assert status == 201, answer
    return home, answer["applications"][0]["application_id"]


def application_granted(desk: Desk) -> Example:
    _, number = _applied(desk)
    return "/suspension-applications/answers", {"applications": [number], "granted": True, "reason": "同意报停"}


def suspension_unpaid(desk: Desk) -> Example:
    home, number = _applied(desk)
    granting = {"applications": [number], "granted": True, "reason": "同意报停"}
    assert desk.post("/suspension-applications/answers", granting)[0] == 201
    desk.payments.not_paid(home, "2025-2026", "699.11")
    desk.set_day(date(2025, 10, 1))
    return "/suspension-applications/lapses", {"applications": [number], "reason": "逾期未交"}


EXAMPLES: dict[str, Callable[[Desk], Example]] = {
    "correct_area": larger,
    "take_area_apart": apart,
    "change_class": reclassed,
    "suspend_account": suspended,
    "answer_suspensions": application_granted,
    "lapse_unpaid_suspensions": suspension_unpaid,
    "resume_account": resumed,
    "disconnect_account": gone,
    "cut_account": cut,
    "inspect": inspected,
    "transfer_account": sold,
    "grant_relief": relieved,
    "end_relief": relief_ended,
    "join_group": joined,
    "record_temperature": cold,
    "record_outage": interrupted,
    "credit_short_season": short,
    "settle_metered_heat": metered,
    "merge_accounts": knocked_into_one,
    "charge_unknown_home": nobody_knew,
    "split_account": divided,
}
"""By kind, a home made ready and what is asked for it; each changes what is billed or owed."""
