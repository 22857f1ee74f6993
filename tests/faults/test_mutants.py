"""The checker sees: a protocol that is wrong in one place loses its proof, and the right one keeps it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import pytest

from deploy.local.databases import conninfo
from deploy.prove.checker import Promise
from tests.faults.mutants import HARMLESS, MUTANTS, Mutant
from tests.faults.simulation import Simulation

STEPS = 260
SEEDS = range(1, 9)
"""A mutant is seen under one of the first, as a rule; the moment of a fault depends on what this process has cached."""

Simulate = Callable[[int], Simulation]


def not_held(promises: list[Promise]) -> dict[str, str]:
    return {promise.id: promise.figure for promise in promises if not promise.held}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_everything_that_is_promised_holds_under_faults(simulate: Simulate, seed: int) -> None:
    simulation = simulate(seed)
    assert not_held(simulation.run(STEPS)) == {}
    assert simulation.troubles == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_wrong_protocol_is_seen(simulate: Simulate, mutant: Mutant) -> None:
    assert any(not_held(under(mutant, simulate(seed))).keys() & mutant.seen_by for seed in SEEDS)


@pytest.mark.parametrize("mutant", HARMLESS, ids=lambda mutant: mutant.name)
def test_nothing_relies_on_the_bus(simulate: Simulate, mutant: Mutant) -> None:
    assert not_held(under(mutant, simulate(SEEDS[0]))) == {}


def under(mutant: Mutant, simulation: Simulation) -> list[Promise]:
    with _other_schema(mutant, simulation), pytest.MonkeyPatch.context() as patch:
        mutant.patch(patch)
        return simulation.run(STEPS)


@contextmanager
def _other_schema(mutant: Mutant, simulation: Simulation) -> Iterator[None]:
    urls = [runtime.settings.database_url for runtime in simulation.runtimes.values()]
    _execute(urls, mutant.schema)
    try:
        yield
    finally:
        _execute(urls, ("SET session_replication_role = replica", "DELETE FROM commands", *mutant.back))


def _execute(urls: list[str], statements: tuple[str, ...]) -> None:
    for url in urls if statements else ():
        with psycopg.connect(conninfo(url)) as connection:
            for statement in statements:
                connection.execute(statement.encode())
