"""The web server in front of a small application, through real sockets."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
from requests import Session
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from config import http, refusals
from tests.server import ROOT, free_port

MiB = 2**20


class Process:
    def __init__(self, log: Path, *arguments: str, port: int | None = None) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        with log.open("wb") as file:
            command = [sys.executable, "-m", "tests.config.small_app", str(self.port), *arguments]
            environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"}
            self.process = subprocess.Popen(command, cwd=ROOT, stderr=file, stdout=file, env=environment)
        self.wait_for(self.listens)

    def listens(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def wait_for(self, condition: Callable[[], bool], seconds: float = 20) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.log.read_text()[-2000:]
            time.sleep(0.05)

    def connect(self, request: bytes) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        connection.sendall(request)
        return connection

    def progress(self) -> dict[str, int]:
        return requests.get(f"{self.url}/progress", timeout=10).json()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(15)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    running = Process(tmp_path_factory.mktemp("web") / "log")
    yield running
    running.stop()


def all_of(connection: socket.socket) -> bytes:
    """What the other side sends until it closes."""
    with connection:
        pieces = []
        while piece := connection.recv(65536):
            pieces.append(piece)
        return b"".join(pieces)


def test_body_limit_by_path():
    assert http.body_limit(b"/") == MiB
    assert http.body_limit(b"/v1/audio/transcriptions") == 27 * MiB
    assert http.body_limit(b"/v1/models") == MiB
    assert http.body_limit(b"/api/v1/uploads/0b7f/?x=1") == 9 * MiB
    assert http.body_limit(b"/x/api/v1/uploads/") == MiB


@pytest.mark.parametrize(("path", "limit"), [("/", MiB), ("/api/v1/uploads/1/", 9 * MiB), ("/v1/audio/x", 27 * MiB)])
@pytest.mark.parametrize("chunked", [False, True])
def test_body_at_the_limit_passes_and_one_byte_more_is_refused(web: Process, path: str, limit: int, chunked: bool):
    body = os.urandom(limit)
    sent = (lambda data: iter([data[: len(data) // 2], data[len(data) // 2 :]])) if chunked else (lambda data: data)
    assert requests.post(web.url + path, sent(body), timeout=60).json() == [limit, hashlib.sha256(body).hexdigest()]
    refused = requests.post(web.url + path, sent(body + b"x"), timeout=60)
    assert (refused.status_code, refused.headers["Connection"]) == (413, "close")


@pytest.mark.parametrize(
    ("path", "media_type", "body"),
    [
        ("/", "text/plain; charset=utf-8", f"{refusals.TOO_LARGE.message}\n"),
        (
            "/api/v1/jobs/",
            "application/problem+json",
            {
                "type": "about:blank",
                "title": "Request Entity Too Large",
                "status": 413,
                "detail": refusals.TOO_LARGE.message,
                "code": "request_too_large",
            },
        ),
        (
            "/v1/audio/transcriptions",
            "application/json",
            {
                "error": {
                    "message": refusals.TOO_LARGE.message,
                    "type": "invalid_request_error",
                    "param": None,
                    "code": "request_too_large",
                }
            },
        ),
    ],
)
def test_refusal_has_the_shape_of_its_api(web: Process, path: str, media_type: str, body: object):
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {40 * MiB}\r\nExpect: 100-continue\r\n\r\n"
    status, _, rest = all_of(web.connect(head.encode())).partition(b"\r\n")
    headers, _, content = rest.partition(b"\r\n\r\n")
    assert status == b"HTTP/1.1 413 Request Entity Too Large"
    assert f"Content-Type: {media_type}" in headers.decode().split("\r\n")
    assert (json.loads(content) if isinstance(body, dict) else content.decode()) == body


def test_refused_client_that_sends_all_first_still_gets_the_answer(web: Process):
    """requests and many others read only after they have written: a connection closed at once would be a reset."""
    answer = requests.post(f"{web.url}/", b"x" * 40 * MiB, timeout=60)
    assert answer.status_code == 413


def test_bodies_together_are_bounded(web: Process):
    length = 26 * MiB
    head = f"POST /v1/audio/x HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode()
    with contextlib.ExitStack() as stack:
        for _ in range(9):  # 234 MiB, each short of its last byte
            connection = stack.enter_context(web.connect(head))
            connection.sendall(bytes(length - 1))
        time.sleep(1)  # for what the kernel still holds
        refused = all_of(web.connect(head))
        assert refused.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        assert b"\r\nRetry-After: 2\r\n" in refused
    web.wait_for(
        lambda: b" 200 OK" in all_of(web.connect(head.replace(b"Host: x", b"Connection: close") + bytes(length)))
    )


def test_endless_answer_waits_for_the_client(web: Process):
    connection = web.connect(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n")
    with connection:
        web.wait_for(lambda: web.progress()["streamed"] > 0)
        time.sleep(1)
        taken = web.progress()["streamed"]
        time.sleep(1)
        assert web.progress()["streamed"] == taken
        assert taken < 12 * MiB  # what the kernel's two socket buffers hold, and 1 MiB of ours at most
        for _ in range(400):
            connection.recv(65536)
        web.wait_for(lambda: web.progress()["streamed"] > taken)


def test_answer_that_fails_half_way_is_cut_off(web: Process):
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        _ = requests.get(f"{web.url}/half", timeout=20).content
    web.wait_for(lambda: "on purpose" in web.log.read_text())


def test_hang_up_ends_the_answer(web: Process):
    before = web.progress()["ended"]
    with web.connect(b"GET /stream HTTP/1.1\r\nHost: x\r\n\r\n") as connection:
        connection.recv(1000)
    web.wait_for(lambda: web.progress()["ended"] == before + 1)


@pytest.fixture
def channel() -> http.Channel:
    """A connection without a socket, on a clock of its own."""
    server = SimpleNamespace(bytes_held=0, protocol_connected=lambda _: None, protocol_disconnected=lambda _: None)
    server.log_action, server.server_name = (lambda *_: None), ""
    channel = http.Channel()
    channel.factory = SimpleNamespace(server=server)
    channel.requestFactory = http.Request
    channel.timeOut = http.IDLE_SECONDS
    channel.clock = Clock()
    channel.callLater = channel.clock.callLater
    channel.makeConnection(StringTransport())
    return channel


def test_head_that_trickles_in_is_cut_off(channel: http.Channel):
    for byte in b"GET / HTTP":
        channel.dataReceived(bytes([byte]))
        channel.clock.advance(http.IDLE_SECONDS / 10 - 0.01)
    assert not channel.transport.disconnecting
    channel.clock.advance(1)
    assert channel.transport.disconnecting


def test_body_that_trickles_in_is_refused(channel: http.Channel, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(http.time, "monotonic", lambda: channel.clock.seconds() + 1000)
    channel.transport.loseWriteConnection = lambda: None
    channel.dataReceived(f"POST / HTTP/1.1\r\nContent-Length: {http.BODY_RATE * 100}\r\n\r\n".encode())
    (request,) = channel.requests
    for _ in range(http.BODY_GRACE_SECONDS + 99):
        channel.clock.advance(1)
        channel.dataReceived(b"x")
        request.check_timeouts()
    assert channel.transport.value() == b""
    channel.clock.advance(2)
    request.check_timeouts()
    assert channel.transport.value() == refusals.TOO_SLOW.as_http(b"/")
    assert channel.factory.server.bytes_held == 0


def test_client_that_stops_reading_is_cut_off(channel: http.Channel, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(http.time, "monotonic", lambda: channel.clock.seconds() + 1000)
    monkeypatch.setattr(http.WebRequest, "process", lambda self: None)
    channel.dataReceived(b"GET / HTTP/1.1\r\n\r\n")
    (request,) = channel.requests
    request.handle_reply({"type": "http.response.start", "status": 200})
    channel.pauseProducing()
    channel.clock.advance(http.STALLED_SECONDS)
    request.check_timeouts()
    assert not channel.transport.disconnected
    channel.clock.advance(1)
    request.check_timeouts()
    assert channel.transport.disconnected


def test_connection_is_kept_for_the_next_request(web: Process):
    with Session() as session:
        for length in (0, 10, MiB):
            assert session.post(web.url, bytes(length), timeout=20).json()[0] == length
        assert (
            sum(pool.num_connections for pool in session.get_adapter(web.url).poolmanager.pools._container.values())
            == 1
        )


def test_answer_to_head_has_no_body(web: Process):
    reply = all_of(web.connect(b"HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
    assert reply.endswith(b"\r\n\r\n")


def test_log_has_one_line_a_request_without_query(web: Process):
    requests.post(f"{web.url}/logged/?token=secret", b"12345", timeout=10)
    web.wait_for(lambda: "/logged/" in web.log.read_text())
    (line,) = [line for line in web.log.read_text().splitlines() if "/logged/" in line]
    assert "secret" not in web.log.read_text()
    assert all(word in line for word in ("http complete", "method=POST", "path=/logged/", "status=200", "ms="))


def test_stop_lets_a_request_end_and_cancels_what_does_not(tmp_path: Path):
    web = Process(tmp_path / "log")
    with (
        web.connect(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n") as slow,
        web.connect(b"GET /stream HTTP/1.1\r\n\r\n") as stream,
    ):
        stream.recv(1000)
        begun = time.monotonic()
        assert web.stop() == 0
        assert time.monotonic() - begun < 10
        assert all_of(slow).endswith(b'"done"')


def test_port_in_use_is_an_error(web: Process):
    command = [sys.executable, "-m", "tests.config.small_app", str(web.port)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 1
    assert "Address already in use" in done.stderr
