"""Services that a whole module asks: a refusal leaves nothing behind, so that the next one finds them as they were."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from deploy.local.databases import ScratchDatabases
from tests.bad_input.three_services import Services, running
from tests.shared.conftest import own_queues_url

__all__ = ["own_queues_url", "services"]


@pytest.fixture(scope="module")
def services(admin_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The day is 2025-10-20; account H owes 2330.38."""
    with (
        ScratchDatabases(admin_url) as urls,
        running(urls, tmp_path_factory.mktemp("services"), day=date(2025, 10, 20)) as asked,
    ):
        yield asked
