"""A TCP proxy whose two directions can be held: what a network does to a connection that looks alive."""

from __future__ import annotations

import socket
import threading
from urllib.parse import urlsplit


class Gate:
    """``with Gate("amqp://…") as gate``: connect to ``gate.url``; clear ``gate.answers`` to hold what the broker says."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._behind = (parts.hostname or "127.0.0.1", parts.port or 5672)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = url.replace(f"{parts.hostname}:{parts.port}", f"127.0.0.1:{self._listening.getsockname()[1]}")
        self.answers, self.requests = threading.Event(), threading.Event()
        self.answers.set()
        self.requests.set()
        self.connections = 0
        self._sockets: list[socket.socket] = []

    def __enter__(self) -> Gate:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.answers.set()
        self.requests.set()
        for each in [self._listening, *self._sockets]:
            each.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            server = socket.create_connection(self._behind)
            self._sockets += [client, server]
            for source, target, gate in ((client, server, self.requests), (server, client, self.answers)):
                threading.Thread(target=self._pump, args=(source, target, gate), daemon=True).start()

    @staticmethod
    def _pump(source: socket.socket, target: socket.socket, gate: threading.Event) -> None:
        try:
            while part := source.recv(65536):
                gate.wait()
                target.sendall(part)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return
