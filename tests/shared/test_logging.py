"""Logs are JSON, one line an event, and hold no personal number: whoever writes it, wherever in it."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.chassis.logging import masked

CANARIES = {
    "id number": "210102196001010023", "id number with X": "21010219600101002X", "old id number": "210102600101002",
    "card": "6216600000000000017", "card in groups": "6216 6000 0000 0000 017", "card with hyphens": "6216-6000-0000-0001",
    "long account": "31050161364000000123456", "short account": "310501613640", "mobile": "13812345678",
    "mobile in groups": "138 1234 5678", "mobile with +86": "+8613812345678",
    "token": "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJzdGFmZjp6aGFuZyJ9.c2lnbmF0dXJl",
    "password in a URL": "postgresql://nuan:Tr0ub4dor@10.0.0.1/accounts",
}  # fmt: skip
HIDDEN = {
    "token": "eyJzdWIiOiJzdGFmZjp6aGFuZyJ9", "password in a URL": "Tr0ub4dor",
}  # fmt: skip


def core(name: str) -> str:
    """The part of a canary that must not be readable any more."""
    return HIDDEN.get(name, CANARIES[name])


@pytest.mark.parametrize("name", CANARIES)
@pytest.mark.parametrize("frame", ["{}", "customer {} paid", "户主{}的账号", "('{}',)", '{{"a": "{}"}}', "Key (x)=({}) exists",
                                   "{0}, {0}", "a={};b=1"])  # fmt: skip
def test_personal_numbers_keep_only_their_ends(name: str, frame: str) -> None:
    assert core(name) not in masked(frame.format(CANARIES[name]))


@given(st.integers(10**11, 10**31))
def test_no_run_of_twelve_digits_or_more_stays(number: int) -> None:
    assert str(number) not in masked(f"x {number} y")


@pytest.mark.parametrize("text", ["0110000001", "2026-11-26T09:12:26.123456Z", "2330.38", "2025-2026", "batch 7 of 31",
                                  "10.0.0.1:5432", "/accounts/0110000001/owed", "pos 123456789"])  # fmt: skip
def test_what_the_business_counts_by_stays_readable(text: str) -> None:
    assert masked(text) == text


PROGRAM = """
import json, logging, sys
import structlog
from shared.chassis.logging import configure_logging
canaries = json.loads(sys.argv[1])
configure_logging("payments")
logger = structlog.get_logger()
for name, canary in canaries.items():
    logger.info("event", text=canary, many=[canary], within={"a": {"b": canary}}, error=ValueError(canary))
    logger.info(f"said {canary}")
    logging.getLogger("somebody.else").warning("library says %s", canary)
    try:
        raise ValueError(f"Key (phone)=({canary})")
    except ValueError:
        logger.error("defect", exc_info=True)
        logging.getLogger("somebody.else").exception("library failed on %s", canary)
logger.info("event", password="hunter2", Authorization="Bearer hunter2", token="hunter2", secret="hunter2", holder="hunter2")
logger.info("forged", text="a\\nforged line\\r\\nlevel=info")
logger.info("id", request_id="12345678901234567890123456789012")
"""


@pytest.fixture(scope="module")
def lines() -> list[dict[str, Any]]:
    """What a process writes that logs canaries in every way there is."""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", PROGRAM, json.dumps(CANARIES)], cwd=root, capture_output=True, text=True,
                          check=True)  # fmt: skip
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_every_line_is_one_json_object_of_the_service(lines: list[dict[str, Any]]) -> None:
    assert len(lines) == len(CANARIES) * 5 + 3
    assert {line["service"] for line in lines} == {"payments"}
    assert all(line["timestamp"].endswith("Z") and line["level"] for line in lines)


def test_no_canary_is_in_any_line(lines: list[dict[str, Any]]) -> None:
    """P36: in a field, in a list, in words, in an exception's text, from a library."""
    whole = json.dumps(lines, ensure_ascii=False)
    assert [name for name in CANARIES if core(name) in whole] == []
    assert "hunter2" not in whole
    assert "library says" in whole
    assert "Traceback" in whole


def test_a_line_cannot_be_forged_by_what_is_logged(lines: list[dict[str, Any]]) -> None:
    forged = next(line for line in lines if line["event"] == "forged")
    assert forged["text"] == "a\\nforged line\\r\\nlevel=info"


def test_a_request_id_stays_what_was_answered(lines: list[dict[str, Any]]) -> None:
    assert lines[-1]["request_id"] == "12345678901234567890123456789012"


def test_libraries_below_warning_are_silent() -> None:
    assert logging.getLogger("kombu").getEffectiveLevel() >= logging.WARNING
