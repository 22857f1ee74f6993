"""A service is not started where something else listens: the readiness of another Nuan is not ours."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from deploy.local.environment import Environment
from deploy.local.ports import free_port, listening
from deploy.local.processes import PortTaken, running, start_all
from shared.chassis.settings import SERVICES


def test_a_port_that_is_taken_is_refused_before_anything_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        variables = {f"NUAN_{service.upper()}_URL": f"http://127.0.0.1:{free_port()}" for service in SERVICES}
        variables["NUAN_PAYMENTS_URL"] = f"http://127.0.0.1:{taken}"
        environment = Environment(tmp_path, variables, None)
        with pytest.raises(PortTaken) as refused:
            start_all(environment)
        assert refused.value.facts["variable"] == "NUAN_PAYMENTS_URL"
        assert not any(process.pid for process in running(environment))


def test_a_port_is_free_once_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert listening("127.0.0.1", port)
    assert not listening("127.0.0.1", port)
