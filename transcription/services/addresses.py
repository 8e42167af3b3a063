"""Addresses that users typed: what may be in one, and which machines may be reached. Pure, but for the look-up.

What a name leads to is judged by the addresses it resolves to, never by how it is written.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from django.utils.translation import gettext

from transcription.errors import OutgoingError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LONGEST = 2000
_ASCII = re.compile(r"[\x21-\x7e]+")
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_.])?")
_PORTS = {"http": 80, "https": 443}
_FIRST_FREE_PORT = 1024
"""Below, only 80 and 443: nobody serves HTTP beside mail, shells and file shares."""
_UNICAST = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_REFUSED = tuple(
    ipaddress.ip_network(text)
    for text in (
        "192.88.99.0/24",  # relays of 6to4, which lead anywhere
        "168.63.129.16/32",  # the host of Azure's machines, though the address is a public one
        "2001::/32",  # Teredo: an IPv4 address inside
        "2002::/16",  # 6to4: an IPv4 address inside
        "2620:4f:8000::/48",
        "3fff::/20",
    )
)
_ISATAP = {0x00005EFE, 0x02005EFE}


@dataclass(frozen=True, slots=True)
class Target:
    """A parsed address: where to connect, and what to ask for there."""

    url: str
    scheme: str
    host: str
    """Lower case, without brackets."""
    port: int
    path: str
    """With its query."""

    @property
    def authority(self) -> str:
        """What belongs into the header ``Host``."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def parse(url: str) -> Target:
    """Raises OutgoingError (``address_invalid``) with words for whoever typed it."""
    if not isinstance(url, str) or len(url) > LONGEST:
        raise _invalid(gettext("An address may have at most %(limit)d characters.") % {"limit": LONGEST})
    if not _ASCII.fullmatch(url) or "\\" in url:
        raise _invalid(gettext("An address is made of plain letters, digits and signs, without spaces."))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _invalid(gettext("This is not an address.")) from error
    if parts.scheme not in _PORTS or not parts.hostname:
        raise _invalid(gettext("An address begins with https:// or http://, and a host name follows."))
    if "@" in parts.netloc:
        raise _invalid(gettext("An address must not hold a user name or password."))
    if parts.fragment or url.endswith("#"):
        raise _invalid(gettext("An address must not hold a fragment (“#…”)."))
    host = parts.hostname.lower()
    if not (_is_address(host) or (_NAME.fullmatch(host) and ".." not in host)):
        raise _invalid(gettext("The host name in this address is not one."))
    if port is None:
        port = _PORTS[parts.scheme]
    if port not in _PORTS.values() and port < _FIRST_FREE_PORT:
        raise _invalid(gettext("The port must be 80, 443, or at least %(port)d.") % {"port": _FIRST_FREE_PORT})
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(url, parts.scheme, host, port, path)


def follow(target: Target, location: str) -> Target:
    """Where a redirect leads. Raises OutgoingError, also for one that would leave HTTPS."""
    try:
        joined = urljoin(target.url, location.partition("#")[0])
    except ValueError as error:
        raise _invalid(gettext("The redirect leads to something that is not an address.")) from error
    there = parse(joined)
    if target.scheme == "https" and there.scheme == "http":
        raise OutgoingError("redirect_refused", gettext("The address leads from HTTPS to HTTP."))
    return there


def resolve(target: Target, *, allowed: Iterable[str] = ()) -> list[Address]:
    """The machines of a target, every one of which may be reached, at most three.

    ``allowed``: host names, and networks, that may be reached although they are not public. Raises OutgoingError:
    ``name_unknown``, or ``address_refused`` if any of them may not be reached.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        told = [str(entry[4][0]).partition("%") for entry in found]
        machines = [ipaddress.ip_address(text) for text, _, _ in told]
    except (OSError, ValueError) as error:  # UnicodeError is a ValueError: a label that is too long
        raise OutgoingError("name_unknown", gettext("The host name in this address leads nowhere.")) from error
    names, networks = _split(allowed)
    if target.host.rstrip(".") not in names and not all(_may(each, networks) for each in machines):
        raise OutgoingError("address_refused", gettext("This address belongs to a network that is not public."))
    return list(dict.fromkeys(machines))[:3]


def is_public(machine: Address) -> bool:
    """Whether anybody on the internet could reach it, so that reaching it from here gives nobody more."""
    if isinstance(machine, ipaddress.IPv6Address):
        if machine.ipv4_mapped is not None:
            return is_public(machine.ipv4_mapped)
        if machine in _NAT64:
            return is_public(ipaddress.IPv4Address(int(machine) & 0xFFFFFFFF))
        if machine not in _UNICAST or (int(machine) >> 32) & 0xFFFFFFFF in _ISATAP:
            return False
    if any(machine.version == network.version and machine in network for network in _REFUSED):
        return False
    special = machine.is_private or machine.is_multicast or machine.is_reserved or machine.is_loopback
    return machine.is_global and not (special or machine.is_link_local or machine.is_unspecified)


def _may(machine: Address, networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network]) -> bool:
    if isinstance(machine, ipaddress.IPv6Address) and machine.ipv4_mapped is not None:
        machine = machine.ipv4_mapped
    return is_public(machine) or any(machine.version == each.version and machine in each for each in networks)


def _split(allowed: Iterable[str]) -> tuple[set[str], list[ipaddress.IPv4Network | ipaddress.IPv6Network]]:
    names, networks = set(), []
    for entry in allowed:
        try:
            networks.append(ipaddress.ip_network(entry))
        except ValueError:
            names.add(entry.lower().rstrip("."))
    return names, networks


def _is_address(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version > 0 and "%" not in host
    except ValueError:
        return False


def _invalid(message: str) -> OutgoingError:
    return OutgoingError("address_invalid", message)
