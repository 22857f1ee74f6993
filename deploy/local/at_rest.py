"""Waiting until every event is sequenced and applied everywhere, seen from outside through /readyz."""

from __future__ import annotations

import time
from typing import Any

import requests

from deploy.local.environment import Environment
from shared.chassis.bus import SUBSCRIPTIONS
from shared.chassis.settings import SERVICES
from shared.kernel.errors import Refusal


class NotAtRest(Refusal):
    code = "not_at_rest"
    status = 503
    remedy = "Look at `nuan bus status`: a stream is halted, or a service is not running."


def wait_until_at_rest(environment: Environment, *, seconds: float = 120) -> None:
    """Returns when no outbox holds anything and every position is its producer's head; raises `NotAtRest`."""
    ends = time.monotonic() + seconds
    while True:
        states = {service: state_of(environment, service) for service in SERVICES}
        if all(states.values()) and _at_rest(states):
            return
        if time.monotonic() > ends:
            raise NotAtRest(f"still working after {seconds:g} s", states=states)
        time.sleep(0.05)


def state_of(environment: Environment, service: str) -> dict[str, Any]:
    """A service's /readyz, empty when it does not answer."""
    try:
        answer = requests.get(f"{environment.variables[f'NUAN_{service.upper()}_URL']}/readyz", timeout=5)
    except requests.RequestException:
        return {}
    state: dict[str, Any] = answer.json() if answer.status_code == 200 else {}
    return state


def _at_rest(states: dict[str, dict[str, Any]]) -> bool:
    if any(state["log"]["outbox"] for state in states.values()):
        return False
    return all(
        states[consumer]["streams"].get(producer, {"pos": 0})["pos"] == states[producer]["log"]["pos"]
        for consumer, producers in SUBSCRIPTIONS.items() for producer in producers
    )  # fmt: skip
