"""The embedded message queue: pgmq's SQL on a PostgreSQL database of its own."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import psycopg
from pgmq.install import get_embedded_install_sql, install_pgmq_sql

SEND_WITH_HEADERS = """
CREATE FUNCTION pgmq.send_topic(routing_key text, msg jsonb, headers jsonb) RETURNS integer LANGUAGE sql VOLATILE
AS $$ SELECT pgmq.send_topic(routing_key, msg, headers, 0) $$
"""
"""What the library calls for a message with headers and without delay, and its own SQL does not have."""


def install_queue(conninfo: str) -> None:
    """Install pgmq into the database, once; processes that come together wait for each other."""
    with psycopg.connect(conninfo) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(20251103)")
        if connection.execute("SELECT to_regclass('pgmq.meta')").fetchone() == (None,):
            install_pgmq_sql(get_embedded_install_sql(), conn=connection)
        if connection.execute("SELECT to_regprocedure('pgmq.send_topic(text,jsonb,jsonb)')").fetchone() == (None,):
            connection.execute(SEND_WITH_HEADERS)


def queue_url(conninfo: str) -> str:
    """The kombu URL of that database: ``pgmq://user:password@/database?host=…``, a host or a socket's folder."""
    words = psycopg.conninfo.conninfo_to_dict(conninfo)
    account = quote(str(words["user"]), safe="") + (
        f":{quote(str(words['password']), safe='')}" if words.get("password") else ""
    )
    place = urlencode({"host": words["host"], "port": words.get("port") or 5432})
    return f"pgmq://{account}@/{words['dbname']}?{place}"
