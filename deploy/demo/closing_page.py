"""The page of figures that a season closes with."""

from __future__ import annotations

from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from deploy.demo.story import Figures
from shared.kernel.money import format_yuan

CHANNEL_NAMES = {"cash": "现金 cash", "pos": "POS", "wechat": "微信 WeChat", "alipay": "支付宝 Alipay",
                 "transfer": "转账 transfer", "bank": "银行代扣 bank debit",
                 "bank_counter": "银行代收 bank counters"}  # fmt: skip


def as_document(figures: Figures) -> dict[str, object]:
    balance = figures.trial_balance
    return {
        "imported": {"rows": figures.rows, "imported": figures.imported, "normalised": figures.normalised,
                     "refused": figures.refused},
        "billed": {"bills": figures.bills, "amount": format_yuan(figures.billed_fen)},
        "employers": format_yuan(figures.employers_fen),
        "suspended": {"homes": figures.suspended, "amount": format_yuan(figures.suspended_fen)},
        "outage": {"homes": figures.outage_homes, "credited": format_yuan(figures.outage_fen)},
        "collected": {channel: format_yuan(fen) for channel, fen in sorted(figures.collected_fen.items())},
        "collected_total": format_yuan(sum(figures.collected_fen.values())),
        "discount": format_yuan(figures.discount_fen),
        "late_fee": format_yuan(figures.late_fee_fen),
        "bank_debits": figures.debits,
        "bank_day": figures.bank_day,
        "open": balance["open_receivables"],
        "credit": balance["open_credits"],
        "trial_balance": {name: balance[name] for name in ("debits", "credits", "balanced")},
    }  # fmt: skip


def show(figures: Figures, console: Console) -> None:
    console.print(Panel(_season(figures), title="暖 · 2025-2026 采暖季 the season in figures", expand=False))
    console.print(_ledger(figures))


def _season(figures: Figures) -> Table:
    table = Table.grid(padding=(0, 3))
    table.add_column()
    table.add_column(justify="right")
    table.add_row("台账行数 rows imported", f"{figures.imported} / {figures.rows}")
    table.add_row("  其中整理后导入 put right", str(figures.normalised))
    table.add_row("  退回人工处理 refused", str(figures.refused))
    table.add_row("应收热费 billed", f"{format_yuan(figures.billed_fen)}  ({figures.bills} 户)")
    table.add_row("  其中单位负担 borne by employers", format_yuan(figures.employers_fen))
    table.add_row("  报停减少 less for suspensions", f"{format_yuan(figures.suspended_fen)}  ({figures.suspended} 户)")
    table.add_row(
        "  停暖退费 credited for an outage", f"{format_yuan(figures.outage_fen)}  ({figures.outage_homes} 户)"
    )
    most = max(figures.collected_fen.values(), default=1)
    for channel, fen in sorted(figures.collected_fen.items(), key=lambda pair: -pair[1]):
        bar = "█" * max(1, round(24 * fen / most))
        table.add_row(f"  {CHANNEL_NAMES[channel]}  [cyan]{bar}[/cyan]", format_yuan(fen))
    table.add_row("实收合计 collected", f"[bold]{format_yuan(sum(figures.collected_fen.values()))}[/bold]")
    table.add_row("提前交费优惠 early discount", format_yuan(figures.discount_fen))
    table.add_row("违约金 late fee", format_yuan(figures.late_fee_fen))
    table.add_row("未收 open", figures.trial_balance["open_receivables"])
    table.add_row("预收 credit", figures.trial_balance["open_credits"])
    day = figures.bank_day
    table.add_row("银行对账 bank day", f"补销 {day['posted']} · 对平 {day['matched']} · 银行单边 {day['bank_only']}")
    return table


def _ledger(figures: Figures) -> Table:
    balance = figures.trial_balance
    table = Table(title="试算平衡表 trial balance", title_justify="left")
    for heading in ("科目 account", "名称 name"):
        table.add_column(heading)
    for heading in ("借方 debit", "贷方 credit", "余额 balance"):
        table.add_column(heading, justify="right")
    for account in balance["accounts"]:
        table.add_row(account["code"], account["name"], account["debit"], account["credit"], account["balance"])
    mark = "[green]✓ 平衡[/green]" if balance["balanced"] else "[red]✗ 不平[/red]"
    table.add_row("", mark, f"[bold]{balance['debits']}[/bold]", f"[bold]{balance['credits']}[/bold]", "")
    return table
