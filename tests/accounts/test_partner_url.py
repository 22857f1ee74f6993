"""Where a partner may be found, whatever tricks its URL or its name plays."""

from __future__ import annotations

import ipaddress
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.accounts.domain.partner_url import PartnerUrl, UrlNotAllowed, is_allowed, is_public, partner_url
from services.accounts.gateways.partner_http import tell_partner
from tests.accounts.partner_host import partner_host

PRIVATE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254", "100.64.0.1",
    "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "2001:db8::1", "100::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:a00:1::1",
    "192.0.0.192", "192.88.99.1", "168.63.129.16", "64:ff9b:1::7f00:1", "3fff::1", "5f00::1", "::ffff:192.0.0.192",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2", "not an address", "",
]  # fmt: skip
PUBLIC = [
    "8.8.8.8",
    "1.1.1.1",
    "114.114.114.114",
    "2606:4700::1111",
    "2400:3200::1",
    "64:ff9b::808:808",
    "::ffff:8.8.8.8",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_of_no_public_network_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is(address: str) -> None:
    assert is_public(address)
    assert is_allowed(address, trial=False)


@given(number=st.integers(0, 2**32 - 1))
def test_no_way_to_write_an_address_in_ipv6_makes_it_public(number: int) -> None:
    plain = ipaddress.IPv4Address(number)
    mapped = ipaddress.IPv6Address((0xFFFF << 32) | number)
    translated = ipaddress.IPv6Address((0x64FF9B << 96) | number)
    assert is_public(str(mapped)) == is_public(str(translated)) == is_public(str(plain))


def test_a_loopback_is_allowed_in_a_trial_alone() -> None:
    for address in ("127.0.0.1", "::1"):
        assert is_allowed(address, trial=True)
        assert not is_allowed(address, trial=False)
    assert not is_allowed("10.0.0.1", trial=True)


@pytest.mark.parametrize(("text", "url"), [
    ("https://partner.com", PartnerUrl("https", "partner.com", 443, "/")),
    ("https://Hooks.Partner.com.:8443/a/b?c=d", PartnerUrl("https", "hooks.partner.com", 8443, "/a/b?c=d")),
    ("https://8.8.8.8/", PartnerUrl("https", "8.8.8.8", 443, "/")),
    ("https://xn--fiqs8s.cn/", PartnerUrl("https", "xn--fiqs8s.cn", 443, "/")),
])  # fmt: skip
def test_a_url_of_the_public_internet_is_taken_apart(text: str, url: PartnerUrl) -> None:
    assert partner_url(text, trial=False) == url


@pytest.mark.parametrize("text", ["http://partner.com/", "http://8.8.8.8/", "https://127.0.0.1/", "https://[::1]/", "https://[fe80::1%25eth0]/",
                                  "https://localhost/", "https://a.localhost/", "https://intranet/", "https://partner.com@10.0.0.1/",
                                  "https://partner.com\\@10.0.0.1/", "https://10.0.0.1#.partner.com/", "https://127.1/", "https://0177.0.0.1/",
                                  "https://2130706433/", "https://partner.com:0/", "https://partner.com:x/", "HTTPS://partner.com/",
                                  "https:/partner.com", "//partner.com/", "https://part ner.com/", "https://合作.cn/", "https://partner_x.com/",
                                  "https://-partner.com/", "https://" + "a." * 130 + "com/", "https://169.254.169.254/"])  # fmt: skip
def test_a_url_that_is_none_or_leads_inside_is_refused(text: str) -> None:
    with pytest.raises(UrlNotAllowed):
        partner_url(text, trial=False)


@pytest.mark.parametrize("text", ["http://127.0.0.1:8080/x", "http://[::1]:8080/", "https://127.0.0.1/"])
def test_in_a_trial_a_loopback_may_be_named_even_by_http(text: str) -> None:
    assert partner_url(text, trial=True).port in (8080, 443)


OUTSIDE = PartnerUrl("http", "partner.com", 80, "/")


@pytest.mark.parametrize("addresses", [["10.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["127.0.0.1"], []])
def test_a_name_that_leads_inside_is_not_asked_even_if_it_leads_outside_too(addresses: list[str]) -> None:
    answer = tell_partner(OUTSIDE, b"{}", {}, trial=False, resolve=lambda *_: addresses)
    assert (answer.error, answer.status) == ("address_not_allowed", None)


def test_the_connection_goes_to_the_address_that_was_judged_under_the_name_that_was_asked() -> None:
    """The name is resolved once: a second look, which might find another address, never happens."""
    with partner_host() as host:
        asked = []

        def resolve(name: str, port: int) -> list[str]:
            asked.append(name)
            return ["127.0.0.1"]

        url = PartnerUrl("http", "partner.com", host.port, "/x")
        answer = tell_partner(url, b"{}", {"Nuan-Delivery": "1"}, trial=True, resolve=resolve)
        assert (answer.status, answer.error, asked) == (200, None, ["partner.com"])
        assert host.sent[0].headers["Host"] == f"partner.com:{host.port}"


def test_a_name_that_is_not_there_is_an_answer() -> None:
    answer = tell_partner(PartnerUrl("https", "nobody.invalid", 443, "/"), b"{}", {}, trial=True)
    assert answer.error in ("name_not_found", "no_answer")


def test_a_host_that_speaks_no_tls_is_not_believed() -> None:
    with partner_host() as host:
        url = PartnerUrl("https", "partner.com", host.port, "/")
        answer = tell_partner(url, b"{}", {}, trial=True, resolve=lambda *_: ["127.0.0.1"])
        assert answer.error in ("tls", "no_answer")
        assert host.sent == []
        assert ssl.create_default_context().check_hostname
