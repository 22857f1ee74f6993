"""``python -m services.bank_gateway web|worker``: one process of this service."""

from __future__ import annotations

from services.bank_gateway.bootstrap import SERVICE, web, worker
from shared.chassis.process import run

if __name__ == "__main__":
    run(SERVICE, web=web, worker=worker)
