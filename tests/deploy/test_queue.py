"""The embedded queue's URL says everything that a connection needs, whatever its characters."""

from __future__ import annotations

import psycopg
import pytest

from deploy.local.queue import queue_url
from shared.chassis.bus import connect


@pytest.mark.parametrize("words", [
    {"host": "/var/tmp/nuan socket", "port": "5432", "user": "postgres", "dbname": "nuan_bus"},
    {"host": "127.0.0.1", "port": "5433", "user": "nuan", "password": "p@ss/w:rd%2F", "dbname": "nuan_bus"},
])  # fmt: skip
def test_the_url_leads_back_to_the_same_database(words: dict[str, str]) -> None:
    url = queue_url(psycopg.conninfo.make_conninfo("", **words))
    with connect(url) as connection:
        assert psycopg.conninfo.conninfo_to_dict(connection.transport_options["conn_string"]) == words
