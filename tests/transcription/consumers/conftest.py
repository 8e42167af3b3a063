"""Those who follow a live recording, for tests."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as open_socket

from accounts.services import keys
from tests.factories import make_live
from tests.web import Web
from transcription.models import Live
from transcription.services import links

Watch = Callable[..., "Watcher"]


class Watcher:
    """One who follows; ``said`` are the finals that came, by index."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.said: dict[int, str] = {}

    def next(self, timeout: float = 10) -> dict[str, Any]:
        message = json.loads(self.socket.recv(timeout=timeout))
        segments = message["segments"] if message["type"] == "ready" else [message.get("segment")]
        for segment in filter(None, segments):
            assert segment["index"] not in self.said
            self.said[segment["index"]] = segment["text"]
        return message

    def until(self, kind: str, timeout: float = 10) -> dict[str, Any]:
        deadline = time.monotonic() + timeout
        while True:
            message = self.next(max(0.01, deadline - time.monotonic()))
            if message["type"] == kind:
                return message

    def closed_with(self, timeout: float = 10) -> int:
        """Reads to the end; the close code."""
        with pytest.raises(ConnectionClosed) as closed:
            self.until("never", timeout)
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code


@pytest.fixture(scope="module")
def web(django_db_setup, tmp_path_factory) -> Iterator[Web]:
    path = tmp_path_factory.mktemp("web") / "log"
    with Web(path) as running:
        yield running
    log = path.read_text()
    assert "Traceback" not in log, log


@pytest.fixture
def key(owner) -> str:
    """Of a program."""
    return keys.create_key(user=owner, name="program")[1]


@pytest.fixture
def live(owner) -> Live:
    return make_live(owner)


@pytest.fixture
def token(live, owner) -> str:
    return links.create_link(recording=live.recording, user=owner)[1]


@pytest.fixture
def watch(web, live) -> Iterator[Watch]:
    """Opens sockets to the live recording, or another; headers and subprotocols as wanted."""
    with ExitStack() as opened:

        def start(query: str = "", *, recording: object = live.pk, **options: Any) -> Watcher:
            address = f"ws://127.0.0.1:{web.port}/ws/recordings/{recording}/watch/?{query}"
            return Watcher(opened.enter_context(open_socket(address, max_size=2**20, **options)))

        yield start


def refused(watcher: Watcher) -> tuple[str, int]:
    error = watcher.next()
    assert error["type"] == "error"
    assert error["message"]
    return error["code"], watcher.closed_with()
