"""Everything that a bill travels with is asked for by somebody here: a field that nobody reads is a rule that nobody follows."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from shared.messages.accounts import DiscountWindow, PaymentTerms

PAYMENTS = Path(__file__).resolve().parents[2] / "services" / "payments"
CODE = "\n".join(path.read_text(encoding="utf-8") for path in sorted(PAYMENTS.rglob("*.py")))


@pytest.mark.parametrize(
    "name", [field.name for kind in (PaymentTerms, DiscountWindow) for field in dataclasses.fields(kind)]
)
def test_a_field_of_the_terms_is_read(name: str) -> None:
    assert re.search(rf"\.{name}\b", CODE)
