"""Where webhooks may go: the public internet, and the private networks that a setting names.

A name is resolved once, every address it has is judged, and the connection is made to an address that was judged
(wire.py): a name that resolves to something else the next moment (DNS rebinding) has nothing to gain.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from barograph.errors import UsageError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], Sequence[str]]
"""(host, port) -> addresses as text. Raises OSError."""

LONGEST = 2000
_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_COMPATIBLE = IPv6Network("::/96")


@dataclass(frozen=True, slots=True)
class Target:
    """The parts of an address that a request needs. host: in ASCII, an IPv6 address without brackets."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_https(self) -> bool:
        return self.scheme == "https"

    @property
    def shown(self) -> str:
        """Scheme and host: what may be shown of an address whose path is a secret."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (
            "" if self.port == (443 if self.is_https else 80) else f":{self.port}"
        )


def target_of(address: str) -> Target:
    """The parts of an address. Raises UsageError for what is none that a webhook can have."""
    if len(address) > LONGEST or any(ord(c) <= 32 or ord(c) == 127 for c in address):
        raise UsageError("this is no address.", hint="It has blanks or control characters, or is too long.")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise UsageError("this is no address.", hint="Write it like https://example.com/hook.") from None
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise UsageError("this is no address.", hint="Write it like https://example.com/hook.")
    if parts.username is not None or parts.password is not None:
        raise UsageError(
            "an address must not have a user or password in it.", hint="The signature says who sends."
        )
    if parts.fragment:
        raise UsageError("an address must not have a part after #.")
    try:
        host = parts.hostname if ":" in parts.hostname else parts.hostname.encode("idna").decode("ascii")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        path.encode("ascii")
    except UnicodeError:
        raise UsageError("this address has letters that have to be escaped.") from None
    if port == 0:
        raise UsageError("0 is no port.")
    return Target(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path)


def networks_of(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks from a setting. Raises ValueError naming the one that is none."""
    found = []
    for text in texts:
        try:
            found.append(ip_network(text, strict=False))
        except ValueError:
            raise ValueError(f"{text!r} is not a network such as 10.2.0.0/16") from None
    return tuple(found)


def is_public(address: Address) -> bool:
    """Whether an address is of the public internet.

    Private, loopback, link-local, shared, multicast, documentation and reserved ranges are not; nor is an IPv6 address
    that stands for such an IPv4 address (mapped, compatible, 6to4, Teredo, NAT64).
    """
    if isinstance(address, IPv6Address):
        if address.scope_id is not None or address in _COMPATIBLE:
            return False
        inner = _inner(address)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None or address.is_site_local:
            return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    )


def may_reach(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether a webhook may be sent there: it is public, or in one of the private networks that are allowed."""
    inner = _inner(address) if isinstance(address, IPv6Address) else None
    return is_public(address) or any(one in network for network in allowed for one in (address, inner) if one)


def resolve(
    target: Target, allowed: Sequence[Network], *, resolver: Resolver | None = None, seconds: float = 5.0
) -> tuple[Address, ...]:
    """The addresses to connect to, in the order of the resolver.

    Raises UsageError when one of them may not be reached, when plain http would leave the private networks, or when
    the name has none; OSError when it cannot be resolved within `seconds`.
    """
    found = tuple(
        dict.fromkeys(
            ip_address(text) for text in _within(seconds, resolver or _system, target.host, target.port)
        )
    )
    if not found:
        raise UsageError(f"{target.host} has no address.")
    for address in found:
        if not may_reach(address, allowed):
            raise UsageError(
                f"{target.host} is {address}, which is not on the public internet.",
                hint="An operator can allow its network with the setting webhook_private_networks.",
            )
        if not target.is_https and is_public(address):
            raise UsageError(f"{target.host} is outside and has no TLS.", hint="Use its https:// address.")
    return found


def _inner(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address stands for."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if any(address in network for network in _NAT64):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _system(host: str, port: int) -> Sequence[str]:
    return [str(row[4][0]) for row in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _within(seconds: float, resolver: Resolver, host: str, port: int) -> Sequence[str]:
    """The system's resolver knows no time-out, so it is asked in a thread that is left behind when it is late."""
    answer: list[Sequence[str] | OSError] = []

    def ask() -> None:
        try:
            answer.append(resolver(host, port))
        except (OSError, UnicodeError) as error:
            answer.append(error if isinstance(error, OSError) else OSError(str(error)))

    thread = threading.Thread(target=ask, daemon=True, name="resolve")
    thread.start()
    thread.join(seconds)
    if not answer:
        raise TimeoutError(f"{host} was not resolved within {seconds:g} s")
    if isinstance(answer[0], OSError):
        raise answer[0]
    return answer[0]
