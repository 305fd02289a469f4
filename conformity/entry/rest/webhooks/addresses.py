"""To which addresses of the internet a request of ours may go.

Names are looked up once. All addresses found must be public, and the connection is made to one of those
that were checked, so that a second answer of the name server changes nothing.

Source:
    IANA IPv4 and IPv6 Special-Purpose Address Registries; RFC 4291, section 2.5.5.2 (IPv4-mapped);
    RFC 6052 and RFC 8215 (NAT64); RFC 3056 (6to4); RFC 4380 (Teredo).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Final

from conformity.entry.rest.outgoing import UnreachableError

Resolve = Callable[[str, int], list[str]]
"""Looks a host up: name and port to addresses."""

_GLOBAL_V6: Final = ipaddress.IPv6Network("2000::/3")
_NOT_V6: Final = tuple(map(ipaddress.IPv6Network, ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")))
_NOT_V4: Final = tuple(map(ipaddress.IPv4Network, ("192.0.0.0/24", "192.88.99.0/24", "100.64.0.0/10")))


def is_public(text: str) -> bool:
    """Tell whether an address is one that anybody on the internet may be reached at.

    An IPv6 address must be a global unicast address; one that carries an IPv4 address in it, in any of the
    ways there are, is not public whatever it carries.

    >>> is_public("93.184.216.34"), is_public("10.0.0.1"), is_public("::ffff:93.184.216.34")
    (True, False, False)
    """
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        in_use = address in _GLOBAL_V6 and not any(address in net for net in _NOT_V6)
        return in_use and address.scope_id is None
    shut = address.is_multicast or address.is_reserved or any(address in net for net in _NOT_V4)
    return address.is_global and not shut


def look_up(host: str, port: int) -> list[str]:
    """Return the addresses of a host, each once, in the order in which they should be tried.

    Raises:
        OSError: it has none, or the name server does not answer.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(one[4][0]) for one in found))


def checked_addresses(host: str, port: int, resolve: Resolve, allowed: Callable[[str], bool]) -> list[str]:
    """Return the addresses of a host, all of which are allowed.

    Args:
        host: its name or address.
        port: the port.
        resolve: looks names up.
        allowed: tells whether an address may be connected to.

    Raises:
        UnreachableError: it has no address, or one that is not allowed.
    """
    try:
        found = resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise UnreachableError(f"{host} has no address; correct the name.") from error
    if not found or not all(map(allowed, found)):
        raise UnreachableError(f"{host} leads to an address that is not public; nothing is sent there.")
    return found
