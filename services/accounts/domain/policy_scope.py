"""Whom a value of a policy is for: everyone, or homes of a supply zone, of a price class, or of one contract."""

from __future__ import annotations

from typing import NamedTuple


class Scope(NamedTuple):
    """Of a value: the homes that it is for; of a home: what is known of it. Empty says nothing.

    ``zone`` is a supply zone of the policy, ``contract`` the account number of a contract with values of its own.
    """

    zone: str = ""
    price_class: str = ""
    contract: str = ""

    @property
    def rank(self) -> int:
        """The higher, the more specific: contract over price class over zone over everyone."""
        return 4 * bool(self.contract) + 2 * bool(self.price_class) + bool(self.zone)

    def covers(self, home: Scope) -> bool:
        return all(not wanted or wanted == there for wanted, there in zip(self, home, strict=True))

    def named(self) -> dict[str, str]:
        """The parts that say something, by the key that packs write them with."""
        return {key: value for key, value in zip(self._fields, self, strict=True) if value}


EVERYONE = Scope()
