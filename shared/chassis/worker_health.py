"""A worker's own small HTTP: /livez, /readyz and /metrics, for whoever watches the process. Off unless it is told where."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import Engine
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from shared.chassis.operations import readiness

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        return


class WorkerHealth(threading.Thread):
    """Answers at ``bind`` (HOST:PORT) until ``stop``; refuses to be made when the address is taken."""

    def __init__(
        self, bind: str, *, engine: Engine, threads: Sequence[threading.Thread], stop: threading.Event
    ) -> None:
        super().__init__(name="health", daemon=True)
        self.engine, self.watched, self.stop = engine, tuple(threads), stop
        host, _, port = bind.rpartition(":")
        self.server = make_server(host.strip("[]"), int(port), self._serve, threaded=True, request_handler=_Quiet)

    def run(self) -> None:
        serving = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        serving.start()
        self.stop.wait()
        self.server.shutdown()
        self.server.server_close()

    def _serve(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        match request.path:
            case "/livez":
                return self._livez()
            case "/readyz":
                return self._readyz()
            case "/metrics":
                return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
        return _told({"status": "unknown"}, 404)

    def _livez(self) -> Response:
        dead = [thread.name for thread in self.watched if not thread.is_alive()]
        return _told({"status": "dead", "threads": dead}, 503) if dead else _told({"status": "alive"}, 200)

    def _readyz(self) -> Response:
        try:
            return _told(readiness(self.engine), 200)
        except Exception as error:
            return _told({"status": "not_ready", "error": type(error).__name__}, 503)


def _told(document: dict[str, Any], status: int) -> Response:
    return Response(json.dumps(document), status=status, mimetype="application/json")
