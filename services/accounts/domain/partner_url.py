"""Where a partner may be found: on the public internet, by https; nothing of ours can be reached by naming it as a partner.

OWASP, *Server-Side Request Forgery Prevention*; the special addresses are those of IANA's registries.
"""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple
from urllib.parse import urlsplit

from shared.kernel.errors import Refusal

URL_LONGEST = 500
_TEXT = re.compile(r"https?://[!-~]+", re.ASCII)
_HOST = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]", re.ASCII)
_INTERNAL = (".local", ".localhost", ".internal", ".intranet", ".lan", ".home", ".corp", ".svc", ".arpa", ".test",
             ".invalid", ".onion", ".example")  # fmt: skip
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NOT_FOR_PARTNERS = tuple(map(ipaddress.ip_network, (
    "192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32", "64:ff9b:1::/48", "3fff::/20", "5f00::/16",
)))  # fmt: skip
"""What Python calls global, in some versions, and is not: IETF's own (a cloud's metadata are at 192.0.0.192), anycast of
6to4, Azure's host, NAT64 of a site, documentation, segment routing.
"""


class UrlNotAllowed(Refusal):
    code = "url_not_allowed"
    remedy = "Give the https URL of a host on the public internet, without a user and without a fragment."


class PartnerUrl(NamedTuple):
    """``path`` holds the query too."""

    scheme: str
    host: str
    port: int
    path: str


def partner_url(text: str, *, trial: bool) -> PartnerUrl:
    """Refuses `url_not_allowed`. In a trial a loopback address may be named, and by http.

    A name may lead anywhere: `is_allowed` judges each address that it leads to, whenever it is asked.
    """
    if len(text) > URL_LONGEST or _TEXT.fullmatch(text) is None or "\\" in text:
        raise UrlNotAllowed("this is no URL of a partner", place="url")
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        raise UrlNotAllowed("this is no URL of a partner", place="url") from None
    if "@" in parts.netloc or parts.fragment or port == 0:
        raise UrlNotAllowed("a user, a fragment and port 0 have no place here", place="url")
    if not _may_be_named(host, trial=trial):
        raise UrlNotAllowed("this host is not one of the public internet", place="url", host=host)
    if parts.scheme != "https" and not (trial and is_loopback(host)):
        raise UrlNotAllowed("events leave by https alone", place="url")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return PartnerUrl(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path)


def is_allowed(address: str, *, trial: bool) -> bool:
    """Whether an address, as a name was resolved to it, may be connected to."""
    return is_public(address) or (trial and is_loopback(address))


def is_public(address: str) -> bool:
    """``is_public("10.0.0.1")`` is false, and so is every other way to write it in an IPv6 address."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.scope_id or ip.teredo or ip.is_site_local:
            return False
        inner = (
            ip.ipv4_mapped or ip.sixtofour or (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
        )
        if inner is not None:
            return is_public(str(inner))
    if any(ip in network for network in _NOT_FOR_PARTNERS):
        return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _may_be_named(host: str, *, trial: bool) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return _HOST.fullmatch(host) is not None and len(host) <= 253 and not f".{host}".endswith(_INTERNAL)
    return is_allowed(host, trial=trial)
