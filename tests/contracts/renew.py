"""``python -m tests.contracts.renew``: write the stored shapes again, after a change that was meant.

Writes ``tests/architecture/roles.txt``, ``tests/contracts/openapi/*.json`` and the golden bytes of messages that are
new. Bytes that are stored are never written again: what a message once was, it stays (docs/decisions/0006).
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from shared.chassis.settings import SERVICES
from tests.architecture.test_routes import MATRIX
from tests.architecture.test_routes import written as written_matrix
from tests.contracts.http_shapes import OPENAPI, openapi_of
from tests.contracts.messages_told import EXAMPLES, golden_of, told
from tests.support.apps import app_without_database, routes_of


def renew() -> None:
    with tempfile.TemporaryDirectory() as folder:
        apps = {service: app_without_database(service, Path(folder))[0] for service in SERVICES}
        MATRIX.write_text(
            written_matrix([route for app in apps.values() for route in routes_of(app)]), encoding="utf-8"
        )
        for service, app in apps.items():
            text = json.dumps(openapi_of(app), ensure_ascii=False, indent=1, sort_keys=True)
            (OPENAPI / f"{service}.json").write_text(f"{text}\n", encoding="utf-8")
    for event in EXAMPLES:
        golden = golden_of(event)
        if not golden.exists():
            golden.write_text(told(event), encoding="utf-8")


if __name__ == "__main__":
    renew()
