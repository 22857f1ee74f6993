"""RabbitMQ's definitions: our virtual host, its limits, and one user who may touch nothing but our queues."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from shared.chassis.bus import SUBSCRIPTIONS
from shared.chassis.settings import BadSetting

TEMPLATE = Path(__file__).resolve().parents[1] / "rabbitmq" / "definitions.json"
OURS = f"^({'|'.join(SUBSCRIPTIONS)})\\..*"


def definitions(bus_url: str) -> dict[str, Any]:
    """deploy/rabbitmq/definitions.json for the virtual host and user of ``bus_url``; the password only as its hash."""
    parts = urlsplit(bus_url)
    user, password, vhost = parts.username, parts.password, unquote(parts.path.removeprefix("/"))
    if parts.scheme != "amqp" or not user or not password or not vhost:
        raise BadSetting("must be amqp://USER:PASSWORD@HOST/VHOST", place="NUAN_BUS_URL")
    document: dict[str, Any] = json.loads(TEMPLATE.read_text(encoding="utf-8"))
    for policy in document["policies"]:
        policy["vhost"] = vhost
    document["vhosts"] = [{"name": vhost}]
    document["users"] = [{"name": unquote(user), "password_hash": _hash(unquote(password)),
                          "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": []}]  # fmt: skip
    document["permissions"] = [{"user": unquote(user), "vhost": vhost, "configure": OURS, "write": OURS, "read": OURS}]
    return document


def _hash(password: str) -> str:
    salt = os.urandom(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()
