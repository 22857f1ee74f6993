"""The language of scenarios: which verbs there are, with which options, and what is said of those that are not."""

from __future__ import annotations

ASSERTIONS = {"owes": "total", "billed": "billed", "credit": "credit", "state": "state"}
"""Verbs whose last argument is the value that they assert."""

OPTIONS: dict[str, frozenset[str]] = {
    "open": frozenset(
        {"class", "area", "inner", "usable", "height", "floor", "warranty_until", "owner", "bank_account"}
    ),
    "connect": frozenset(
        {"class", "area", "inner", "usable", "height", "floor", "warranty_until", "owner", "bank_account"}
    ),
    "bill": frozenset(),
    "area": frozenset(),
    "meter": frozenset({"kwh", "gj", "factor"}),
    "parts": frozenset(),
    "suspend": frozenset({"seasons"}),
    "ask_suspension": frozenset({"seasons"}),
    "answer_suspension": frozenset({"granted"}),
    "lapse_suspension": frozenset(),
    "homes": frozenset(),
    "apply": frozenset({"class", "area", "inner", "usable", "height", "floor", "warranty_until", "owner"}),
    "survey": frozenset({"feasible"}),
    "contract": frozenset({"first_season", "connection_fee"}),
    "contract_paid": frozenset({"receipt"}),
    "accept": frozenset(),
    "lapse_application": frozenset(),
    "resume": frozenset(),
    "disconnect": frozenset({"season"}),
    "transfer": frozenset({"to", "split", "assume"}),
    "notice": frozenset(),
    "cut": frozenset(),
    "inspect": frozenset({"valve", "since"}),
    "class": frozenset({"since"}),
    "merge": frozenset(),
    "split": frozenset({"area", "left", "class", "owner"}),
    "lock": frozenset(),
    "unlock": frozenset(),
    "relief": frozenset({"kind", "share", "cap", "payer", "mechanism", "proof_until"}),
    "temperature": frozenset({"days", "rooms", "official", "at", "asked"}),
    "outage": frozenset({"hours"}),
    "supplied": frozenset(),
    "begin_closing": frozenset(),
    "close_season": frozenset(),
    "reopen_season": frozenset(),
    "standing": frozenset(),
    "pay": frozenset({"season", "payer", "as", "keep_old_debt", "force"}),
    "reverse": frozenset({"at", "by"}),
    "pay_group": frozenset({"as"}),
    "waive": frozenset({"pct", "amount", "left", "from", "until", "season"}),
    "refund": frozenset({"payer", "by", "reroute"}),
    "refund_all": frozenset(),
    "refunds_due": frozenset(),
    "final_price": frozenset({"price_residential", "price_nonresidential"}),
    "owes": frozenset({"principal", "late_fee", "discount", "payer"}),
    "billed": frozenset({"payer"}),
    "credit": frozenset({"payer"}),
    "state": frozenset(),
    "mandate": frozenset({"account", "name"}),
    "send": frozenset({"as", "hand_over"}),
    "hand_over": frozenset(),
    "withdraw": frozenset(),
    "return": frozenset(),
    "batch": frozenset(),
    "post_cases": frozenset(),
    "bank_day": frozenset({"lines"}),
}


class NotSupported(Exception):
    """A verb, an option or a parameter that does not exist yet: never taken as done."""

    def __init__(self, what: str, *, line: int | None = None) -> None:
        super().__init__(what)
        self.line = line


class BadHead(Exception):
    """Head lines that no policy can be made of."""


def is_free(verb: str, option: str) -> bool:
    """Options that are names of accounts or seasons, not words of the language."""
    return verb in ("return", "parts") or (verb == "owes" and option.startswith("S") and option[1:].isdigit())
