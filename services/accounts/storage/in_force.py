"""Which policy, which season and which values hold for an account today."""

from __future__ import annotations

from services.accounts.domain.account_facts import AccountFacts
from services.accounts.domain.new_account import NewAccount
from services.accounts.domain.policy import Policy
from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.policy_scope import Scope
from services.accounts.domain.season_dates import HeatingSeason, current_season
from services.accounts.storage.policies import policy_in_force
from services.accounts.storage.seasons import declaration_in_force, heating_season
from shared.chassis.unit_of_work import Work


class InForce:
    """The policy in force, its seasons with what was declared for them, its values for a home."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self.policy: Policy = policy_in_force(work)
        self.current_season = current_season(self.policy, work.today)
        self._seasons: dict[int, HeatingSeason] = {}

    def season(self, season: int) -> HeatingSeason:
        if season not in self._seasons:
            self._seasons[season] = heating_season(self.policy, season, declaration_in_force(self._work, season))
        return self._seasons[season]

    def values(self, facts: AccountFacts, season: int) -> PolicyInForce:
        own = self.policy.scope_of(price_class=facts.home.price_class, heat_station=facts.heat_station,
                                   contract=facts.account_no)  # fmt: skip
        return self.policy.for_season(season, own)

    def values_today(self, account: NewAccount) -> PolicyInForce:
        """For what is asked of a home that has no account yet: the values of this very day."""
        return self.policy.on(self._work.today, self._scope(account))

    def ground_today(self, parameter: str, account: NewAccount) -> str:
        """The document, or whatever the ground is, that stands beside the value of this day."""
        return self.policy.entry(parameter, self._work.today, self._scope(account)).ground[1]

    def _scope(self, account: NewAccount) -> Scope:
        return self.policy.scope_of(price_class=account.price_class, contract=account.account_no or "")
