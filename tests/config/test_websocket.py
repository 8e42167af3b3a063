"""WebSockets of the web server in front of a small application, through real sockets."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator

import psutil
import pytest
import requests
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from config import websocket
from tests.config.test_server import Process

MiB = 2**20
OPENING = (
    "GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n{more}\r\n"
)


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    running = Process(tmp_path_factory.mktemp("web") / "log")
    yield running
    running.stop()


def opened(web: Process, path: str = "/echo", **options) -> ClientConnection:
    return connect(f"ws://127.0.0.1:{web.port}{path}", **{"max_size": None, **options})


def raw(web: Process, path: str = "/echo", more: str = "") -> socket.socket:
    """A client without manners: after the handshake, whatever bytes a test likes."""
    connection = web.connect(OPENING.format(path=path, more=more).encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += connection.recv(1)
    assert head.startswith(b"HTTP/1.1 101 ")
    return connection


def frame(payload: bytes = b"", *, opcode: int = 2, fin: bool = True, length: int | None = None) -> bytes:
    """Masked with zeros. ``length`` lies about the payload's."""
    size = len(payload) if length is None else length
    if size < 126:
        header = bytes([fin << 7 | opcode, 0x80 | size])
    elif size < 65536:
        header = bytes([fin << 7 | opcode, 0x80 | 126]) + struct.pack("!H", size)
    else:
        header = bytes([fin << 7 | opcode, 0x80 | 127]) + struct.pack("!Q", size)
    return header + bytes(4) + payload


def close_code(connection: socket.socket) -> int:
    """Of the close frame with which the server ends the stream."""
    received = b""
    while piece := connection.recv(65536):
        received += piece
    at = received.rindex(b"\x88")
    return int(struct.unpack("!H", received[at + 2 : at + 4])[0])


def refused(client: ClientConnection, message: bytes | list[bytes]) -> int:
    """The code with which the server closes after, or while, it gets this."""
    with contextlib.suppress(ConnectionClosed):
        client.send(message)
    with pytest.raises(ConnectionClosed) as closed:
        client.recv(timeout=20)
    return closed.value.rcvd.code


def test_largest_message_passes(web: Process):
    with opened(web) as client:
        client.send(bytes(websocket.MESSAGE_LIMIT))
        assert len(client.recv()) == websocket.MESSAGE_LIMIT


def test_longer_message_may_be_sent_than_received(web: Process):
    with opened(web, "/teller") as client:
        assert client.recv() == "a" * MiB
        assert refused(client, bytes(websocket.MESSAGE_LIMIT + 1)) == 1009


@pytest.mark.parametrize("size", [websocket.MESSAGE_LIMIT + 1, 10 * MiB])
def test_larger_message_is_closed_with_1009(web: Process, size: int):
    before = time.monotonic()
    with opened(web) as client:
        assert refused(client, bytes(size)) == 1009
    assert time.monotonic() - before < websocket.CLOSING_SECONDS


def test_large_message_in_fragments_is_closed_with_1009(web: Process):
    with opened(web) as client:
        assert refused(client, [bytes(MiB)] * 2) == 1009


def test_message_of_endless_empty_fragments_is_closed_with_1009(web: Process):
    with raw(web) as client:
        client.sendall(frame(fin=False) + frame(opcode=0, fin=False) * 5000)
        assert close_code(client) == 1009


def test_frame_that_claims_to_be_huge_is_closed_before_it_comes(web: Process):
    with raw(web) as client:
        client.sendall(frame(b"x", length=2**62))
        assert close_code(client) == 1009


