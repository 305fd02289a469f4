"""To which addresses of the internet a request of ours may go.

The cases are the blocks of the IANA registries of special-purpose addresses (IPv4 and IPv6), each by an
address in it, and the ways in which an IPv6 address can carry an IPv4 address.
"""

from __future__ import annotations

import pytest

from conformity.entry.rest.outgoing import UnreachableError
from conformity.entry.rest.webhooks.addresses import checked_addresses, is_public, look_up

PUBLIC = ["93.184.216.34", "8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"]
NOT_PUBLIC = {
    "this network": "0.0.0.0",
    "this network too": "0.1.2.3",
    "private a": "10.0.0.1",
    "shared": "100.64.0.1",
    "loopback": "127.0.0.1",
    "loopback too": "127.255.255.254",
    "link-local and metadata of clouds": "169.254.169.254",
    "private b": "172.16.0.1",
    "end of private b": "172.31.255.255",
    "protocol assignments": "192.0.0.8",
    "anycast in protocol assignments": "192.0.0.9",
    "documentation 1": "192.0.2.1",
    "6to4 relay": "192.88.99.1",
    "private c": "192.168.1.1",
    "benchmarks": "198.18.0.1",
    "documentation 2": "198.51.100.1",
    "documentation 3": "203.0.113.1",
    "multicast": "224.0.0.1",
    "global multicast": "239.255.255.250",
    "multicast of the internet": "224.0.1.1",
    "reserved": "240.0.0.1",
    "broadcast": "255.255.255.255",
    "unspecified v6": "::",
    "loopback v6": "::1",
    "mapped loopback": "::ffff:127.0.0.1",
    "mapped public": "::ffff:93.184.216.34",
    "compatible": "::93.184.216.34",
    "translated": "::ffff:0:93.184.216.34",
    "nat64": "64:ff9b::7f00:1",
    "nat64 of public": "64:ff9b::5db8:d822",
    "nat64 local": "64:ff9b:1::1",
    "discard": "100::1",
    "teredo": "2001::1",
    "orchid": "2001:20::1",
    "documentation v6": "2001:db8::1",
    "6to4 of loopback": "2002:7f00:1::1",
    "6to4 of public": "2002:5db8:d822::1",
    "new documentation v6": "3fff::1",
    "segment routing": "5f00::1",
    "unique local": "fd00::1",
    "unique local too": "fc00::1",
    "link-local v6": "fe80::1",
    "site-local": "fec0::1",
    "multicast v6": "ff02::1",
    "global multicast v6": "ff0e::1",
    "with a zone": "2606:4700::1%eth0",
    "no address": "example.org",
    "octal": "0177.0.0.1",
    "number": "2130706433",
    "empty": "",
}


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_everybody_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("what", NOT_PUBLIC)
def test_addresses_for_special_purposes_are_not(what: str) -> None:
    assert not is_public(NOT_PUBLIC[what])


def test_all_addresses_of_a_name_must_be_public() -> None:
    assert checked_addresses("h", 443, lambda *_: PUBLIC, is_public) == PUBLIC
    for found in ([*PUBLIC, "10.0.0.1"], ["::1"], []):
        with pytest.raises(UnreachableError, match="not public"):
            checked_addresses("h", 443, lambda *_, found=found: found, is_public)


def test_a_name_without_an_address_is_told() -> None:
    def nothing(host: str, port: int) -> list[str]:
        raise OSError(f"{host}:{port}")

    with pytest.raises(UnreachableError, match="has no address"):
        checked_addresses("h", 443, nothing, is_public)
    with pytest.raises(UnreachableError, match="has no address"):
        checked_addresses("a" * 70, 443, lambda host, _: [host.encode("idna").decode()], is_public)


def test_a_name_is_looked_up_once_for_each_address() -> None:
    assert "127.0.0.1" in look_up("localhost", 443)
    assert look_up("127.0.0.1", 443) == ["127.0.0.1"]
