"""What one person may do alone in a trial, and needs a second person for in earnest."""

from __future__ import annotations

from flask import current_app

from services.accounts.domain.approval_rule import NeedsApproval
from shared.chassis.settings import TRIAL_ENVIRONMENTS


def assert_trial(detail: str) -> None:
    """Refuses `needs_approval` in earnest."""
    if not is_trial():
        raise NeedsApproval(detail)


def is_trial() -> bool:
    environment: str = current_app.extensions["environment"]
    return environment.startswith(TRIAL_ENVIRONMENTS)
