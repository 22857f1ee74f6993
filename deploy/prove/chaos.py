"""The run: set the stage, let clients work, kill something thrice a second, then be quiet and compare."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import requests

from deploy.local.processes import DidNotStart
from deploy.prove import faults
from deploy.prove.books import count_acked
from deploy.prove.checker import Promise, check
from deploy.prove.faults import KILLS_PER_SECOND, Seen
from deploy.prove.stage import ON_STAGE, Stage

SEASONS = ("2024-2025", "2025-2026")
QUIET_SECONDS = 60.0
DRAINED_SECONDS = 10.0

Told = Callable[[str], None]


def run(stage: Stage, *, seconds: float, told: Told = lambda _: None,
        drained_seconds: float = DRAINED_SECONDS) -> list[Promise]:  # fmt: skip
    """Chaos for ``seconds``; the same seed draws the same faults (their effect depends on the moment).

    ``drained_seconds``: so soon after the last fault everybody must be at rest.
    """
    chance = random.Random(stage.seed)
    try:
        stage.start()
        open_and_bill(stage)
        told("the stage is set; the clients begin")
        stage.start_clients()
        seen = _strike(stage, chance, seconds, told)
        seen.drained_seconds = be_quiet(stage)
        told(f"{dict(seen.counts)}; at rest after {seen.drained_seconds:.1f} s")
        return judge(stage, seen, drained_seconds=drained_seconds)
    finally:
        stage.end()


def judge(stage: Stage, seen: Seen, *, drained_seconds: float) -> list[Promise]:
    """Every promise, in the order of its number."""
    urls = stage.database_urls()
    promises = {promise.id: promise for promise in check(stage.books, urls)}
    promises["P1"] = faults.load(promises["P1"], seen)
    promises["P4"] = faults.drained(promises["P4"], seen, seconds_most=drained_seconds)
    promises["P5"] = faults.broker_loss(seen, words=stage.broker.words)
    promises["P7"] = faults.database_crash(seen, urls)
    return sorted(promises.values(), key=lambda promise: int(promise.id[1:]))


def open_and_bill(stage: Stage) -> None:
    """Homes with two seasons' bills, made through the public interfaces."""
    accounts = stage.urls["accounts"]
    homes = [{"account_no": f"99{number:08d}", "name": "proof", "compound": "proof", "building": "1",
              "room": str(number), "building_area": "100.00"} for number in range(1, stage.accounts + 1)]  # fmt: skip
    _post(stage, f"{accounts}/accounts", {"accounts": homes}, "open")
    _post(stage, f"{accounts}/policies", {"name": "default"}, "policy")
    for season in SEASONS:
        _post(stage, f"{accounts}/billing-runs", {"season": season}, f"bill-{season}")
    ends = time.monotonic() + QUIET_SECONDS
    while not _at_rest(stage):  # a payment before its account is known would be refused, rightly
        if time.monotonic() > ends:
            raise DidNotStart("the first bills did not arrive", log=str(stage.folder / "payments-worker.log"))
        time.sleep(0.1)


def _post(stage: Stage, url: str, body: object, key: str) -> None:
    answer = requests.post(url, json=body, headers={**stage.headers(), "Idempotency-Key": f"stage-{key}"}, timeout=60)
    if answer.status_code >= 300:
        raise DidNotStart(f"{url} answered {answer.status_code}", answer=answer.text[:300])


def _strike(stage: Stage, chance: random.Random, seconds: float, told: Told) -> Seen:
    seen, begun = Seen(), time.monotonic()
    away_since: int | None = None
    for number, fault in enumerate(faults.planned(chance, seconds)):
        time.sleep(max(0.0, begun + number / KILLS_PER_SECOND - time.monotonic()))
        if time.monotonic() - begun > seconds * 1.5:
            break
        if away_since is not None and stage.broker.answers():
            seen.taken_without_broker += count_acked(stage.books) - away_since
            away_since = None
        _do(stage, fault, chance, seen)
        if fault.startswith("broker") and away_since is None:
            away_since = count_acked(stage.books)
        seen.counts[fault] += 1
        stage.revive()
        if number % 100 == 99:
            stage.renew_token()
            told(f"{number + 1} faults, {time.monotonic() - begun:.0f} s, {count_acked(stage.books)} answered")
    if away_since is not None:
        seen.taken_without_broker += count_acked(stage.books) - away_since
    seen.seconds = max(time.monotonic() - begun, seconds)
    return seen


def _do(stage: Stage, fault: str, chance: random.Random, seen: Seen) -> None:
    if fault == "till":
        stage.kill(f"till-{chance.randrange(stage.tills)}")
    elif fault == "clerk":
        stage.kill("clerk-0")
    elif fault == "postgres":
        seen.restart_seconds_most = max(seen.restart_seconds_most, stage.kill_postgres())
    elif fault.startswith("broker"):
        stage.broker.kill(wipe=fault.endswith("wiped"))
        stage.broker.start()  # it is up again some seconds later; meanwhile everybody works without it
    else:
        stage.kill(fault)


def be_quiet(stage: Stage) -> float:
    """No more faults: the clients learn the fate of what is unanswered, then all comes to rest. Seconds until then."""
    stage.renew_token()
    stage.revive()
    time.sleep(3)
    stage.stop_clients()
    begun = time.monotonic()
    while time.monotonic() - begun < QUIET_SECONDS:
        stage.revive()
        if _at_rest(stage):
            return time.monotonic() - begun
        time.sleep(0.1)
    return QUIET_SECONDS


def _at_rest(stage: Stage) -> bool:
    try:
        states = {service: requests.get(f"{stage.urls[service]}/readyz", timeout=5).json() for service in ON_STAGE}
        if any(state["log"]["outbox"] for state in states.values()):
            return False
        return bool(states["accounts"]["streams"]["payments"]["pos"] == states["payments"]["log"]["pos"]
                    and states["payments"]["streams"]["accounts"]["pos"] == states["accounts"]["log"]["pos"])  # fmt: skip
    except (requests.RequestException, KeyError, ValueError):
        return False
