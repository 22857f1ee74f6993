"""Heat accounts: who, where, in which state."""

from __future__ import annotations

from services.accounts.domain.account import STATES
from services.accounts.domain.cell_kinds import DAY, NUMBER, WHOLE
from services.accounts.domain.masking import masked_id_no, masked_phone
from services.accounts.domain.price_class import PRICE_CLASSES
from services.accounts.queries.account_card import ENDED, STATE
from services.accounts.queries.listings import (
    ACCOUNT_NO,
    BEGINS,
    EXACT,
    PLACE,
    PREFIX,
    WORD,
    Column,
    Filter,
    Key,
    Listing,
)

# The place and the customer are looked up first, each by its own index, whatever the planner thinks of their number.
_PLACES = "a.premises_id = ANY(ARRAY(SELECT q.premises_id FROM premises q WHERE {}))"
_CUSTOMERS = "a.customer_id = ANY(ARRAY(SELECT q.customer_id FROM customers q WHERE {}))"
_SEES_ID_NUMBERS = ("clerk", "supervisor", "auditor")
_SEES_PHONES = ("cashier", "clerk", "supervisor", "auditor")

LISTING = Listing(
    title="用热户 · heat accounts",
    roles=("cashier", "clerk", "supervisor", "finance", "auditor", "service:payments", "service:bank_gateway"),
    source="heat_accounts a JOIN customers c USING (customer_id) JOIN premises p USING (premises_id)",
    key=(Key("a.account_no", "text"),),
    columns=(
        Column("account_no", "户号", "a.account_no"),
        Column("state", "用热状态", STATE),
        Column("price_class", "用热性质", "a.price_class"),
        Column("name", "户名", "c.name"),
        *PLACE,
        Column("building_area", "建筑面积", "p.building_area", NUMBER),
        Column("inner_area", "套内面积", "p.inner_area", NUMBER),
        Column("usable_area", "使用面积", "p.usable_area", NUMBER),
        Column("storey_height", "层高", "p.storey_height", NUMBER),
        Column("floor", "楼层", "p.floor", WHOLE),
        Column("heat_station", "换热站", "p.heat_station"),
        Column("id_no", "证件号码", "c.id_no", mask=masked_id_no),
        Column("phone", "电话", "c.phone", mask=masked_phone),
        Column("opened_on", "开户日期", "a.opened_on", DAY),
        Column("connected_on", "入网日期", "a.connected_on", DAY),
        Column("employer", "单位", "a.employer"),
    ),
    filters={
        "account_no": Filter("a.account_no = %(account_no)s", ACCOUNT_NO),
        "compound": Filter(_PLACES.format("q.compound = %(compound)s")),
        "building": Filter(
            _PLACES.format("q.compound = %(compound)s AND q.building = %(building)s"), needs=("compound",)
        ),
        "unit": Filter(
            _PLACES.format("q.compound = %(compound)s AND q.building = %(building)s AND q.unit = %(unit)s"),
            needs=("compound", "building"),
        ),
        "heat_station": Filter(_PLACES.format("q.heat_station = %(heat_station)s")),
        "price_class": Filter("a.price_class = %(price_class)s", WORD, choices=tuple(PRICE_CLASSES)),
        # A suspension that has ended by itself is still written as one: `STATE`.
        "state": Filter(
            "a.state = %(state)s",
            WORD,
            choices=tuple(STATES),
            by_value={
                "active": f"a.state = 'active' OR a.state = 'suspended' AND {ENDED}",
                "suspended": f"a.state = 'suspended' AND NOT {ENDED}",
            },
        ),
        "name": Filter(_CUSTOMERS.format(BEGINS.format("q.name", "%(name)s")), PREFIX),
        "id_no": Filter(_CUSTOMERS.format("q.id_no = %(id_no)s"), EXACT, roles=_SEES_ID_NUMBERS),
        "phone": Filter(_CUSTOMERS.format("q.phone = %(phone)s"), EXACT, roles=_SEES_PHONES),
    },
    also="accounts",
)
