"""Who asks, and may he: signed tokens (Ed25519) of staff and of services, and what each route allows.

Tokens name their issuer, audience and end; the algorithm is fixed, keys are looked up only among those loaded at
start. A service's token lives five minutes and is bound to the request's body.
"""

from __future__ import annotations

import base64
import hashlib
import os
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.chassis.sealing import make_seal
from shared.kernel.errors import Refusal

View = TypeVar("View", bound=Callable[..., Any])

STAFF_ISSUER = "accounts"
STAFF_SECONDS = 15 * 60
SERVICE_SECONDS = 5 * 60
ROLES = ("cashier", "clerk", "supervisor", "finance", "auditor", "system_admin", "security_admin")


class Unauthenticated(Refusal):
    code = "unauthenticated"
    status = 401
    remedy = "Sign in again and send the token as `Authorization: Bearer …`."


class NoSigningKey(Refusal):
    code = "no_signing_key"
    status = 503
    remedy = "Start the services once (`nuan up` makes the keys), or name the folder of keys in NUAN_KEYS."


class Forbidden(Refusal):
    code = "forbidden"
    status = 403
    remedy = "Ask somebody with the role that this needs."


@dataclass(frozen=True, slots=True)
class Identity:
    """``subject`` is ``staff:<login>`` or ``service:<name>``; a service has no roles."""

    subject: str
    roles: tuple[str, ...] = ()
    person: str = ""

    def is_any_of(self, allowed: Iterable[str]) -> bool:
        return any(name in self.roles or name == self.subject for name in allowed)


def allow(*who: str) -> Callable[[View], View]:
    """A route's permission: role names, or ``service:<name>``. A route without it is open to nobody."""

    def mark(view: View) -> View:
        view.allowed = who  # type: ignore[attr-defined]
        return view

    return mark


class Keys:
    """The public keys of every issuer and the private key of this service, read once from a folder.

    ``<issuer>.<n>.pub`` are all accepted; ``<issuer>.<n>.key`` with the highest n signs. Two at a time are a rotation.
    """

    def __init__(self, folder: Path) -> None:
        self._public: dict[str, tuple[str, Ed25519PublicKey]] = {}
        for path in sorted(folder.glob("*.pub")):
            key = serialization.load_pem_public_key(path.read_bytes())
            if isinstance(key, Ed25519PublicKey):
                self._public[path.stem] = (path.stem.rsplit(".", 1)[0], key)
        self._private: dict[str, tuple[str, Ed25519PrivateKey]] = {}
        for path in sorted(folder.glob("*.key"), key=key_number):
            private = serialization.load_pem_private_key(path.read_bytes(), password=None)
            if isinstance(private, Ed25519PrivateKey):
                self._private[path.stem.rsplit(".", 1)[0]] = (path.stem, private)
        self.verified = lru_cache(maxsize=4096)(self._verified)

    def sign(self, issuer: str, claims: dict[str, Any]) -> str:
        if issuer not in self._private:
            raise NoSigningKey("there is no private key of this issuer here", issuer=issuer)
        kid, key = self._private[issuer]
        return jwt.encode({"iss": issuer, **claims}, key, algorithm="EdDSA", headers={"kid": kid})

    def _verified(self, token: str, audience: str) -> dict[str, Any]:
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            issuer, key = self._public[kid] if isinstance(kid, str) else ("", None)
            if key is None:
                raise Unauthenticated("the token is not signed by a key we know")
            return jwt.decode(
                token, key, algorithms=["EdDSA"], audience=audience, issuer=issuer,
                options={"require": ["exp", "iat", "aud", "iss", "sub", "jti"]},
            )  # fmt: skip
        except (jwt.InvalidTokenError, KeyError) as error:
            raise Unauthenticated("the token cannot be believed") from error


def service_token(keys: Keys, *, service: str, audience: str, body: bytes) -> str:
    now = int(time.time())
    return keys.sign(
        service,
        {"sub": f"service:{service}", "aud": audience, "iat": now, "exp": now + SERVICE_SECONDS,
         "jti": uuid.uuid4().hex, "bh": _body_hash(body)},
    )  # fmt: skip


def staff_token(keys: Keys, *, login: str, person: str, roles: Iterable[str], signed_in_at: int) -> str:
    now = int(time.time())
    return keys.sign(
        STAFF_ISSUER,
        {"sub": f"staff:{login}", "aud": ["accounts", "payments", "bank_gateway"], "iat": now,
         "exp": now + STAFF_SECONDS, "jti": uuid.uuid4().hex, "roles": list(roles), "person": person,
         "signed_in_at": signed_in_at},
    )  # fmt: skip


def identify(keys: Keys, authorization: str | None, *, service: str, body: Callable[[], bytes]) -> Identity:
    """The identity behind an ``Authorization`` header; refuses what is missing, expired, foreign or rebound."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("this needs a token")
    claims = keys.verified(token, service)
    if claims["exp"] <= time.time():  # the answer of an earlier check may be remembered
        raise Unauthenticated("the token has expired")
    if claims["iss"] == STAFF_ISSUER and claims["sub"].startswith("staff:"):
        told = claims.get("roles")
        roles = tuple(role for role in ROLES if role in told) if isinstance(told, list) else ()
        return Identity(claims["sub"], roles, str(claims.get("person", "")))
    if claims["sub"] != f"service:{claims['iss']}" or claims.get("bh") != _body_hash(body()):
        raise Unauthenticated("the token was made for another request")
    return Identity(claims["sub"])


def _body_hash(body: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()).decode()


def key_number(path: Path) -> int:
    """The 2 of ``accounts.2.key``; 0 for a name without one."""
    number = path.stem.rsplit(".", 1)[-1]
    return int(number) if number.isascii() and number.isdigit() else 0


def make_keys(folder: Path, *, issuers: Iterable[str]) -> None:
    """A first key pair and a first sealing key for each issuer that has none; its owner alone may read them."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for issuer in issuers:
        make_seal(folder, issuer)
        if any(folder.glob(f"{issuer}.*.key")):
            continue
        public = write_private_key(folder / f"{issuer}.1.key")
        (folder / f"{issuer}.1.pub").write_bytes(public)


def write_private_key(path: Path) -> bytes:
    """A new private key in a new file that its owner alone may read; its public key."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(private)
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
