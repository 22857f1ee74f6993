"""A heating season told in steps, each done through the services' public interfaces."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from rich.progress import Progress

from deploy.commands.asking import Office
from deploy.demo.bank import answer
from deploy.demo.city import ledger
from shared.kernel.money import FEN_MAX, format_yuan, parse_yuan
from shared.kernel.season import season_label

SEASON = 2025
BANK, BANK_NAME, MERCHANT = "ICBC", "工商银行", "808080201304412"
DEBIT_DAY, BANK_DAY = date(2025, 10, 8), date(2025, 12, 31)


@dataclass
class Figures:
    """What the closing page shows; money in fen."""

    rows: int = 0
    imported: int = 0
    normalised: int = 0
    refused: int = 0
    bills: int = 0
    billed_fen: int = 0
    employers_fen: int = 0
    suspended: int = 0
    suspended_fen: int = 0
    outage_homes: int = 0
    outage_fen: int = 0
    collected_fen: dict[str, int] = field(default_factory=dict)
    discount_fen: int = 0
    late_fee_fen: int = 0
    debits: dict[str, Any] = field(default_factory=dict)
    bank_day: dict[str, Any] = field(default_factory=dict)
    trial_balance: dict[str, Any] = field(default_factory=dict)

    def collected(self, channel: str, amount_fen: int) -> None:
        self.collected_fen[channel] = self.collected_fen.get(channel, 0) + amount_fen


class Season:
    """The story's state: who asks, what was learnt so far."""

    def __init__(self, office: Office, *, set_day: Callable[[date], None], settle: Callable[[], None], folder: Path,
                 premises: int, seed: int) -> None:  # fmt: skip
        self.office, self._set_day, self._settle = office, set_day, settle
        self.folder, self.premises, self.chance = folder, premises, random.Random(seed)
        self.seed = seed
        self.figures = Figures()
        self._batch: dict[str, Any] = {}

    def steps(self) -> list[tuple[date, str, Callable[[Progress], None]]]:
        return [
            (date(2025, 7, 1), "导入旧系统用户台账 · the customer ledger is imported", self.import_ledger),
            (date(2025, 7, 2), "开账 · the season is billed", self.bill),
            (date(2025, 7, 10), "单位代缴 · employers bear their share", self.employers),
            (date(2025, 9, 10), "大厅缴费,提前交费优惠 · early payers at the counter", self.early_payers),
            (date(2025, 9, 22), "报停 · homes that stand empty are suspended", self.suspend),
            (DEBIT_DAY, "送盘 · a debit file goes to the bank", self.send),
            (date(2025, 10, 9), "回盘 · the bank's result comes back", self.take_result),
            (date(2026, 1, 1), "对账 · the bank's day is reconciled", self.reconcile),
            (date(2026, 1, 12), "停暖退费 · a heat station stood still for thirty hours", self.outage),
            (date(2026, 1, 20), "逾期缴费,违约金 · late payers and their late fee", self.late_payers),
            (date(2026, 1, 20), "试算平衡 · the books balance", self.balance),
        ]

    def tell(self, day: date) -> None:
        self._set_day(day)

    def import_ledger(self, progress: Progress) -> None:
        path = self.folder / "用户台账.csv"
        path.write_bytes(ledger(premises=self.premises, seed=self.seed))
        report = self.office.upload("accounts", "/imports", name=path.name, content=path.read_bytes())
        figures = self.figures
        figures.rows, figures.imported = report["rows"], report["imported"]
        figures.normalised, figures.refused = report["normalised"], len(report["refused"])
        self._settle()

    def bill(self, progress: Progress) -> None:
        self.office.post("accounts", "/policies", {"name": "default"})
        run = self.office.post("accounts", "/billing-runs", {"season": season_label(SEASON)})
        task = progress.add_task("开账", total=run.get("accounts") or self.premises, rate="")
        while run["state"] != "done":
            time.sleep(0.1)
            run = self.office.get("accounts", f"/billing-runs/{run['run_id']}")
            progress.update(task, completed=run.get("done", 0), rate=run.get("rate") or "")
        progress.update(task, completed=run["billed"] + run["parked"], total=run["billed"] + run["parked"])
        self.figures.bills, self.figures.billed_fen = run["billed"], parse_yuan(run["amount"])
        self._settle()

    def employers(self, progress: Progress) -> None:
        """Whose ledger row names an employer: he bears his share of the bill from now on."""
        asked = [
            {"account_no": account["account_no"], "kind": "employer", "payer": account["employer"]}
            for account in self._accounts() if account["employer"] and account["state"] == "active"
        ]  # fmt: skip
        granted = self._done("reliefs", reliefs=asked, reason="单位代缴名单")
        self.figures.employers_fen = -sum(
            _changed_fen(home, payer="self") for home in granted if home["kind"] == "employer"
        )

    def suspend(self, progress: Progress) -> None:
        """One in fifty of those that owe nothing of earlier seasons asks for a winter without heat; it is looked at first."""
        active = [account["account_no"] for account in self._accounts() if account["state"] == "active"]
        owing = self.office.post("payments", "/owed", {"account_nos": active[:1000]})
        free = [home["account_no"] for home in owing if home["payers"][0]["overdue"] == "0.00"]
        asked = [
            {"account_no": number, "season": season_label(SEASON)} for number in free if self.chance.random() < 0.06
        ]
        wanted = {"suspensions": asked, "reason": "无人居住"}
        before = self.office.post("accounts", "/accounts/suspensions", {**wanted, "preview": True})["accounts"]
        done = self._done("suspensions", **wanted)
        self.figures.suspended = len(done)
        self.figures.suspended_fen = -sum(_changed_fen(home) for home in before)

    def outage(self, progress: Progress) -> None:
        """All homes of the largest heat station at once, a page after the other."""
        stations = Counter(account["heat_station"] for account in self._accounts() if account["heat_station"])
        ((station, _),) = stations.most_common(1)
        asked = {"place": {"heat_station": station}, "hours": "30", "reason": "换热站检修"}
        after: dict[str, Any] = {}
        while True:
            page = self.office.post("accounts", "/accounts/outages", {**asked, **after})
            refunds = [parse_yuan(home["refund"]) for home in page["accounts"]]
            self.figures.outage_homes += sum(fen > 0 for fen in refunds)
            self.figures.outage_fen += sum(refunds)
            if not page.get("next"):
                break
            after = {"after": page["next"]}
        self._settle()

    def _done(self, verb: str, **asked: Any) -> list[dict[str, Any]]:
        done: list[dict[str, Any]] = self.office.post("accounts", f"/accounts/{verb}", asked)["accounts"]
        self._settle()
        return done

    def early_payers(self, progress: Progress) -> None:
        self._pay(progress, share=0.35, channels=("cash", "pos", "wechat", "alipay", "wechat"))

    def late_payers(self, progress: Progress) -> None:
        self._pay(progress, share=0.30, channels=("cash", "pos", "transfer"))

    def _pay(self, progress: Progress, *, share: float, channels: tuple[str, ...]) -> None:
        """Some of those that owe something come, one visit after the other, and pay what is asked."""
        owing = [
            home for page in self._pages() for home in self.office.post("payments", "/owed", {"account_nos": page})
            if parse_yuan(home["payers"][0]["total"]) > 0 and not home["in_bank_collection"]
        ]  # fmt: skip
        coming = [home for home in owing if self.chance.random() < share]
        task = progress.add_task("收费", total=len(coming), rate="")
        for home in coming:
            channel = self.chance.choice(channels)
            asked_fen = parse_yuan(home["payers"][0]["total"])
            if channel == "cash":
                asked_fen = (asked_fen + 5) // 10 * 10
            payment = {"account_no": home["account_no"], "amount": format_yuan(asked_fen), "channel": channel,
                       **({"outlet": f"HALL-{self.chance.randrange(1, 4)}"} if channel in ("cash", "pos") else {})}  # fmt: skip
            taken = self.office.post("payments", "/payments", {"payments": [payment]})["payments"][0]
            self.figures.collected(channel, asked_fen)
            self.figures.discount_fen += sum(parse_yuan(met["discount"]) for met in taken["settled"])
            self.figures.late_fee_fen += sum(parse_yuan(met["late_fee"]) for met in taken["settled"])
            progress.advance(task)
        self._settle()

    def _pages(self) -> list[list[str]]:
        numbers = [account["account_no"] for account in self._accounts()]
        return [numbers[first : first + 1000] for first in range(0, len(numbers), 1000)]

    def _accounts(self) -> list[dict[str, Any]]:
        accounts: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        while True:
            page = self.office.get("accounts", "/accounts", limit=1000, **after)
            accounts += page["items"]
            if not page["next"]:
                return accounts
            after = {"after": page["next"]}

    def send(self, progress: Progress) -> None:
        self.office.post("bank_gateway", "/banks", {"code": BANK, "name": BANK_NAME, "profile": "chinapay", "bank_code": "0102",
                                                    "parameters": {"merchant": MERCHANT}})  # fmt: skip
        self._settle()
        self._batch = self.office.post("bank_gateway", "/batches", {"bank": BANK, "hand_over": True})

    def take_result(self, progress: Progress) -> None:
        name, content = self.office.download("bank_gateway", f"/batches/{self._batch['batch_no']}/file")
        result_name, result = answer(name, content, seed=self.seed)
        report = self.office.upload("bank_gateway", "/batches/results", name=result_name, content=result)
        self._settle()
        self.figures.debits = {"count": self._batch["count"], "amount": self._batch["amount"], **report}
        self.figures.collected("bank", parse_yuan(report["amount"]))

    def reconcile(self, progress: Progress) -> None:
        """The bank's day-end file: its own counters took money that we do not know yet. What fits is posted by itself.

        Compared once more, that is matched; an unknown account and a channel that added 3.00 for itself stay as cases.
        """
        first = self.office.post("payments", "/owed", {"account_nos": self._pages()[0], "day": BANK_DAY.isoformat()})
        owing = [each for each in first if parse_yuan(each["payers"][0]["total"]) > 0][:26]
        lines = [{"serial": f"{BANK}1231{number:06d}", "account_no": each["account_no"], "amount": each["payers"][0]["total"]}
                 for number, each in enumerate(owing)]  # fmt: skip
        lines[0]["account_no"] = "9999999999"
        lines[1]["amount"] = format_yuan(parse_yuan(lines[1]["amount"]) + 300)
        day = {"bank": BANK, "day": BANK_DAY.isoformat(), "lines": lines}
        posted = self.office.post("bank_gateway", "/bank-days", day)
        self._settle()
        self.figures.bank_day = {**self.office.post("bank_gateway", "/bank-days", day), "posted": posted["posted"]}
        self.figures.collected("bank_counter", sum(parse_yuan(line["amount"]) for line in lines[2:]))

    def balance(self, progress: Progress) -> None:
        self.figures.trial_balance = self.office.get("payments", "/ledger/trial-balance")


def _changed_fen(home: dict[str, Any], *, payer: str = "") -> int:
    """By how much a verb changed the home's bills, those of one payer alone when one is named."""
    return sum(
        parse_yuan(each["amount"], minimum_fen=-FEN_MAX) for each in home["corrections"] if payer in ("", each["payer"])
    )
