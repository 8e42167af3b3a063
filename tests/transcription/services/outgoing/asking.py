"""Asking servers on this machine, by names that lead where a test wants."""

from __future__ import annotations

import ipaddress
import socket

import pytest

from transcription.errors import OutgoingError
from transcription.services import outgoing
from transcription.services.outgoing import Limits, Rules

LOCAL = Rules(private=["127.0.0.0/8"])
QUICK = Limits(total=5.0, connect=1.0, read=2.0)


def resolve_to(monkeypatch, *answers: list[str]) -> list[str]:
    """Each look-up of a name gets the next answer. Returns the names that were looked up."""
    real, asked, left = socket.getaddrinfo, [], list(answers)

    def look_up(host, port, *arguments, **options):
        try:
            ipaddress.ip_address(host)
        except ValueError:
            asked.append(host)
            machines = left.pop(0) if len(left) > 1 else left[0]
            return [entry for machine in machines for entry in real(machine, port, type=socket.SOCK_STREAM)]
        return real(host, port, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return asked


def code_of(url: str, method: str = "GET", *, limits: Limits = QUICK, rules: Rules = LOCAL, most: int = 1000) -> str:
    with pytest.raises(OutgoingError) as failed, outgoing.request(method, url, limits=limits, rules=rules) as answer:
        list(answer.blocks(most=most))
    return failed.value.code
