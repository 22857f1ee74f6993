"""One heat account: who, where, in which state. Personal numbers are masked."""

from __future__ import annotations

from datetime import date
from typing import Any

from services.accounts.domain.masking import masked_id_no, masked_phone
from services.accounts.storage.account_facts import facts_of
from shared.chassis.unit_of_work import Work
from shared.kernel.errors import UnknownAccount
from shared.kernel.season import season_label

# A suspension for some seasons ends by itself: the column still says so until something else happens.
ENDED = """EXISTS (
    SELECT FROM inactive_periods i WHERE i.account_no = a.account_no AND i.state = 'suspended' AND i.until_on <= %(today)s
    AND i.from_season = a.suspended_from)"""
STATE = f"CASE WHEN a.state = 'suspended' AND {ENDED} THEN 'active' ELSE a.state END"

_CARD = f"""
SELECT a.account_no, {STATE}, a.price_class, c.name, p.compound, p.building, p.unit, p.room, p.building_area,
       c.id_type, c.id_no, c.phone, p.floor, p.heat_station, p.inner_area, p.usable_area, p.certified_area,
       p.storey_height, a.opened_on, a.connected_on, a.warranty_until, a.suspended_from, a.low_income,
       a.employer, a.remark
FROM heat_accounts a JOIN customers c USING (customer_id) JOIN premises p USING (premises_id)
WHERE a.account_no = %(account_no)s
"""

_MOVES = """
SELECT m.verb, m.from_state, m.to_state, m.effective_on, m.reason, k.actor, k.at
FROM account_moves m JOIN commands k USING (command_id) WHERE m.account_no = %s
ORDER BY k.at, m.move_id
"""


def account_card(work: Work, account_no: str) -> dict[str, Any]:
    """Refuses `unknown_account`."""
    rows = work.rows(_CARD, {"account_no": account_no, "today": work.today})
    if not rows:
        raise UnknownAccount("there is no such account", account_no=account_no)
    (id_type, id_no, phone, floor, station, inner, usable, certified, height, opened_on, connected_on,
     warranty_until, suspended_from, low_income, employer, remark) = rows[0][9:]  # fmt: skip
    return {
        **_line(rows[0][:9]),
        "id_type": id_type,
        "id_no": masked_id_no(id_no),
        "phone": masked_phone(phone),
        "floor": floor,
        "heat_station": station,
        "inner_area": _text(inner),
        "usable_area": _text(usable),
        "certified_area": _text(certified),
        "storey_height": _text(height),
        "opened_on": _text(opened_on),
        "connected_on": _text(connected_on),
        "warranty_until": _text(warranty_until),
        "suspended_from": season_label(suspended_from) if suspended_from else None,
        "low_income": low_income,
        "employer": employer,
        "remark": remark,
    }


_AREA_ON = """
SELECT coalesce((SELECT building_area FROM premises_areas v JOIN commands k USING (command_id)
                 WHERE v.premises_id = p.premises_id AND v.valid_from <= %(day)s
                 ORDER BY v.valid_from DESC, k.at DESC, v.version_id DESC LIMIT 1), p.building_area)
FROM premises p WHERE premises_id = %(premises_id)s
"""


def account_state(work: Work, account_no: str, *, day: date) -> dict[str, Any]:
    """What is true of the account on a day, and how it came about, oldest move first. Refuses `unknown_account`.

    What is known today of that day: a suspension that ends in the future ends there, unless it is ended before.
    """
    facts = facts_of(work, [account_no]).get(account_no)
    if facts is None:
        raise UnknownAccount("there is no such account", account_no=account_no)
    period = facts.period_on(day)
    area = work.rows(_AREA_ON, {"day": day, "premises_id": facts.premises_id})[0][0]
    return {
        "account_no": account_no,
        "day": day.isoformat(),
        "state": facts.state_on(day),
        "building_area": str(area),
        "suspended_from": season_label(period.from_season) if period and period.from_season else None,
        "periods": [
            {"state": each.state, "from_on": each.from_on.isoformat(), "until_on": _text(each.until_on),
             "from_season": season_label(each.from_season) if each.from_season else None}
            for each in facts.periods
        ],
        "moves": [
            {
                "verb": verb,
                "from": from_state,
                "to": to_state,
                "effective_on": effective_on.isoformat(),
                "reason": reason,
                "by": actor,
                "at": at.isoformat(),
            }
            for verb, from_state, to_state, effective_on, reason, actor, at in work.rows(_MOVES, (account_no,))
        ],
    }  # fmt: skip


def _line(row: tuple[Any, ...]) -> dict[str, Any]:
    names = ("account_no", "state", "price_class", "name", "compound", "building", "unit", "room")
    return {**dict(zip(names, row[:8], strict=True)), "building_area": str(row[8])}


def _text(value: object) -> str | None:
    return None if value is None else str(value)
