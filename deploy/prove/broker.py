"""A RabbitMQ of our own, on ports of our own, to be killed and to lose its disk; never the machine's."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from deploy.local.ports import free_port

PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""The server itself: unlike the one on the PATH it does not ask to be root."""


def available() -> bool:
    return os.access(PROGRAM, os.X_OK) and shutil.which("epmd") is not None


class Broker:
    """One node with its files in ``folder``; `kill` ends its whole process group as a power cut would."""

    words = "RabbitMQ"

    def __init__(self, folder: Path, *, configuration: str = "") -> None:
        """``configuration`` is added to its rabbitmq.conf."""
        self.folder, self.configuration = folder, configuration
        self.port = free_port()
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}//"
        self._names_port, self._nodes_port = free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._names: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "enabled_plugins").write_text("[].\n")
        (self.folder / "rabbitmq.conf").write_text(f"listeners.tcp.1 = 127.0.0.1:{self.port}\n{self.configuration}")
        if self._names is None:  # Erlang's own name server, which the node would leave behind
            self._names = self._run(["epmd", "-port", str(self._names_port), "-address", "127.0.0.1"])
        self._process = self._run([str(PROGRAM)])

    def wait(self, *, seconds: float = 60) -> bool:
        """Whether it takes connections within ``seconds``."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            if self.answers():
                return True
            time.sleep(0.1)
        return False

    def answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def kill(self, *, wipe: bool = False) -> None:
        process, self._process = self._process, None
        _end(process)
        ends = time.monotonic() + 5
        while self.answers() and time.monotonic() < ends:  # its last child closes the port
            time.sleep(0.01)
        if wipe:
            shutil.rmtree(self.folder / "mnesia", ignore_errors=True)

    def end(self) -> None:
        self.kill()
        names, self._names = self._names, None
        _end(names)

    def _run(self, command: list[str]) -> subprocess.Popen[bytes]:
        variables = {
            "HOME": str(self.folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(self._names_port), "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"nuan-prove-{self.port}@localhost", "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self._nodes_port), "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
        }  # fmt: skip
        with (self.folder / "output").open("ab") as output:
            return subprocess.Popen(command, env=variables, stdout=output, stderr=output, stdin=subprocess.DEVNULL,
                                    start_new_session=True)  # fmt: skip


def _end(process: subprocess.Popen[bytes] | None) -> None:
    if process is not None and process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
