"""The generated pages of ``docs/``: what the code declares, written down so that it can be read without running it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from deploy.docs.command_line import command_line
from deploy.docs.messages import messages
from deploy.docs.metrics import metrics
from deploy.docs.policies import policies
from deploy.docs.refusals import refusals
from deploy.docs.routes import openapi, routes
from deploy.docs.settings import settings
from deploy.docs.variants import variants
from deploy.docs.verbs import verbs
from shared.chassis.settings import SERVICES

PAGES: dict[str, Callable[[], str]] = {
    "refusals.md": refusals,
    "reference/commands.md": command_line,
    "reference/routes.md": routes,
    **{f"reference/openapi-{service}.json": partial(openapi, service) for service in SERVICES},
    "reference/verbs.md": verbs,
    "reference/messages.md": messages,
    "reference/settings.md": settings,
    "reference/metrics.md": metrics,
    "reference/variants.md": variants,
    "reference/policies.md": policies,
}
"""Path below ``docs/`` → what stands there."""
