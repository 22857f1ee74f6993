"""Who asks, and may he (reliability 6.1, rows 55–66 as far as there is something to ask for)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import uuid
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.chassis.auth import SERVICE_SECONDS, STAFF_SECONDS
from shared.chassis.settings import SERVICES
from tests.bad_input.three_services import H, Services, a_payment

PATH = f"/accounts/{H}/owed"


def claims(**changed: Any) -> dict[str, Any]:
    now = int(time.time())
    whole = {"iss": "accounts", "sub": "staff:zhang", "aud": list(SERVICES), "iat": now, "exp": now + 60,
             "jti": uuid.uuid4().hex, "roles": ["cashier", "supervisor"], "person": "zhang", "signed_in_at": now,
             **changed}  # fmt: skip
    return {name: value for name, value in whole.items() if value is not ...}


class Forger:
    """Somebody who knows everything that is public, and one private key that nobody trusts."""

    def __init__(self, services: Services) -> None:
        self.folder = services.runtimes["payments"].settings.keys_folder
        self.genuine = serialization.load_pem_private_key((self.folder / "accounts.1.key").read_bytes(), None)
        self.public = (self.folder / "accounts.1.pub").read_bytes()
        self.own = Ed25519PrivateKey.generate()

    def signed(self, told: dict[str, Any], *, kid: Any = "accounts.1", key: Any = None, **header: Any) -> str:
        return jwt.encode(told, key or self.genuine, algorithm="EdDSA", headers={"kid": kid, **header})

    def by_hand(self, header: dict[str, Any], told: dict[str, Any], signature: bytes = b"") -> str:
        parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, told)]
        return ".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=").decode()])


@pytest.fixture
def forger(services: Services) -> Forger:
    return Forger(services)


def test_a_genuine_token_is_believed(services: Services, forger: Forger) -> None:
    """The measure of everything below: changed in nothing, it opens the door."""
    assert services.ask("payments", "GET", PATH, token=forger.signed(claims())).status == 200


FORGED: dict[str, Any] = {
    "56-expired": lambda f: f.signed(claims(exp=int(time.time()) - 1)),
    "56-just-expired": lambda f: f.signed(claims(exp=int(time.time()))),
    "56-not-yet": lambda f: f.signed(claims(nbf=int(time.time()) + 600)),
    "56-issued-tomorrow": lambda f: f.signed(claims(iat=int(time.time()) + 86400)),
    "56-without-end": lambda f: f.signed(claims(exp=...)),
    "56-end-as-text": lambda f: f.signed(claims(exp="never")),
    "56-end-as-infinity": lambda f: f.signed(claims(exp=1e400)),
    "57-alg-none": lambda f: f.by_hand({"alg": "none", "kid": "accounts.1", "typ": "JWT"}, claims()),
    "57-alg-None": lambda f: f.by_hand({"alg": "NONE", "kid": "accounts.1"}, claims(), b"x"),
    "58-hs256-with-the-public-key": lambda f: _hmac_signed(f, f.public),
    "58-hs256-with-nothing": lambda f: _hmac_signed(f, b""),
    "59-kid-path": lambda f: f.signed(claims(), kid="../../../../dev/null"),
    "59-kid-sql": lambda f: f.signed(claims(), kid="accounts.1' OR 1=1--"),
    "59-kid-unknown": lambda f: f.signed(claims(), kid="accounts.2"),
    "59-kid-number": lambda f: f.by_hand({"alg": "EdDSA", "kid": 1}, claims(), b"x" * 64),
    "59-kid-list": lambda f: f.by_hand({"alg": "EdDSA", "kid": ["accounts.1"]}, claims(), b"x" * 64),
    "59-without-kid": lambda f: f.by_hand({"alg": "EdDSA"}, claims(), b"x" * 64),
    "59-jku": lambda f: f.signed(claims(), key=f.own, jku="http://127.0.0.1:9/keys"),
    "59-jwk": lambda f: f.signed(claims(), key=f.own, jwk={"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}),
    "59-crit": lambda f: f.signed(claims(), crit=["b64"], b64=False),
    "60-for-another-service": lambda f: f.signed(claims(aud=["accounts"])),
    "60-for-nobody": lambda f: f.signed(claims(aud=...)),
    "60-of-another-issuer": lambda f: f.signed(claims(iss="payments")),
    "60-of-nobody": lambda f: f.signed(claims(iss=...)),
    "61-without-subject": lambda f: f.signed(claims(sub=...)),
    "61-subject-of-no-kind": lambda f: f.signed(claims(sub="root")),
    "61-subject-is-a-service": lambda f: f.signed(claims(sub="service:bank_gateway")),
    "61-without-number": lambda f: f.signed(claims(jti=...)),
    "another-key": lambda f: f.signed(claims(), key=f.own),
    "signature-cut": lambda f: f.signed(claims())[:-10],
    "signature-missing": lambda f: f.signed(claims()).rsplit(".", 1)[0] + ".",
    "claims-changed": lambda f: _with_other_claims(f),
    "not-a-token": lambda _: "abc", "dots": lambda _: "..", "long": lambda _: "a." * 4000, "nul": lambda _: "a.b.c\x00",
    "json-twice": lambda f: f.by_hand({"alg": "EdDSA", "kid": "accounts.1"}, [claims()], b"x" * 64),  # type: ignore[arg-type]
}  # fmt: skip


def _hmac_signed(forger: Forger, secret: bytes) -> str:
    unsigned = forger.by_hand({"alg": "HS256", "kid": "accounts.1", "typ": "JWT"}, claims()).rsplit(".", 1)[0]
    digest = hmac.new(secret, unsigned.encode(), hashlib.sha256).digest()
    return f"{unsigned}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def _with_other_claims(forger: Forger) -> str:
    header, _, signature = forger.signed(claims(roles=["cashier"])).split(".")
    _, more, _ = forger.by_hand({}, claims(roles=["supervisor"])).split(".")
    return f"{header}.{more}.{signature}"


@pytest.mark.parametrize("forge", FORGED.values(), ids=[f"6.1-{name}" for name in FORGED])
def test_a_token_that_is_not_sound_opens_nothing(services: Services, forger: Forger, forge: Any) -> None:
    token = forge(forger)
    environ = {"HTTP_AUTHORIZATION": f"Bearer {token}"}
    answer = services.refuses(
        "payments", "GET", PATH, token=None, environ=environ, statuses=(401,), code="unauthenticated"
    )
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert token[:30] not in answer.raw.decode() or len(token) < 10


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic emhhbmc6cGFzc3dvcmQ=", "Token x", "bearer\tx", "Bearer  ",
                                    "x" * 10_000])  # fmt: skip
def test_6_1_55_without_a_token_nothing_opens(services: Services, header: str) -> None:
    services.refuses("payments", "GET", PATH, token=None, environ={"HTTP_AUTHORIZATION": header} if header else {},
                     statuses=(401,))  # fmt: skip


def test_a_token_in_the_query_is_none(services: Services) -> None:
    services.refuses("payments", "GET", f"{PATH}?access_token={services.token()}", token=None, statuses=(401,))


def test_6_1_56_a_token_that_was_believed_expires_all_the_same(services: Services, forger: Forger) -> None:
    """What was verified once is remembered; its end is looked at every time."""
    import time_machine

    token = forger.signed(claims(exp=int(time.time()) + STAFF_SECONDS))
    assert services.ask("payments", "GET", PATH, token=token).status == 200
    with time_machine.travel(time.time() + STAFF_SECONDS + 1, tick=False):
        assert services.ask("payments", "GET", PATH, token=token).status == 401


@pytest.mark.parametrize("roles", [[], ["auditor"], ["root"], ["CASHIER"], ["cashier "], [["cashier"]], [None],
                                   ["service:bank_gateway"], ["staff:zhang"]])  # fmt: skip
def test_6_1_61_roles_that_do_not_take_money_cannot(services: Services, forger: Forger, roles: Any) -> None:
    token = forger.signed(claims(roles=roles))
    services.refuses("payments", "POST", "/payments", a_payment(), token=token, statuses=(401, 403))


def test_a_role_is_not_read_out_of_a_text(services: Services, forger: Forger) -> None:
    """``roles: "cashier"`` is a word, not a list: it must not be searched for what it contains."""
    services.refuses("payments", "POST", "/payments", a_payment(), token=forger.signed(claims(roles="cashier")),
                     statuses=(401, 403))  # fmt: skip


# Services

BOOK = "/bank-book?partner=BOC&day=2025-10-20"
CLAIM = json.dumps(
    {"bank": "BOC", "batch_no": 1, "as_of": "2025-10-20", "items": [{"item_no": 1, "account_no": H}]}
).encode()


def test_a_service_is_believed_for_the_request_that_it_signed(services: Services) -> None:
    assert services.ask("payments", "GET", BOOK, token=services.of_service("bank_gateway", "payments")).status == 200


def test_a_service_token_does_not_fit_another_body(services: Services) -> None:
    token = services.of_service("bank_gateway", "payments", CLAIM)
    services.refuses(
        "payments", "POST", "/debit-claims", CLAIM.replace(b'"BOC"', b'"ICBC"'), token=token, statuses=(401,)
    )
    services.refuses("payments", "POST", "/debit-claims", CLAIM + b" ", token=token, statuses=(401,))


def test_6_1_60_a_service_token_for_another_service_is_refused(services: Services) -> None:
    services.refuses("payments", "GET", BOOK, token=services.of_service("bank_gateway", "accounts"), statuses=(401,))


def test_a_service_may_do_only_what_is_its_own(services: Services) -> None:
    token = services.of_service("accounts", "payments", CLAIM)
    services.refuses("payments", "POST", "/debit-claims", CLAIM, token=token, statuses=(403,), code="forbidden")


def test_a_service_cannot_speak_for_staff_or_for_another_service(services: Services) -> None:
    keys = services.runtimes["payments"].keys
    now = int(time.time())
    for subject in ("staff:zhang", "service:bank_gateway", "service:"):
        token = keys.sign("payments", {"sub": subject, "aud": "payments", "iat": now, "exp": now + SERVICE_SECONDS,
                                       "jti": "1", "roles": ["supervisor"],
                                       "bh": base64.urlsafe_b64encode(hashlib.sha256(b"").digest()).decode()})  # fmt: skip
        services.refuses("payments", "GET", PATH, token=token, statuses=(401,))


@pytest.mark.parametrize("change", [
    {"channel": "bank"}, {"received_on": "2025-10-19"}, {"channel": "legacy"},
])  # fmt: skip
def test_money_of_a_bank_and_past_days_are_not_the_counters(services: Services, change: dict[str, Any]) -> None:
    services.refuses("payments", "POST", "/payments", a_payment(**change), statuses=(403, 422))


@pytest.mark.parametrize(("path", "body"), [
    ("/payments", a_payment(force="the customer insists")),
    ("/payments/reversals", {"reversals": [{"payment_id": 1, "reason": "bounced", "at": "hall"}]}),
])  # fmt: skip
def test_what_needs_a_supervisor_is_refused_to_a_cashier(services: Services, path: str, body: Any) -> None:
    services.refuses("payments", "POST", path, body, token=services.token("cashier"), statuses=(403,), code="forbidden")


def test_one_service_knows_nothing_of_anothers_staff_routes(services: Services) -> None:
    for service in ("payments", "bank_gateway"):
        services.refuses(service, "POST", "/sign-in", {"login": "zhang", "password": "x"}, statuses=(404,))


@pytest.mark.parametrize("body", [
    {"login": "zhang", "password": "' OR 1=1--"}, {"login": "nobody", "password": "x"},
    {"login": "zhang", "password": "x" * 100}, {"login": "zhang", "password": "\U0001f600"},
])  # fmt: skip
def test_6_1_69_a_wrong_password_and_an_unknown_login_are_answered_alike(services: Services, body: Any) -> None:
    answer = services.ask("accounts", "POST", "/sign-in", body, token=None)
    assert (answer.status, answer.code) == (401, "sign_in_refused")
    assert answer.body["detail"] == "login or password is wrong, or the login rests"


@pytest.mark.parametrize("body", [
    {"login": "' OR 1=1--", "password": "x"}, {"login": "Zhang", "password": "x"}, {"login": "", "password": ""},
    {"login": None, "password": None}, {"login": ["zhang"], "password": {"$ne": ""}}, {"password": "x"},
    {"login": "zhang", "password": "x" * 100_000}, {"login": "a" * 41, "password": "x"},
    {"login": "zhang", "password": "x", "roles": ["supervisor"]},
])  # fmt: skip
def test_a_sign_in_that_cannot_be_read_is_refused_without_an_echo(services: Services, body: Any) -> None:
    answer = services.refuses("accounts", "POST", "/sign-in", body, token=None)
    assert b"xxxxxxxxxx" not in answer.raw
