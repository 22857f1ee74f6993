"""One-by-one payments: through the use case, or through HTTP, against pgbench's TPC-B on the same server."""

from __future__ import annotations

import multiprocessing
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing.pool import Pool
from multiprocessing.synchronize import Barrier
from statistics import mean, quantiles
from typing import Any

from deploy.bench.floor import FloorFailed, tpc_b
from deploy.bench.homes import DAY, account_no, bill_homes, open_homes, payable_fen
from deploy.bench.stage import Stage, stage
from deploy.local.databases import beside, create_database, drop_database
from services.payments.use_cases.pay import NewPayment, Pay, pay
from shared.chassis.auth import Keys, staff_token
from shared.chassis.codec import canonical
from shared.chassis.process import collect_rarely
from shared.chassis.unit_of_work import Caller
from shared.kernel.money import format_yuan

CLIENTS = 8
WEB_PROCESSES = 2
READY_SECONDS = 120
DIRECT_HOMES_MAX = 700
"""Homes a second that one client has ready, more than it can take payment for."""


@dataclass(frozen=True)
class Measured:
    """``floor`` TPC-B transactions, ``ours`` homes paid, each a second; times of one call in milliseconds."""

    floor: float
    ours: float
    p50_ms: float
    p99_ms: float


def measure(admin_url: str, *, direct: bool, visit: int, seconds: int, told: Callable[[str], None]) -> Measured:
    """Floor before and after, us in between; every home of a client is its own and pays once."""
    with stage(admin_url, day=DAY, services=("payments",)) as where:
        homes = CLIENTS * DIRECT_HOMES_MAX * (1 if visit == 1 else 5) * seconds
        told(f"{homes} homes with a bill each …")
        runtime = where.runtime("payments")
        open_homes(runtime, 0, homes)
        bill_homes(runtime, 0, homes)
        late, early = payable_fen(runtime, 0, 1)
        runtime.engine.dispose()
        orders = [Orders(client, homes // CLIENTS, visit, (late, early), seconds) for client in range(CLIENTS)]
        before = _floor(admin_url, seconds, told)
        told(f"{CLIENTS} clients pay for {seconds} s …")
        done = _directly(where, orders) if direct else _over_http(where, orders)
        after = _floor(admin_url, seconds, told)
    times = [took for each in done for took in each]
    if not times:
        raise FloorFailed("nothing was paid")
    cuts = quantiles(times, n=100)
    return Measured(mean((before, after)), len(times) * visit / seconds, cuts[49] * 1000, cuts[98] * 1000)


def _floor(admin_url: str, seconds: int, told: Callable[[str], None]) -> float:
    told("floor: pgbench TPC-B …")
    name = f"nuan_scratch_floor_{uuid.uuid4().hex[:12]}"
    create_database(admin_url, name)
    try:
        return tpc_b(beside(admin_url, name), seconds=seconds, clients=CLIENTS)
    finally:
        drop_database(admin_url, name)


@dataclass(frozen=True)
class Orders:
    """What one client does: pay for its homes, ``visit`` in a call."""

    client: int
    homes: int
    visit: int
    payable_fen: tuple[int, int]
    seconds: int

    def payments(self, call: int) -> list[tuple[str, int]]:
        """Account and amount of each home of this call."""
        first = self.client * self.homes + call * self.visit
        late_fen, early_fen = self.payable_fen
        return [
            (account_no(number), early_fen if number % 4 else late_fen) for number in range(first, first + self.visit)
        ]

    def timed(self, one: Callable[[int], None]) -> list[float]:
        """How long each call took, from the moment when every client is ready until the time or the homes run out."""
        _barriers[0].wait(READY_SECONDS)
        took, ends = [], time.monotonic() + self.seconds
        for call in range(self.homes // self.visit):
            began = time.perf_counter()
            one(call)
            took.append(time.perf_counter() - began)
            if time.monotonic() >= ends:
                return took
        raise FloorFailed("the homes ran out before the time")


_barriers: list[Barrier] = []
"""The one barrier of a client's process."""


def _begin_client(barrier: Barrier) -> None:
    """A client is a session of its own, as the server's are: Linux shares the processors among sessions."""
    os.setsid()
    _barriers.append(barrier)


def _by_clients(one: Callable[[Stage, Orders], list[float]], where: Stage, orders: list[Orders]) -> list[list[float]]:
    """Each order in a process of its own; they begin together, whenever the last of them has started."""
    with _clients(len(orders), orders) as pool:
        return pool.starmap(one, [(where, order) for order in orders], chunksize=1)


def _clients(processes: int, orders: list[Orders]) -> Pool:
    spawning = multiprocessing.get_context("spawn")
    return spawning.Pool(processes, _begin_client, (spawning.Barrier(len(orders)),))


def _directly(where: Stage, orders: list[Orders]) -> list[list[float]]:
    """The clients are threads of as many processes as there are web processes: so the use case is called in service."""
    shares = [orders[first::WEB_PROCESSES] for first in range(WEB_PROCESSES)]
    with _clients(WEB_PROCESSES, orders) as pool:
        done = pool.starmap(_pay_directly, [(where, share) for share in shares], chunksize=1)
    return [times for share in done for times in share]


def _pay_directly(where: Stage, orders: list[Orders]) -> list[list[float]]:
    runtime = where.runtime("payments", pool_size=len(orders) + 1)
    collect_rarely()
    caller = Caller("staff:bench")

    def one(client: Orders, call: int) -> None:
        taken = client.payments(call)
        command = Pay(tuple(
            NewPayment(number, amount_fen, "cash", outlet=f"H{client.client}") for number, amount_fen in taken
        ))  # fmt: skip
        runtime.commands.run(pay, command, caller=caller, key=f"bench-{client.client}-{call}", request=taken)

    with ThreadPoolExecutor(len(orders)) as threads:
        return list(threads.map(lambda client: client.timed(partial(one, client)), orders))


def _over_http(where: Stage, orders: list[Orders]) -> list[list[float]]:
    server = subprocess.Popen(
        [sys.executable, "-m", "services.payments", "web"],
        env={**os.environ, **where.variables, "NUAN_WEB_WORKERS": str(WEB_PROCESSES)}, stdin=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        _wait_listening(where.urls["payments"])
        return _by_clients(_pay_over_http, where, orders)
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_listening(url: str) -> None:
    host, port = _address(url)
    for _ in range(300):
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise FloorFailed("payments did not start", url=url)


def _address(url: str) -> tuple[str, int]:
    host, port = url.removeprefix("http://").split(":")
    return host, int(port)


def _pay_over_http(where: Stage, orders: Orders) -> list[float]:
    """A client that costs little: one connection, requests written as bytes."""
    token = staff_token(
        Keys(where.folder / "keys"), login="bench", person="bench", roles=("cashier",), signed_in_at=int(time.time())
    )
    with socket.create_connection(_address(where.urls["payments"])) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def one(call: int) -> None:
            connection.sendall(_request(orders, call, token))
            answer = _answer(connection)
            if not answer.startswith(b"HTTP/1.1 201"):
                raise FloorFailed("a payment was refused", answer=answer[:500].decode(errors="replace"))

        return orders.timed(one)


def _request(orders: Orders, call: int, token: str) -> bytes:
    body: dict[str, Any] = {"payments": [
        {"account_no": number, "amount": format_yuan(amount_fen), "channel": "cash", "outlet": f"H{orders.client}"}
        for number, amount_fen in orders.payments(call)
    ]}  # fmt: skip
    content = canonical(body).encode()
    head = (
        f"POST /payments HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Idempotency-Key: bench-{orders.client}-{call}\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def _answer(connection: socket.socket) -> bytes:
    """One whole response that tells its length."""
    received = connection.recv(65_536)
    while b"\r\n\r\n" not in received:
        received += connection.recv(65_536)
    head, _, body = received.partition(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += connection.recv(65_536)
    return received
