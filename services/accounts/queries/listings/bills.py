"""Bills in force: what each says by now, and what is open of it."""

from __future__ import annotations

from services.accounts.domain.cell_kinds import AMOUNT, DAY, FLAG, SEASON, WHOLE
from services.accounts.domain.price_class import PRICE_CLASSES
from services.accounts.queries.listings import (
    ACCOUNT_NO,
    OFFICE,
    PLACE,
    SEASON_OF,
    WORD,
    Column,
    Filter,
    Key,
    Listing,
    of_place,
)

# The present owner is `self`, an earlier one goes by his name, whoever bears a share by his own.
_PAYER = """CASE WHEN b.payer = a.household THEN 'self' WHEN b.payer !~ '^self(:[0-9]+)?$' THEN b.payer ELSE coalesce(
    (SELECT c.name FROM ownerships o JOIN customers c USING (customer_id)
     WHERE o.account_no = b.account_no AND o.payer = b.payer), b.payer) END"""
_CORRECTED = """coalesce((SELECT sum(k.amount_fen) FROM bill_corrections k WHERE k.account_no = b.account_no
    AND k.season = b.season AND k.bill_no = b.bill_no AND k.payer = b.payer), 0)::bigint"""

LISTING = Listing(
    title="热费账单 · bills",
    roles=("cashier", *OFFICE),
    source="bills b JOIN heat_accounts a USING (account_no) JOIN premises p USING (premises_id)"
    " LEFT JOIN debts d USING (bill_no, payer)",
    where="b.live",
    key=(Key("b.account_no", "text"), Key("b.season", "smallint"), Key("b.payer", "text")),
    columns=(
        Column("bill_no", "账单号", "b.bill_no", WHOLE),
        Column("account_no", "户号", "b.account_no"),
        *PLACE,
        Column("season", "采暖季", "b.season", SEASON),
        Column("payer", "付费人", _PAYER),
        Column("kind", "类别", "b.kind"),
        Column("price_class", "用热性质", "b.price_class"),
        Column("suspended", "报停", "b.suspended", FLAG),
        Column("issued", "出账金额", "b.amount_fen", AMOUNT),
        Column("corrected", "调整金额", _CORRECTED, AMOUNT),
        Column("amount", "应收金额", f"(b.amount_fen + {_CORRECTED})", AMOUNT),
        Column("open", "未收金额", f"coalesce(d.open_fen, b.amount_fen + {_CORRECTED})", AMOUNT),
        Column("posted_on", "出账日期", "b.posted_on", DAY),
    ),
    filters={
        "account_no": Filter("b.account_no = %(account_no)s", ACCOUNT_NO),
        "season": Filter("b.season = %(season)s", SEASON_OF),
        "payer": Filter("b.payer = %(payer)s"),
        "kind": Filter("b.kind = %(kind)s", WORD, choices=("season", "opening", "share")),
        "price_class": Filter("b.price_class = %(price_class)s", WORD, choices=tuple(PRICE_CLASSES)),
        **of_place("b.account_no"),
    },
)