@pytest.mark.parametrize(
    ("nonsense", "code"),
    [
        (bytes([0x82, 1]) + b"x", 1002),  # not masked
        (frame(b"x", opcode=5), 1002),
        (frame(bytes(126), opcode=9), 1002),
        (frame(b"\xff", opcode=1), 1007),  # no UTF-8
        (bytes([0xC2, 0x81]) + bytes(5), 1002),  # compressed, which was not agreed
        (b"\xff" * 100, 1002),
    ],
)
def test_broken_rule_is_closed_with_its_code(web: Process, nonsense: bytes, code: int):
    with raw(web) as client:
        client.sendall(nonsense)
        assert close_code(client) == code


def test_compression_is_not_offered(web: Process):
    with opened(web, compression="deflate") as client:
        assert client.protocol.extensions == []


@pytest.mark.parametrize(
    ("header", "status"),
    [("Sec-WebSocket-Protocol: caf\xe9\r\n", b"400"), ("Origin: http://[\r\n", b"400"), ("Origin: null\r\n", b"101")],
)
def test_odd_handshakes_are_answered(web: Process, header: str, status: bytes):
    request = OPENING.format(path="/echo", more=header).encode("latin-1")
    with web.connect(request) as client:
        assert client.recv(1000).split()[1] == status
    assert "Traceback" not in web.log.read_text()


def test_close_code_of_the_application_arrives(web: Process):
    with opened(web, "/closer") as client, pytest.raises(ConnectionClosed) as closed:
        client.recv(timeout=5)
    assert closed.value.rcvd.code == 4401


@pytest.mark.parametrize("path", ["/crasher", "/leaver"])
def test_application_that_is_gone_closes_with_1011(web: Process, path: str):
    with opened(web, path) as client, pytest.raises(ConnectionClosed) as closed:
        client.recv(timeout=20)
    assert closed.value.rcvd.code == 1011


def test_client_that_never_reads_makes_the_application_wait(web: Process):
    before, memory = web.progress()["sent"], psutil.Process(web.process.pid).memory_info().rss
    with raw(web, "/talker"):
        time.sleep(1)
        held = web.progress()["sent"]
        assert 0 < held - before < 20 * MiB  # what two kernels take in between
        time.sleep(1)
        assert web.progress()["sent"] == held
    assert psutil.Process(web.process.pid).memory_info().rss - memory < 20 * MiB


def test_client_that_asks_without_reading_costs_nothing(web: Process):
    """Each ping would be answered, and the answers would be kept."""
    memory = psutil.Process(web.process.pid).memory_info().rss
    with raw(web, "/deaf") as client:
        client.settimeout(2)
        pings = frame(bytes(125), opcode=9) * 1000
        for _ in range(300):
            try:
                client.sendall(pings)
            except TimeoutError:
                break
    assert psutil.Process(web.process.pid).memory_info().rss - memory < 20 * MiB


@pytest.mark.parametrize("size", [0, 32 * 1024])
def test_flood_is_held_back_and_nothing_of_it_lost(web: Process, size: int):
    """The application takes nothing, so neither does the server; when it does, all of it is there."""
    memory, before = psutil.Process(web.process.pid).memory_info().rss, web.progress()["received"]
    message = frame(bytes(size))
    count = 300 if size else 200_000
    requests.get(f"{web.url}/sleep", timeout=5)
    with raw(web, "/deaf") as client:
        sender = threading.Thread(target=client.sendall, args=(message * count,))
        sender.start()
        time.sleep(1.5)
        assert web.progress()["received"] == before
        assert psutil.Process(web.process.pid).memory_info().rss - memory < 12 * MiB
        requests.get(f"{web.url}/wake", timeout=5)
        sender.join(20)
        web.wait_for(lambda: web.progress()["received"] == before + count)


def test_flood_of_one_client_leaves_others_their_turn(web: Process):
    with raw(web) as flood, opened(web) as client:
        sender = threading.Thread(target=_send_until_closed, args=(flood, frame() * 10_000))
        sender.start()
        took = []
        for _ in range(20):
            before = time.monotonic()
            client.send("x")
            assert client.recv(timeout=10) == "x"
            took.append(time.monotonic() - before)
        flood.shutdown(socket.SHUT_RDWR)
        sender.join(10)
    assert sorted(took)[10] < 0.5


