"""Who is asking, as far as a request tells. Named by AXES_* settings, so that every limit counts the same client."""

from __future__ import annotations

import ipaddress
from typing import Any

from django.conf import settings
from django.http import HttpRequest


def ip_address(request: HttpRequest) -> str | None:
    """The peer's address; behind a proxy the last entry of X-Forwarded-For, the only one the proxy itself wrote."""
    return _address(request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR"))


def address_of(scope: dict[str, Any]) -> str:
    """The same of a WebSocket; "unknown" when nothing tells, so that it can be counted."""
    peer = (scope.get("client") or [""])[0]
    forwarded = dict(scope.get("headers", ())).get(b"x-forwarded-for")
    return _address(peer, forwarded.decode("latin-1") if forwarded else None) or "unknown"


def _address(peer: str, forwarded: str | None) -> str | None:
    address = peer
    if settings.BEHIND_PROXY and forwarded is not None:
        address = forwarded.rpartition(",")[2].strip()
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None  # a unix socket has none


def sign_in_name(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The e-mail address somebody tries to sign in with, in one case: A@B and a@b are one account, one count."""
    name = (credentials or {}).get("username") or request.POST.get("username") or ""
    return str(name).strip().casefold()[:255]


def base_url(request: HttpRequest) -> str:
    """Start of links in mails and on pages, without a final slash."""
    return settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/")
