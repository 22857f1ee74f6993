"""Every benchmark runs, on a size that says nothing about speed, and prints what it promises."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from deploy.commands.bench import bench
from shared.chassis.settings import SERVICES

TINY = {
    "pay --direct": ("pay", "--direct", "--seconds", "2"),
    "pay --visit 20": ("pay", "--visit", "20", "--seconds", "2"),
    "billing": ("billing", "--accounts", "1500", "--workers", "2"),
    "billing --mixed": ("billing", "--mixed", "--accounts", "1500", "--workers", "2"),
    "bank-return": ("bank-return", "--lines", "1200", "--workers", "2"),
}
"""By the name that the answer gives it. The lists are longer than one chunk, so that chunks follow each other."""


BILLING = {"accounts web", "accounts worker", "accounts bill", "payments web", "payments worker"}
PROCESSES = {
    "billing": BILLING,
    "billing --mixed": BILLING,
    "bank-return": {f"{service} {half}" for service in SERVICES for half in ("web", "worker")},
}


@pytest.fixture(scope="module", params=TINY)
def told(request: pytest.FixtureRequest, admin_url: str) -> dict[str, Any]:
    """The one document that each benchmark prints."""
    done = subprocess.run(
        [sys.executable, "-m", "deploy.cli", "bench", *TINY[request.param], "--json"], capture_output=True, text=True,
        check=False, env={**os.environ, "NUAN_SCRATCH_POSTGRES_URL": admin_url}, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert done.stdout.count("\n") == 1, done.stdout
    document: dict[str, Any] = json.loads(done.stdout)
    assert document["bench"] == request.param
    return document


def test_a_benchmark_tells_its_floor_ours_and_their_ratio(told: dict[str, Any]) -> None:
    assert told["floor"] > 0
    assert told["ours"] > 0
    assert told["ratio"] == pytest.approx(told["ours"] / told["floor"], rel=0.1)


def test_a_benchmark_names_its_unit_and_what_is_special_to_it(told: dict[str, Any]) -> None:
    if told["bench"] in PROCESSES:
        assert told["unit"] == "seconds against seconds in sets"
        assert set(told["peaks_mb"]) == PROCESSES[told["bench"]]
        assert told["peak_mb"] == max(told["peaks_mb"].values())
        assert all(10 < peak < 1000 for peak in told["peaks_mb"].values())
    else:
        assert told["unit"] == "homes/s against TPC-B transactions/s"
        assert 0 < told["p50_ms"] <= told["p99_ms"]


def test_every_benchmark_is_tried_here() -> None:
    assert set(bench.commands) == {words[0] for words in TINY.values()}
