"""Which URLs may be called by whoever may say one, and which addresses behind them.

Nobody may have us ask what is not on the public internet: our own machine, a network of ours, the metadata of a cloud.
So a URL has a form that all programs read alike, and each address that is called is global unicast: that of a literal
host in whatever spelling, and that of a name each time it is resolved. In dev, this machine itself may be named.

Does not own resolution, nor the call (``services.notifications.calls``).

https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry
https://url.spec.whatwg.org/#concept-ipv4-parser for numbers that are hosts
"""

from __future__ import annotations

import ipaddress
import re
from typing import Final, NamedTuple

import idna

LONGEST_URL: Final = 2048
HERE: Final = ("localhost", "127.0.0.1", "::1")
"""Hosts that are this machine, in dev; no other spelling of them is."""
PRIVATE_NAMES: Final = ("internal", "local", "localhost")
"""Last labels of names that are of a network of one's own."""
NOT_PUBLIC: Final = tuple(
    map(
        ipaddress.ip_network,
        (
            # Protocol assignments; the former relays of 6to4.
            *("192.0.0.0/24", "192.88.99.0/24"),
            # Protocol assignments with Teredo, 6to4, documentation: the last is too new for some Pythons.
            *("2001::/23", "2002::/16", "2001:db8::/32", "3fff::/20"),
        ),
    )
)
"""What Python calls global, at least in some version, and we do not."""
UNICAST: Final = ipaddress.ip_network("2000::/3")
"""All of IPv6 that is global unicast. IPv4 in the clothes of IPv6 (mapped, compatible, translated) is not in it."""

_URL: Final = re.compile(r"(https?)://([^/?#\\]*)(/[!-\"$-\[\]-~]*|\?[!-\"$-\[\]-~]*)?", re.IGNORECASE)
_PORT: Final = re.compile(r"(.*?)(?::([0-9]{1,5}))?", re.DOTALL)
_SAID_PORT: Final = re.compile(r":[0-9]+$")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class EndpointTarget(NamedTuple):
    """Where a URL leads.

    Attributes:
        host: a name in ASCII and small letters without a dot at its end, or an address.
        port: the URL's, or its scheme's.
        path: with the query, as it is asked for.
        address: the host's, where that is one.
        here: whether it is this machine, which may only be said in dev.
    """

    secure: bool
    host: str
    port: int
    path: str
    address: str | None
    here: bool

    def may_be(self, address: str) -> bool:
        """Tells whether the host may be at an address that it was resolved to."""
        found = _read(address)
        if found is None:
            return False
        return found.is_loopback if self.here else is_public(found)

    @property
    def host_header(self) -> str:
        """Returns the host as the request names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def target(url: str, dev: bool) -> EndpointTarget:
    """Reads a URL.

    Args:
        dev: whether this machine may be named, and without TLS.

    Raises:
        ValueError: it may not be called; the message says why, for people.
    """
    if len(url) > LONGEST_URL:
        raise ValueError(f"must have at most {LONGEST_URL} characters")
    if "#" in url:
        raise ValueError("must have no fragment (#)")
    parts = _URL.fullmatch(url)
    if not parts:
        raise ValueError("must be an https URL such as https://hooks.example.com/scrip")
    scheme, authority, path = parts[1].lower(), parts[2], parts[3] or "/"
    if "@" in authority:
        raise ValueError("must have no user info before the host")
    host, address, port = _host(authority)
    default = 443 if scheme == "https" else 80
    here = dev and _SAID_PORT.sub("", authority.lower()).strip("[]") in HERE
    if scheme != "https" and not here:
        raise ValueError(
            "must begin with https://"
            + (", or name this machine such as http://localhost:3000" if dev else "")
        )
    if not here:
        _check_public(host, address)
    where = path if path.startswith("/") else f"/{path}"
    return EndpointTarget(
        scheme == "https", host, port or default, where, str(address) if address else None, here
    )


def is_public(address: _Address) -> bool:
    """Tells whether an address is global unicast, of nobody's own network and of no other kind's clothes."""
    if any(address.version == network.version and address in network for network in NOT_PUBLIC):
        return False
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    return address.version == 4 or address in UNICAST


def _host(authority: str) -> tuple[str, _Address | None, int | None]:
    """Reads a host, its address where it is one, and the port that is said.

    Raises:
        ValueError: it is no host, or no port.
    """
    if authority.startswith("["):
        inner, closed, said = authority[1:].partition("]")
        port = said.removeprefix(":")
        if not closed or (said and not said.startswith(":")) or (said and not port.isdecimal()):
            raise ValueError("must have an IPv6 address within [ and ]")
        try:
            address: _Address = ipaddress.IPv6Address(inner)
        except ValueError as error:
            raise ValueError("has a host that is no IPv6 address") from error
        if "%" in inner:
            raise ValueError("must have no zone in its address")
        return str(address), address, _port(port)
    parts = _PORT.fullmatch(authority)
    assert parts, "all of it may be missing"
    name, port = parts[1], parts[2]
    if not name or authority.endswith(":"):
        raise ValueError("must have a host, and a port from 1 to 65535 or none")
    host = _name(name)
    numbers = host.split(".")
    if _NUMBER.fullmatch(numbers[-1]):
        address = _number(numbers)
        return str(address), address, _port(port)
    return host, None, _port(port)


def _name(text: str) -> str:
    """Returns a host's name as it is resolved: ASCII, small letters, no dot at its end."""
    try:
        # Full-width digits and ideographic dots are mapped before anybody looks whether it is an address.
        mapped = idna.uts46_remap(text, std3_rules=True, transitional=False).removesuffix(".")
        if _NUMBER.fullmatch(mapped.rpartition(".")[2]):
            return mapped
        return idna.encode(mapped, std3_rules=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise ValueError("has a host that is no name of the internet") from error


def _number(parts: list[str]) -> ipaddress.IPv4Address:
    """Reads one to four numbers as an IPv4 address, as ``inet_aton`` does: decimal, octal (0…), hexadecimal (0x…)."""
    wrong = ValueError("has a host that ends in a number and is no IPv4 address")
    if not 1 <= len(parts) <= 4 or not all(_NUMBER.fullmatch(part) for part in parts):
        raise wrong
    try:
        numbers = [
            int(part[2:] or "0", 16)
            if part[:2].lower() == "0x"
            else int(part, 8 if part.startswith("0") else 10)
            for part in (part[:40] for part in parts)
        ]
    except ValueError as error:
        raise wrong from error
    *first, last = numbers
    if any(number > 255 for number in first) or last >= 256 ** (5 - len(numbers)):
        raise wrong
    value = last + sum(number << (24 - 8 * place) for place, number in enumerate(first))
    return ipaddress.IPv4Address(value)


def _port(text: str | None) -> int | None:
    if not text:
        return None
    if len(text) > 5 or not 1 <= int(text) <= 65535:
        raise ValueError("must have a port from 1 to 65535")
    return int(text)


def _check_public(host: str, address: _Address | None) -> None:
    """Raises ``ValueError`` for a host that is not on the public internet, as far as it says so itself."""
    if address is not None:
        if not is_public(address):
            raise ValueError(f"names {address}, which is no address of the public internet")
        return
    labels = host.split(".")
    if labels[-1] in PRIVATE_NAMES or len(labels) < 2:
        raise ValueError(f"names {host}, which is no name of the public internet")


def _read(address: str) -> _Address | None:
    """Reads an address as a resolver says it; None for any other text."""
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None
