"""The background half of accounts: which loops run in it."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable

import pytest

from services.accounts.bootstrap import worker
from shared.chassis.runtime import Runtime


@pytest.mark.parametrize(("pool_size", "tellers"), [(2, 1), (10, 3), (50, 4)])
def test_it_bills_writes_exports_and_tells_partners_with_a_share_of_its_connections(
    make_runtime: Callable[..., Runtime], pool_size: int, tellers: int
) -> None:
    """Whoever tells a partner keeps a connection while it answers: the relay must always find one."""
    runtime = make_runtime("accounts")
    settings = dataclasses.replace(runtime.settings, pool_size=pool_size)
    names = Counter(thread.name for thread in worker(dataclasses.replace(runtime, settings=settings)).threads)
    assert (names["billing"], names["exporting"], names["telling"]) == (1, 1, tellers)


def test_without_a_work_folder_it_writes_no_exports(make_runtime: Callable[..., Runtime]) -> None:
    runtime = make_runtime("accounts")
    settings = dataclasses.replace(runtime.settings, work_folder=None)
    assert "exporting" not in [
        thread.name for thread in worker(dataclasses.replace(runtime, settings=settings)).threads
    ]
