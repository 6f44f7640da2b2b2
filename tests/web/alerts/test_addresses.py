"""Webhooks reach the public internet and what a setting allows, nothing else (P5). Truth: the special-purpose
registries of IANA (RFC 6890 and what followed) by example, and property."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barograph.errors import UsageError
from barograph_web.alerts.addresses import is_public, may_reach, networks_of, resolve, target_of

NOT_PUBLIC = [
    "0.0.0.0",  # noqa: S104 - nothing is bound to it
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.2.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:0",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::a9fe:a9fe",
    "2002:7f00:1::",
    "2002:c0a8:101::1",
    "2001:0:53aa:64c:0:0:80ff:fffe",
    "2001:db8::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "100::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "93.184.216.34",
    "2606:4700:4700::1111",
    "2a00:1450:4001:829::200e",
    "::ffff:8.8.8.8",
    "2002:808:808::1",
]
EVERYWHERE = target_of("https://example.com/hook")


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_what_is_not_public_is_not_reached(text: str) -> None:
    assert not is_public(ip_address(text))
    with pytest.raises(UsageError, match="not on the public internet"):
        resolve(EVERYWHERE, (), resolver=lambda _h, _p: [text])


@pytest.mark.parametrize("text", PUBLIC)
def test_what_is_public_is_reached(text: str) -> None:
    assert is_public(ip_address(text))
    assert resolve(EVERYWHERE, (), resolver=lambda _h, _p: [text]) == (ip_address(text),)


@given(st.ip_addresses(v=4))
def test_an_address_in_disguise_is_judged_as_itself(inner: IPv4Address) -> None:
    for mapped in (
        IPv6Address(f"::ffff:{inner}"),
        IPv6Address(int(IPv6Address("64:ff9b::")) | int(inner)),
        IPv6Address(int(IPv6Address("2002::")) | (int(inner) << 80)),
    ):
        assert is_public(mapped) == is_public(inner)


@given(st.ip_addresses(v=6))
def test_nothing_that_python_calls_private_is_public(address: IPv6Address) -> None:
    if address.is_private and address.ipv4_mapped is None:
        assert not is_public(address)


def test_a_network_that_is_allowed_is_reached_and_no_other() -> None:
    allowed = networks_of(["10.2.0.0/16", "fd00:1::/32"])
    assert may_reach(ip_address("10.2.3.4"), allowed)
    assert may_reach(ip_address("::ffff:10.2.3.4"), allowed)
    assert may_reach(ip_address("fd00:1::5"), allowed)
    assert not may_reach(ip_address("10.3.0.1"), allowed)
    assert not may_reach(ip_address("169.254.169.254"), allowed)
    with pytest.raises(ValueError, match=r"10\.2\.0\.0/16"):
        networks_of(["ten"])


def test_one_bad_address_among_good_ones_refuses_them_all() -> None:
    with pytest.raises(UsageError, match=r"127\.0\.0\.1"):
        resolve(EVERYWHERE, (), resolver=lambda _h, _p: ["8.8.8.8", "127.0.0.1"])


def test_plain_http_never_leaves_the_allowed_networks() -> None:
    inside = target_of("http://hooks.internal/x")
    assert resolve(inside, (ip_network("10.0.0.0/8"),), resolver=lambda _h, _p: ["10.1.1.1"])
    with pytest.raises(UsageError, match="no TLS"):
        resolve(inside, (), resolver=lambda _h, _p: ["8.8.8.8"])


def test_a_name_that_is_not_resolved_in_time_or_at_all() -> None:
    def slow(_host: str, _port: int) -> Sequence[str]:
        import time  # noqa: PLC0415 - here only

        time.sleep(0.5)
        return ["8.8.8.8"]

    def unknown(_host: str, _port: int) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(TimeoutError, match=r"0\.05 s"):
        resolve(EVERYWHERE, (), resolver=slow, seconds=0.05)
    with pytest.raises(OSError, match="not known"):
        resolve(EVERYWHERE, (), resolver=unknown)
    with pytest.raises(UsageError, match="has no address"):
        resolve(EVERYWHERE, (), resolver=lambda _h, _p: [])


@pytest.mark.parametrize(
    "address",
    [
        "", "example.com/hook", "ftp://example.com/", "file:///etc/passwd", "https://", "https:///x",
        "https://user:secret@example.com/", "https://example.com/#part", "https://example.com/a b",
        "https://example.com/\r\nX: y", "https://example.com:0/", "https://example.com:99999/", "https://[::1",
        "https://example.com/ü", "gopher://127.0.0.1/", "https://" + "a" * 3000,
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_words(address: str) -> None:
    with pytest.raises(UsageError):
        target_of(address)


def test_an_address_in_its_parts() -> None:
    found = target_of("https://Hooks.Example.com/services/T0/B1?x=1")
    assert (found.scheme, found.host, found.port, found.path) == (
        "https", "hooks.example.com", 443, "/services/T0/B1?x=1",
    )  # fmt: skip
    assert found.shown == "https://hooks.example.com"
    assert target_of("https://bücher.example/").host == "xn--bcher-kva.example"
    assert target_of("https://[2606:4700::1]:8443/").shown == "https://[2606:4700::1]:8443"
