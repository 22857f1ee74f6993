"""The six processes of the embedded default: started in their own session, found again, ended by their own number only."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import requests

from deploy.local.environment import Environment
from deploy.local.ports import listening
from shared.chassis.settings import SERVICES
from shared.kernel.errors import Refusal

HALVES = ("web", "worker")
START_SECONDS = 60
LOOKS_BEFORE_GONE = 20


class DidNotStart(Refusal):
    code = "did_not_start"
    status = 503
    remedy = "Read the log that is named; mend what it says and start again."


class PortTaken(Refusal):
    code = "port_taken"
    status = 409
    remedy = (
        "End what listens there (another Nuan: `nuan down` in its folder), or set the URL of the service that is named."
    )


@dataclass(frozen=True)
class Process:
    service: str
    half: str
    pid: int | None

    @property
    def name(self) -> str:
        return f"{self.service}-{self.half}"


def start_all(environment: Environment) -> list[Process]:
    """Start what is not running and wait until every service is ready.

    Refuses `port_taken` before anything is started: somebody else's readiness is not ours.
    """
    for service in SERVICES:
        if _living_pid(environment, service, "web") is None:
            _refuse_taken(environment, service)
    for service in SERVICES:
        for half in HALVES:
            if _living_pid(environment, service, half) is None:
                _spawn(environment, service, half)
    _wait_ready(environment)
    return running(environment)


def running(environment: Environment) -> list[Process]:
    return [Process(service, half, _living_pid(environment, service, half)) for service in SERVICES for half in HALVES]


def stop_all(environment: Environment, *, seconds: float = 20.0) -> list[str]:
    """Ask every process to end; after ``seconds`` end it. Returns the names of those that were running."""
    stopped = [process for process in running(environment) if process.pid is not None]
    for process in stopped:
        os.kill(process.pid or 0, signal.SIGTERM)
    ends = time.monotonic() + seconds
    for process in stopped:
        while _is_ours(process.pid, process.service, process.half) and time.monotonic() < ends:
            time.sleep(0.05)
        if process.pid is not None and _is_ours(process.pid, process.service, process.half):
            os.kill(process.pid, signal.SIGKILL)
        _pid_file(environment, process.service, process.half).unlink(missing_ok=True)
    return [process.name for process in stopped]


def log_file(environment: Environment, service: str, half: str) -> Path:
    return environment.home / "logs" / f"{service}-{half}.log"


def _refuse_taken(environment: Environment, service: str) -> None:
    variable = f"NUAN_{service.upper()}_URL"
    address = urlsplit(environment.variables[variable])
    if listening(address.hostname or "127.0.0.1", address.port or 80):
        raise PortTaken(f"something listens on the address of {service}", variable=variable, url=address.geturl())


def _spawn(environment: Environment, service: str, half: str) -> None:
    path = log_file(environment, service, half)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", f"services.{service}", half],
            env=environment.process_variables(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True, close_fds=True,
        )  # fmt: skip
    file = _pid_file(environment, service, half)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.write_text(str(process.pid))


def _wait_ready(environment: Environment) -> None:
    ends = time.monotonic() + START_SECONDS
    waiting = set(SERVICES)
    while waiting:
        for service in sorted(waiting):
            for half in HALVES:
                if _has_ended(environment, service, half):
                    raise DidNotStart(f"{service} {half} ended at once", log=str(log_file(environment, service, half)),
                                      last_lines=_tail(log_file(environment, service, half)))  # fmt: skip
            url = environment.variables[f"NUAN_{service.upper()}_URL"]
            try:
                if requests.get(f"{url}/readyz", timeout=2).status_code == 200:
                    waiting.discard(service)
            except requests.RequestException:
                continue
        if waiting and time.monotonic() > ends:
            raise DidNotStart(f"{', '.join(sorted(waiting))} not ready after {START_SECONDS} s")
        time.sleep(0.05)


def _pid_file(environment: Environment, service: str, half: str) -> Path:
    return environment.home / "run" / f"{service}-{half}.pid"


def _living_pid(environment: Environment, service: str, half: str) -> int | None:
    try:
        pid = int(_pid_file(environment, service, half).read_text())
    except (OSError, ValueError):
        return None
    return pid if _is_ours(pid, service, half) else None


def _has_ended(environment: Environment, service: str, half: str) -> bool:
    """Whether a process that was just started is gone. While it is being exchanged for the new program (exec) it has no
    words of its own for a moment, on a busy machine a long one: so it is asked again."""
    for _ in range(LOOKS_BEFORE_GONE):
        if _living_pid(environment, service, half) is not None:
            return False
        time.sleep(0.05)
    return True


def _is_ours(pid: int | None, service: str, half: str) -> bool:
    """Is this number still that process? Numbers are given again after a crash, so its words are compared."""
    if pid is None:
        return False
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z" and f"services.{service}".encode() in words and half.encode() in words


def _tail(path: Path, lines: int = 5) -> str:
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
