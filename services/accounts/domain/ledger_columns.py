"""The columns of the customer ledger, found by their headings in whatever order they stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

HEADINGS = (
    "户号", "姓名", "证件类型", "证件号码", "手机号", "小区", "楼栋", "单元", "房号", "楼层",
    "建筑面积", "套内面积", "使用面积", "层高", "用热性质", "用热状态", "换热站", "入网日期", "保修到期",
    "报停起始季", "代扣银行", "银行账号", "开户名", "低保标志", "单位代缴", "上季欠费", "欠费所属季",
    "预存余额", "备注",
)  # fmt: skip

(
    ACCOUNT_NO, NAME, ID_TYPE, ID_NO, PHONE, COMPOUND, BUILDING, UNIT, ROOM, FLOOR,
    BUILDING_AREA, INNER_AREA, USABLE_AREA, STOREY_HEIGHT, PRICE_CLASS, STATE, HEAT_STATION, CONNECTED_ON,
    WARRANTY_UNTIL, SUSPENDED_FROM, BANK, BANK_ACCOUNT, ACCOUNT_HOLDER, LOW_INCOME, EMPLOYER, ARREARS,
    ARREARS_SEASONS, PREPAYMENT, REMARK,
) = range(29)  # fmt: skip
"""Places in ``HEADINGS``; cells that were arranged stand in this order."""

FREE_TEXT = (NAME, COMPOUND, HEAT_STATION, BANK, ACCOUNT_HOLDER, EMPLOYER, REMARK)
"""Names and remarks: only their ends are put right. The others hold codes, numbers, dates or fixed words."""

BLANKS = " \t\u00a0\u3000"
"""What is removed at both ends of every cell."""

Cells = Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    """Which columns a file has to have, the sheet of a workbook that holds them, and which of them are days."""

    sheet: str
    headings: tuple[str, ...]
    dates: tuple[str, ...]


LEDGER = Table("用户台账", HEADINGS, (HEADINGS[CONNECTED_ON], HEADINGS[WARRANTY_UNTIL]))


@dataclass(frozen=True, slots=True)
class Headings:
    """The first record of a ledger. ``names`` stand as in the file; a column without one is called ``""``."""

    names: tuple[str, ...]
    _pick: Callable[[Cells], tuple[str, ...]] = field(repr=False)

    @property
    def width(self) -> int:
        return len(self.names)

    @property
    def unknown(self) -> tuple[str, ...]:
        """Columns that nobody here knows. They are read over, and whoever imports should be told of them."""
        return tuple(name for name in self.names if name not in HEADINGS)

    def arranged(self, cells: Cells) -> tuple[str, ...]:
        """The cells in the order of ``HEADINGS``; there must be as many as headings."""
        return self._pick(cells)

    def place(self, column: int) -> int:
        """Where a column of ``HEADINGS`` stands in the file, from 0."""
        return self.names.index(HEADINGS[column])


def headings(cells: Cells, wanted: tuple[str, ...] = HEADINGS) -> Headings:
    """The headings in the order of the file. Ask `missing` and `repeated` first whether they will do."""
    names = tuple(cells)
    pick = tuple if names == wanted else itemgetter(*map(names.index, wanted))
    return Headings(names, pick)


def missing(names: Cells, wanted: tuple[str, ...] = HEADINGS) -> list[str]:
    return [heading for heading in wanted if heading not in names]


def repeated(names: Cells, wanted: tuple[str, ...] = HEADINGS) -> list[str]:
    return [heading for heading in wanted if names.count(heading) > 1]