def _send_until_closed(connection: socket.socket, data: bytes) -> None:
    try:
        while True:
            connection.sendall(data)
    except ConnectionError:
        pass


@pytest.mark.parametrize("politely", [True, False])
def test_hang_up_reaches_the_application(web: Process, politely: bool):
    before = web.progress()["hung_up"]
    with opened(web, "/waiter") if politely else raw(web, "/waiter"):
        pass
    web.wait_for(lambda: web.progress()["hung_up"] == before + 1)


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    running = Process(tmp_path_factory.mktemp("hurried") / "log", "--hurried")
    yield running
    running.stop()


def is_dropped(connection: socket.socket, seconds: float) -> bool:
    """Whether the server ends the connection; what it sends before is not read."""
    try:
        connection.settimeout(seconds)
        return connection.recv(1, socket.MSG_PEEK) == b""
    except TimeoutError:
        return False
    except ConnectionResetError:
        return True


def test_client_that_gives_no_sign_of_life_is_dropped(hurried: Process):
    with raw(hurried) as client, opened(hurried) as polite:
        client.settimeout(15)
        assert client.recv(1000)[0] == 0x89  # a ping, which it does not answer
        assert is_dropped(client, 15)
        polite.send("still there")  # its library answered
        assert polite.recv() == "still there"


def test_client_that_sends_but_never_reads_is_dropped(hurried: Process):
    before = hurried.progress()["received"]
    with raw(hurried) as client:  # each message is echoed
        client.settimeout(15)
        _send_until_closed(client, frame(bytes(60_000)))  # else a TimeoutError comes out of it
    assert hurried.progress()["received"] - before < 20 * MiB / 60_000


def test_closed_client_that_never_reads_is_dropped(hurried: Process):
    """Its close frame is answered, but the answer waits behind what it does not read."""
    with raw(hurried, "/talker") as client:
        hurried.wait_for(lambda: "connected" in hurried.log.read_text())
        time.sleep(0.5)
        client.sendall(frame(struct.pack("!H", 1000), opcode=8))
        process = psutil.Process(hurried.process.pid)
        hurried.wait_for(lambda: not _is_connected(process, client), 15)


def _is_connected(process: psutil.Process, client: socket.socket) -> bool:
    port = client.getsockname()[1]
    return any(each.raddr and each.raddr.port == port for each in process.net_connections())


def test_log_has_no_query_and_says_how_it_ended(web: Process):
    client = opened(web, "/closer?token=secret", subprotocols=["scripta.key.scr_secret"])
    with client, pytest.raises(ConnectionClosed):
        client.recv(timeout=5)
    web.wait_for(lambda: "websocket closed" in web.log.read_text())
    log = web.log.read_text()
    assert "secret" not in log
    assert "status=4401" in log


def test_stop_lets_applications_save_and_tells_clients_to_come_back(tmp_path):
    web = Process(tmp_path / "log")
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(opened(web)) for _ in range(5)]
        for client in clients:
            client.send("x")
            assert client.recv() == "x"
        before = time.monotonic()
        web.process.terminate()
        for client in clients:
            assert client.recv(timeout=5) == "saved after 1012"
            with pytest.raises(ConnectionClosed) as closed:
                client.recv(timeout=5)
            assert closed.value.rcvd.code == 1012
        assert web.process.wait(10) == 0
        assert time.monotonic() - before < 3


def test_stop_does_not_wait_for_an_application_that_does_not_end(tmp_path):
    web = Process(tmp_path / "log")
    with opened(web, "/deaf") as client, raw(web, "/talker"):
        before = time.monotonic()
        web.process.terminate()
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=10)
        assert closed.value.rcvd.code == 1012
        assert web.process.wait(10) == 0
        assert time.monotonic() - before < 8
