"""A made-up city, the same for the same seed: its customer ledger as an old charging system would export it.

Nobody in it exists: ID numbers carry the sequence parts 996–999 with birth years that exclude them, phones begin with
163, cards with 6299, company codes with YX.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from datetime import date, timedelta

from stdnum import luhn
from stdnum.cn import uscc

HEADINGS = (
    "户号", "姓名", "证件类型", "证件号码", "手机号", "小区", "楼栋", "单元", "房号", "楼层", "建筑面积", "套内面积", "使用面积",
    "层高", "用热性质", "用热状态", "换热站", "入网日期", "保修到期", "报停起始季", "代扣银行", "银行账号", "开户名", "低保标志",
    "单位代缴", "上季欠费", "欠费所属季", "预存余额", "备注",
)  # fmt: skip
SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏"
    "程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严覃武莫孔向汤"
)
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华玉萍红建国志文海燕春梅雪松云飞晓东冬暖阳琳珊瑞祥宇航子涵浩然欣怡梓轩诗雨佳慧"
RARE = ("䶮", "𠮷", "龑", "垚", "燚")
COMPOUNDS = (
    "松江里",
    "兴安家园",
    "江北新城",
    "铁路小区",
    "暖阳花园",
    "北苑",
    "冰城名邸",
    "建设里",
    "学府东区",
    "热电新村",
)
EMPLOYERS = ("松北机械厂", "江畔化工有限公司", "铁路机务段")
BANKS = ("工商银行", "建设银行", "")
CLASSES = (("居民", 88), ("车库", 6), ("非居民", 4), ("学校", 1), ("物业用房", 1))
STATES = (("正常", 86), ("报停", 9), ("断供", 2), ("未入网", 2), ("已拆除", 1))


def ledger(*, premises: int, seed: int) -> bytes:
    """The export: CSV in GB18030 with CRLF, ``premises`` rows, about one in a hundred of them dirty."""
    chance = random.Random(seed)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for row in _rows(premises, chance):
        writer.writerow(_dirty(row, chance) if chance.random() < 0.01 else row)
    return out.getvalue().encode("gb18030")


def _rows(premises: int, chance: random.Random) -> Iterator[list[str]]:
    landlord: tuple[str, str] | None = None
    for number in range(premises):
        compound = number * len(COMPOUNDS) // premises
        place = number % (premises // len(COMPOUNDS) + 1)
        kind = _drawn(CLASSES, chance)
        if landlord is None or chance.random() > 0.04:  # a few own several flats
            landlord = _person(chance) if kind in ("居民", "车库") else _company(kind, number, chance)
        yield _row(compound, place, kind, landlord, chance)


def _row(compound: int, place: int, kind: str, owner: tuple[str, str], chance: random.Random) -> list[str]:
    area = _area(kind, chance)
    state = _drawn(STATES, chance) if kind == "居民" else "正常"
    connected = date(2008 + compound, 9, 1) + timedelta(days=chance.randrange(90))
    floor = place // 4 % 18 + 1
    owed = _arrears(area, chance) if state != "未入网" else []
    bank = chance.choice(BANKS) if kind == "居民" and len(owner[1]) == 18 and not owner[1].startswith("91") else ""
    return [
        f"{compound + 1:04d}{place + 1:06d}", owner[0], _id_type(owner[1]), owner[1], _phone(chance), COMPOUNDS[compound],
        str(place // 72 + 1), str(place % 4 // 2 + 1), f"{floor}{place % 4 + 1:02d}", str(floor), area,
        _times(area, "0.86"), "", "", kind, state, f"{COMPOUNDS[compound]}{place // 300 + 1}号换热站",
        "" if state == "未入网" else connected.isoformat(), "", _season(chance) if state == "报停" else "",
        bank, _card(chance) if bank else "", owner[0] if bank else "", "是" if kind == "居民" and chance.random() < 0.03 else "否",
        chance.choice(EMPLOYERS) if kind == "居民" and chance.random() < 0.05 else "",
        _yuan(sum(fen for _, fen in owed)), ";".join(f"{season}-{season + 1}:{_yuan(fen)}" for season, fen in owed),
        _yuan(chance.randrange(20_000, 300_000)) if chance.random() < 0.06 else "0.00",
        "=备注从等号开始" if chance.random() < 0.002 else "",
    ]  # fmt: skip


def _dirty(row: list[str], chance: random.Random) -> list[str]:
    """One thing wrong with the row, or written in a way that is put right."""
    dirty = list(row)
    column, value = chance.choice((
        (10, f"{row[10]}㎡"), (10, f" {row[10]}　"), (4, "1.63446E+10"), (15, "空置"), (17, "45231"), (10, "0"), (3, row[3][:-1] + "?"),
    ))  # fmt: skip
    dirty[column] = value
    return dirty


def _drawn(weighted: tuple[tuple[str, int], ...], chance: random.Random) -> str:
    return chance.choices([name for name, _ in weighted], [weight for _, weight in weighted])[0]


def _person(chance: random.Random) -> tuple[str, str]:
    given = "".join(chance.choice(GIVEN) for _ in range(chance.choice((1, 2, 2))))
    name = chance.choice(SURNAMES) + (chance.choice(RARE) if chance.random() < 0.01 else given)
    born = date(1950, 1, 1) + timedelta(days=chance.randrange(20_000))
    digits = f"230102{born:%Y%m%d}{chance.randrange(996, 1000)}"
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    check = "10X98765432"[sum(int(d) * w for d, w in zip(digits, weights, strict=True)) % 11]
    return name, digits + check


def _company(kind: str, number: int, chance: random.Random) -> tuple[str, str]:
    code = f"91230102YX{chance.randrange(10**7):07d}"
    return f"{kind}用户{number:04d}号", code + uscc.calc_check_digit(code)


def _id_type(number: str) -> str:
    return "统一社会信用代码" if number.startswith("91") else "身份证"


def _area(kind: str, chance: random.Random) -> str:
    low, high = {"居民": (3800, 16000), "车库": (1800, 4200)}.get(kind, (12000, 300000))
    hundredths = chance.randrange(low, high)
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _times(area: str, factor: str) -> str:
    hundredths = int(area.replace(".", "")) * int(factor.replace("0.", "")) // 100
    return f"{hundredths // 100}.{hundredths % 100:02d}"


def _arrears(area: str, chance: random.Random) -> list[tuple[int, int]]:
    if chance.random() > 0.10:
        return []
    full_fen = int(area.replace(".", "")) * 26
    return [
        (season, full_fen if chance.random() < 0.7 else full_fen // 3)
        for season in range(2025 - chance.choice((1, 1, 1, 2, 3)), 2025)
    ]


def _season(chance: random.Random) -> str:
    first = 2022 + chance.randrange(3)
    return f"{first}-{first + 1}"


def _phone(chance: random.Random) -> str:
    return f"163{chance.randrange(10**8):08d}" if chance.random() < 0.95 else ""


def _card(chance: random.Random) -> str:
    digits = f"6299{chance.randrange(10**14):014d}"
    return digits + luhn.calc_check_digit(digits)


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
