"""The pages of a policy rehearsal, added up."""

from __future__ import annotations

from typing import Any

from shared.kernel.money import format_yuan, parse_yuan

TOP_SHOWN = 20
PARKED_SHOWN = 100
_LEAST_FEN = -(10**16)
_SUMS = ("charged", "more", "less")
_FIRST_PAGE = ("season", "policy", "draft", "accounts", "differences", "not_followed")


class Rehearsed:
    """``next`` is the number after which the following page begins; None when there is none."""

    def __init__(self) -> None:
        self.next: str | None = ""
        self.seen = 0
        self._head: dict[str, Any] = {}
        self._sums: dict[tuple[str, str], list[int]] = {}
        self._causes: dict[str, list[int]] = {}
        self._top: list[dict[str, Any]] = []
        self._parked = 0
        self._parked_accounts: list[dict[str, Any]] = []

    @property
    def accounts(self) -> int | None:
        return self._head.get("accounts")

    @property
    def following(self) -> dict[str, str]:
        """What to ask for the next page with."""
        return {"after": self.next} if self.next else {}

    def add(self, page: dict[str, Any]) -> None:
        if not self._head:
            self._head = {key: page[key] for key in _FIRST_PAGE}
        for key in _SUMS:
            self._add_sums("", key, page[key])
        for kind, name in (("by_class", "price_class"), ("by_compound", "compound")):
            for line in page[kind]:
                self._add_sums(kind, line[name], line)
        for line in page["causes"]:
            self._add_cause(line["cause"], line["homes"], _fen(line["difference"]))
        top = sorted([*self._top, *page["top"]], key=lambda line: -abs(_fen(line["difference"])))
        self._top = top[:TOP_SHOWN]
        self._parked += page["parked"]
        self._parked_accounts = [*self._parked_accounts, *page["parked_accounts"]][:PARKED_SHOWN]
        self.seen += page["charged"]["homes"] + page["parked"]
        self.next = page["next"]

    def document(self) -> dict[str, Any]:
        return {
            **self._head,
            **{key: _told(self._sums[("", key)]) for key in _SUMS},
            "by_class": self._lines("by_class", "price_class"),
            "by_compound": self._lines("by_compound", "compound"),
            "causes": [
                {"cause": cause, "homes": homes, "difference": format_yuan(fen)}
                for cause, (homes, fen) in sorted(self._causes.items())
            ],
            "top": self._top,
            "parked": self._parked,
            "parked_accounts": self._parked_accounts,
        }

    def _add_sums(self, kind: str, name: str, line: dict[str, Any]) -> None:
        sums = self._sums.setdefault((kind, name), [0, 0, 0])
        for at, amount in enumerate((line["homes"], _fen(line["before"]), _fen(line["after"]))):
            sums[at] += amount

    def _add_cause(self, cause: str, homes: int, fen: int) -> None:
        sums = self._causes.setdefault(cause, [0, 0])
        sums[0] += homes
        sums[1] += fen

    def _lines(self, kind: str, name: str) -> list[dict[str, Any]]:
        return [{name: key, **_told(sums)} for (of, key), sums in sorted(self._sums.items()) if of == kind]


def _told(sums: list[int]) -> dict[str, Any]:
    homes, before_fen, after_fen = sums
    return {
        "homes": homes,
        "before": format_yuan(before_fen),
        "after": format_yuan(after_fen),
        "difference": format_yuan(after_fen - before_fen),
    }


def _fen(text: str) -> int:
    return parse_yuan(text, minimum_fen=_LEAST_FEN)
