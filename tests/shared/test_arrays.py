"""Lists reach the database as they are, whether they are written at once or by the driver."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from deploy.local.databases import conninfo
from shared.chassis.arrays import FlatListDumper


@pytest.fixture
def connection(admin_url: str) -> Any:
    with psycopg.connect(conninfo(admin_url)) as opened:
        opened.adapters.register_dumper(list, FlatListDumper)
        yield opened


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("bigint", [1, -2, 2**62]),
        ("bigint", [1, None, 3]),
        ("bigint", []),
        ("boolean", [True, False]),
        ("boolean", [True, None]),
        ("text", ["0110000001", "0110000002"]),
        ("text", ["one"]),
        ("text", ["", "a"]),
        ("text", ["a,b", "c"]),
        ("text", ["a", "b,"]),
        ("text", ["NULL", "null", "Null"]),
        ("text", ["annullato", "x"]),
        ("text", [None, "x"]),
        ("text", ['"', "\\", "{", "}", " ", "\n", "暖"]),
        ("text", ["{1", "2}"]),
        ("text", ["供暖费", "热费"]),
        ("text", ['{"a": "b\\\\n", "c": [1]}', "\\", '\\"']),
        ("date", [date(2025, 11, 1), None, date(1950, 1, 2)]),
        ("numeric", [Decimal("1.50"), Decimal(2)]),
        ("bytea", [b"\x00\xff", b""]),
        ("bigint", [[1, 2], [3, 4]]),
    ],
)
def test_a_list_arrives_as_it_was_sent(connection: Any, kind: str, values: list[Any]) -> None:
    row = connection.execute(f"SELECT %s::{kind}[]", (values,)).fetchone()
    assert row == (values,)


def test_a_list_is_compared_with_a_column_without_naming_its_type(connection: Any) -> None:
    rows = connection.execute(
        "SELECT n FROM generate_series(1, 5) n WHERE n = ANY(%s) AND n::text = ANY(%s) ORDER BY n",
        ([2, 3, 9], ["3", "2"]),
    ).fetchall()
    assert rows == [(2,), (3,)]


def test_a_text_that_no_database_can_hold_is_refused(connection: Any) -> None:
    with pytest.raises(psycopg.DataError):
        connection.execute("SELECT %s::text[]", (["a", "b\x00c"],))
