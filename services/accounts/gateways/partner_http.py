"""Telling a partner: one POST to an address that was looked at, nothing followed, little read, soon given up.

The name is resolved here, every address that it leads to is judged, and the connection is made to the one that was
judged: a name that leads elsewhere a moment later leads nowhere. No proxy of the environment is asked.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from services.accounts.domain.partner_url import PartnerUrl, is_allowed

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 5.0, 8.0, 15.0
ANSWER_BYTES_MAX = 4096

Resolve = Callable[[str, int], list[str]]


class PartnerAnswer(NamedTuple):
    """``error`` is None for 2xx; else a stable word. ``head`` is the beginning of what was answered."""

    status: int | None
    error: str | None
    head: bytes
    millis: int

    @property
    def gone(self) -> bool:
        return self.status == http.client.GONE


class _NotAllowed(Exception):
    pass


def resolved(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def tell_partner(url: PartnerUrl, body: bytes, headers: Mapping[str, str], *, trial: bool,
                 resolve: Resolve = resolved) -> PartnerAnswer:  # fmt: skip
    """What became of it; whatever a partner's host does, this ends within `WHOLE_SECONDS` after it is resolved."""
    began = time.monotonic()
    status, head = None, b""
    try:
        addresses = resolve(url.host, url.port)
        if not addresses or not all(is_allowed(address, trial=trial) for address in addresses):
            raise _NotAllowed
        status, head = _posted(_connection(url, addresses[0]), url, body, headers)
        error = None if 200 <= status < 300 else "redirect" if 300 <= status < 400 else "status"
    except _NotAllowed:
        error = "address_not_allowed"
    except socket.gaierror:
        error = "name_not_found"
    except ssl.SSLError:
        error = "tls"
    except TimeoutError:
        error = "too_slow"
    except (OSError, http.client.HTTPException):
        error = "no_answer"
    return PartnerAnswer(status, error, head, round((time.monotonic() - began) * 1000))


def _posted(
    connection: http.client.HTTPConnection, url: PartnerUrl, body: bytes, headers: Mapping[str, str]
) -> tuple[int, bytes]:
    """An answer that drips in byte by byte keeps every read short: so a clock of its own ends the whole.

    A connection that was ended so looks like an answer that is over: what was read until then is believed in nothing.
    """
    too_slow = threading.Event()
    clock = threading.Timer(WHOLE_SECONDS, _shut, (connection, too_slow))
    clock.daemon = True
    clock.start()
    try:
        connection.request("POST", url.path, body=body, headers=dict(headers))
        answer = connection.getresponse()
        status, head = answer.status, answer.read(ANSWER_BYTES_MAX)
    except (OSError, http.client.HTTPException):
        if too_slow.is_set():
            raise TimeoutError from None
        raise
    finally:
        clock.cancel()
        connection.close()
    if too_slow.is_set():
        raise TimeoutError
    return status, head


def _shut(connection: http.client.HTTPConnection, too_slow: threading.Event) -> None:
    too_slow.set()
    if connection.sock is not None:
        try:
            connection.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it had ended by itself


def _connection(url: PartnerUrl, address: str) -> http.client.HTTPConnection:
    kind = _PinnedHttps if url.scheme == "https" else _PinnedHttp
    connection = kind(url.host, url.port, timeout=READ_SECONDS)
    connection.pinned = address
    return connection


class _PinnedHttp(http.client.HTTPConnection):
    """Connects to the address that was judged, and to no other that the name may have by now."""

    pinned: str

    def connect(self) -> None:
        self.sock: Any = socket.create_connection((self.pinned, self.port), CONNECT_SECONDS)
        self.sock.settimeout(READ_SECONDS)


class _PinnedHttps(_PinnedHttp):
    """The certificate must be the name's, whatever the address."""

    default_port = 443

    def connect(self) -> None:
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
