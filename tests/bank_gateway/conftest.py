"""A bank desk on a fresh database."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from shared.chassis.runtime import Runtime
from tests.bank_gateway.desk import Desk
from tests.bank_gateway.fake_payments import FakePayments


@pytest.fixture
def make_desk(make_runtime: Callable[..., Runtime]) -> Callable[..., Desk]:
    def make(day: date = date(2025, 12, 5)) -> Desk:
        return Desk(make_runtime("bank_gateway", day=day), FakePayments())

    return make


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    """The day is 5 December 2025."""
    return make_desk()
