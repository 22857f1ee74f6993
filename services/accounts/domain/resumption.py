"""When a suspended home may have heat again."""

from __future__ import annotations

from datetime import date

from services.accounts.domain.policy_parameters import PolicyInForce
from services.accounts.domain.season_dates import HeatingSeason
from shared.kernel.errors import Refusal
from shared.kernel.season import season_label


class ResumptionNotAllowed(Refusal):
    code = "resumption_not_allowed"
    status = 409
    remedy = "Here a suspension lasts for the season; resume before the first day of the next one."


def assert_may_resume(season: HeatingSeason, values: PolicyInForce, *, today: date) -> None:
    """Refuses `resumption_not_allowed` on a day of the season, where the policy does not resume within one."""
    if values.midseason_resume_rule == "NOT_ALLOWED" and season.start_on <= today <= season.end_on:
        raise ResumptionNotAllowed(f"a home suspended for {season_label(season.season)} stays so until its end",
                                   season_end=season.end_on.isoformat())  # fmt: skip
