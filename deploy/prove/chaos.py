"""The run: set the stage, let writers pay, kill something twice a second, then be quiet and compare."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import requests

from deploy.prove.checker import Promise, check
from deploy.prove.stage import ON_STAGE, Stage

KILLS_PER_SECOND = 2.5
WEIGHTS = {"writer": 70, "payments-worker": 9, "accounts-worker": 8, "payments-web": 5, "accounts-web": 2,
           "broker": 3, "broker wiped": 1, "postgres": 2}  # fmt: skip
AT_LEAST = ("broker", "broker wiped", "postgres", "payments-worker", "accounts-worker", "payments-web")
QUIET_SECONDS = 60.0


def run(folder: Path, *, seconds: float, seed: int, told: Callable[[str], None] = lambda _: None) -> list[Promise]:
    """Chaos for ``seconds``; the same seed draws the same faults (their effect depends on the moment)."""
    stage = Stage(folder, seed)
    try:
        stage.start()
        _open_and_bill(stage)
        told("the stage is set; writers begin")
        stage.start_writers()
        faults = _faults(stage, random.Random(seed), seconds, told)
        drained = _be_quiet(stage)
        told(f"faults: {faults}; drained after {drained:.1f} s")
        promises = check(folder / "books", {s: stage.database_url(s) for s in ON_STAGE}, faults=faults)
        total = sum(faults.values())
        return [
            *promises,
            Promise("load", f"{total} kills in {seconds:g} s, drained in {drained:.1f} s", total >= 2 * seconds * 0.9),
        ]
    finally:
        stage.end()


def _open_and_bill(stage: Stage) -> None:
    """Homes with two seasons' bills, made through the public interfaces."""
    accounts = stage.urls["accounts"]
    numbers = [f"99{number:08d}" for number in range(1, stage.accounts + 1)]
    homes = [{"account_no": number, "name": "proof", "compound": "proof", "building": "1", "room": number,
              "building_area": "100.00"} for number in numbers]  # fmt: skip
    _post(stage, f"{accounts}/accounts", {"accounts": homes}, "open")
    _post(stage, f"{accounts}/policies", {"name": "default"}, "policy")
    for season in ("2024-2025", "2025-2026"):
        _post(stage, f"{accounts}/billing-runs", {"season": season}, f"bill-{season}")


def _post(stage: Stage, url: str, body: object, key: str) -> None:
    answer = requests.post(url, json=body, headers={**stage.headers(), "Idempotency-Key": key}, timeout=60)
    if answer.status_code >= 300:
        raise RuntimeError(f"{url} answered {answer.status_code}: {answer.text[:300]}")


def _faults(stage: Stage, chance: random.Random, seconds: float, told: Callable[[str], None]) -> dict[str, int]:
    begun = time.monotonic()
    counts: dict[str, int] = {}
    planned = _planned(chance, seconds, with_broker=stage.broker is not None)
    for number, fault in enumerate(planned):
        due = begun + number / KILLS_PER_SECOND
        time.sleep(max(0.0, due - time.monotonic()))
        if time.monotonic() - begun > seconds * 1.5:
            break
        _do(stage, fault, chance)
        counts[fault] = counts.get(fault, 0) + 1
        stage.revive()
        if number % 50 == 49:
            stage.renew_token()
            told(f"{number + 1} faults, {time.monotonic() - begun:.0f} s")
    return counts


def _planned(chance: random.Random, seconds: float, *, with_broker: bool) -> list[str]:
    """Faults by weight, each kind of `AT_LEAST` at least once, in random order."""
    count = max(int(seconds * KILLS_PER_SECOND), len(AT_LEAST) * 2)
    kinds = [kind for kind in WEIGHTS if with_broker or not kind.startswith("broker")]
    drawn = chance.choices(kinds, [WEIGHTS[kind] for kind in kinds], k=count)
    for kind in AT_LEAST:
        if kind in kinds and kind not in drawn:
            drawn[chance.randrange(count)] = kind
    return drawn


def _do(stage: Stage, fault: str, chance: random.Random) -> None:
    if fault == "writer":
        stage.kill(f"writer-{chance.randrange(stage.writers)}")
    elif fault == "postgres":
        stage.kill_postgres()
    elif fault.startswith("broker") and stage.broker is not None:
        stage.broker.kill(wipe=fault.endswith("wiped"))
        stage.broker.start()  # it is up again some seconds later; meanwhile everybody works without it
    else:
        stage.kill(fault)


def _be_quiet(stage: Stage) -> float:
    """No more faults: the writers learn the fate of what is unanswered, then everything comes to rest. Seconds until then."""
    begun = time.monotonic()
    stage.renew_token()
    stage.revive()
    time.sleep(3)
    stage.stop_writers()
    begun = time.monotonic()
    while time.monotonic() - begun < QUIET_SECONDS:
        stage.revive()
        if _at_rest(stage):
            return time.monotonic() - begun
        time.sleep(0.2)
    return QUIET_SECONDS


def _at_rest(stage: Stage) -> bool:
    try:
        states = {service: requests.get(f"{stage.urls[service]}/readyz", timeout=5).json() for service in ON_STAGE}
        if any("log" not in state or state["log"]["outbox"] for state in states.values()):
            return False
        return all(
            states[consumer]["streams"][producer]["pos"] == states[producer]["log"]["pos"]
            for consumer, producer in (("accounts", "payments"), ("payments", "accounts"))
        )
    except (requests.RequestException, KeyError, ValueError):
        return False
