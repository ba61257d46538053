"""Which URLs may be called: a host in whatever spelling is read as the call would read it."""

from __future__ import annotations

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain.notifications.addresses import EndpointTarget, is_public, target


def read(url: str, dev: bool = False) -> EndpointTarget:
    return target(url, dev)


@pytest.mark.parametrize(
    ("url", "host", "port", "path"),
    [
        ("https://hooks.example.com/a?b=1", "hooks.example.com", 443, "/a?b=1"),
        ("https://hooks.example.com?b=1", "hooks.example.com", 443, "/?b=1"),
        ("HTTPS://Hooks.Example.COM.:8443", "hooks.example.com", 8443, "/"),
        ("https://m\u00fcnchen.example/", "xn--mnchen-3ya.example", 443, "/"),
        ("https://8.8.8.8/", "8.8.8.8", 443, "/"),
        ("https://134744072/", "8.8.8.8", 443, "/"),
        ("https://0x8.010.2056/", "8.8.8.8", 443, "/"),
        ("https://[2606:4700:0:0::1111]:1/", "2606:4700::1111", 1, "/"),
    ],
)
def test_a_url_is_read(url: str, host: str, port: int, path: str) -> None:
    found = read(url)
    assert (found.secure, found.host, found.port, found.path, found.here) == (True, host, port, path, False)


@pytest.mark.parametrize(("length", "read_"), [(2048, True), (2049, False)])
def test_a_url_has_2048_characters_at_most(length: int, read_: bool) -> None:
    url = "https://hooks.example.com/".ljust(length, "a")
    if read_:
        assert read(url).path == "/" + "a" * (length - len("https://hooks.example.com/"))
        return
    with pytest.raises(ValueError, match="must have at most 2048 characters"):
        read(url)


def test_the_host_header_names_the_port_where_it_is_not_the_schemes() -> None:
    assert read("https://hooks.example.com/").host_header == "hooks.example.com"
    assert read("https://hooks.example.com:8443/").host_header == "hooks.example.com:8443"
    assert read("https://[2606:4700::1111]/").host_header == "[2606:4700::1111]"
    assert read("http://localhost:3000/", dev=True).host_header == "localhost:3000"


PRIVATE = [
    *("0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "169.254.169.254", "172.16.0.1", "192.168.1.1"),  # noqa: S104
    *("192.0.0.9", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.51.100.1", "203.0.113.1"),
    *("224.0.0.1", "240.0.0.1", "255.255.255.255"),
]
PRIVATE_6 = [
    *("::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::808:808", "64:ff9b:1::1"),
    *("100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "3fff::1", "5f00::1", "fc00::1", "fd12::1"),
    *("fe80::1", "fec0::1", "ff02::1"),
]


@pytest.mark.parametrize("address", PRIVATE)
def test_no_spelling_of_a_private_address_is_public(address: str) -> None:
    number = int(ipaddress.IPv4Address(address))
    first, second, third, fourth = address.split(".")
    for host in (
        address,
        f"{address}.",
        str(number),
        hex(number),
        f"0{number:o}",
        ".".join(f"0{int(part):o}" for part in address.split(".")),
        ".".join(hex(int(part)) for part in address.split(".")),
        f"{first}.{int(second) * 65536 + int(third) * 256 + int(fourth)}",
        f"{first}.{second}.{int(third) * 256 + int(fourth)}",
        "".join(chr(0xFF10 + int(letter)) if letter.isdigit() else "\u3002" for letter in address),
        f"[::ffff:{address}]",
        f"[::{address}]",
        f"[64:ff9b::{address}]",
    ):
        with pytest.raises(ValueError, match="public internet"):
            read(f"https://{host}/")


@pytest.mark.parametrize("address", PRIVATE_6)
def test_no_special_address_is_public(address: str) -> None:
    with pytest.raises(ValueError, match="public internet"):
        read(f"https://[{address}]/")


@given(st.ip_addresses(v=4))
def test_a_number_is_read_as_the_system_reads_it(address: ipaddress.IPv4Address) -> None:
    """The oracle is the C library's ``inet_aton``."""
    for text in (str(int(address)), hex(int(address)), f"0{int(address):o}"):
        assert socket.inet_aton(text) == address.packed
        if is_public(address):
            assert read(f"https://{text}/").host == str(address)


@given(st.ip_addresses(v=6))
def test_what_is_public_is_within_what_python_calls_global_and_2000_3(address: ipaddress.IPv6Address) -> None:
    if is_public(address):
        assert address.is_global
        assert address in ipaddress.ip_network("2000::/3")


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "https://",
            "https:///x",
            "//hooks.example.com",
            "hooks.example.com",
            "ftp://hooks.example.com",
        ),
        *("https://user@hooks.example.com", "https://hooks.example.com/#x", "https://hooks.example.com#"),
        *("https://hooks.example.com:0", "https://hooks.example.com:65536", "https://hooks.example.com:"),
        *(
            "https://hooks.example.com:8443x",
            "https://a..example.com",
            "https://.example.com",
            "https://-a.com",
        ),
        *("https://a_b.example.com", "https://%31%30.0.0.1", "https://hooks.example.com/\u00e4"),
        *(
            "https://hooks.example.com/ x",
            "https://hooks.example.com\\@10.0.0.1/",
            "https://hooks.example.com/\n",
        ),
        *(
            "https://1.2.3.4.5",
            "https://256.1.1.1",
            "https://08.8.8.8",
            "https://4294967296",
        ),
        *(
            "https://[::1",
            "https://[::1]x",
            "https://[::1]:",
            "https://[fe80::1%25eth0]",
            "https://[8.8.8.8]",
        ),
        *("https://example", "https://localhost", "https://app.localhost", "https://db.internal."),
        *("https://printer.local", "http://hooks.example.com"),
    ],
)
def test_what_is_no_url_of_the_internet_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"must|has|names"):
        read(url)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:3000/x", True),
        ("http://LOCALHOST/", True),
        ("http://127.0.0.1:1", True),
        ("https://[::1]:1", True),
        ("https://hooks.example.com", False),
    ],
)
def test_in_dev_this_machine_may_be_named(url: str, here: bool) -> None:
    assert read(url, dev=True).here == here


@pytest.mark.parametrize(
    "url", ["http://127.1/", "https://2130706433", "http://0.0.0.0", "https://localhost."]
)
def test_in_dev_it_may_be_named_in_one_spelling_alone(url: str) -> None:
    with pytest.raises(ValueError, match=r"public|must"):
        read(url, dev=True)


def test_a_name_may_be_at_public_addresses_and_this_machine_at_its_own() -> None:
    name, here = read("https://hooks.example.com/"), read("http://localhost:1/", dev=True)
    assert [name.may_be(one) for one in ("8.8.8.8", "127.0.0.1", "::1", "fe80::1%1", "x")] == [
        *(True, False, False, False, False)
    ]
    assert [here.may_be(one) for one in ("8.8.8.8", "127.0.0.1", "::1")] == [False, True, True]
