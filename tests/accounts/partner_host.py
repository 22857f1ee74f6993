"""A partner's host on the loopback: it answers what it is told to, and remembers what it was sent."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Sent:
    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(self.raw)
        return content

    @property
    def event(self) -> dict[str, Any]:
        return dict(self.body["event"])


@dataclass
class Host:
    """``host.answers(500, 200)``: then 200 for ever. ``host.does`` has the connection for itself."""

    port: int
    sent: list[Sent] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    content: bytes = b"ok"
    does: Callable[[BaseHTTPRequestHandler], None] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/nuan?of=city"

    def answers(self, *statuses: int) -> None:
        self.statuses = list(statuses)

    def positions(self) -> list[int]:
        return [each.body["pos"] for each in self.sent]


@contextmanager
def partner_host() -> Iterator[Host]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    host = Host(server.server_address[1])

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            return

        def do_POST(self) -> None:
            host.sent.append(Sent(self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            if host.does is not None:
                host.does(self)
                return
            self.send_response(host.statuses.pop(0) if host.statuses else 200)
            for name, value in host.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(host.content)))
            self.end_headers()
            try:
                self.wfile.write(host.content)
            except OSError:
                return  # who sent it has read enough

    server.RequestHandlerClass = Handler
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield host
    finally:
        server.shutdown()
        server.server_close()


def unused_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
