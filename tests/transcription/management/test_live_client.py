"""The measuring client against a small server of the protocol that loses connections on purpose."""

import asyncio
import json
import struct
import threading
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from websockets.asyncio.server import serve

from transcription.management.benchmarks.live_client import LiveClient, Refused
from transcription.management.benchmarks.live_streams import speak

SOUND = bytes(range(256)) * 250
"""2 seconds, every sample distinct from its neighbours."""
FINAL = {"index": 0, "start": 0.0, "end": 1.0, "text": "w0 w1"}


class Node:
    """Acknowledges every fifth frame; what it did not acknowledge is gone with the connection. Cuts after ``cuts``
    frames, one connection after the other. The first connections are refused with ``refusals``."""

    def __init__(self, *, cuts: tuple[int, ...] = (), refusals: tuple[int, ...] = ()) -> None:
        self.cuts, self.refusals = list(cuts), list(refusals)
        self.sound, self.asked, self.finished = bytearray(), [], []

    async def __call__(self, socket) -> None:
        self.asked.append(socket.request.path.partition("?")[2])
        if self.refusals:
            await self.tell(socket, type="error", code="full", message="All places are taken.", retry=True)
            return await socket.close(self.refusals.pop(0))
        cut = self.cuts.pop(0) if self.cuts else 0
        held, count = bytearray(self.sound), 0
        known = [FINAL] if self.asked[-1] == "after=-1" and len(self.asked) > 1 else []
        await self.tell(socket, type="ready", received=len(held) // 2, captions="live", segments=known)
        async for message in socket:
            if isinstance(message, str):
                self.finished.append(json.loads(message))
                self.sound = held
                await self.tell(socket, type="ack", received=len(held) // 2)
                await self.tell(socket, type="finished", recording="r", transcript=1)
                return None
            (position,) = struct.unpack("<Q", message[:8])
            assert position * 2 == len(held)
            held += message[8:]
            count += 1
            if count % 5 == 0:
                self.sound = bytearray(held)
                await self.tell(socket, type="ack", received=len(held) // 2)
            if count == cut:
                return socket.transport.abort()
        return None

    @staticmethod
    async def tell(socket, **message) -> None:
        await socket.send(json.dumps(message))


@asynccontextmanager
async def running(node: Node):
    """The address for POST; the answer names the node's own."""
    async with serve(node, "127.0.0.1", 0, subprotocols=["scripta.live.v1"]) as server:
        body = json.dumps({"id": "x", "url": f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/"}).encode()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # noqa: N802
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(201)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=http.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{http.server_address[1]}"
        finally:
            await asyncio.to_thread(http.shutdown)
            http.server_close()


async def test_sound_arrives_whole_over_lost_connections():
    node = Node(cuts=(3, 8))
    async with running(node) as url:
        client = LiveClient(url, "key", back_off=(0.05, 0.1))
        talk = await speak(client, SOUND)
    assert bytes(node.sound) == SOUND
    assert (talk.finished, talk.heard.connections, talk.heard.problems) == (True, 3, [])
    assert node.finished == [{"type": "finish", "received": 32_000}]
    assert client.heard.replayed > 0


async def test_reconnecting_client_asks_for_the_finals_it_lacks():
    node = Node(cuts=(3, 3))
    async with running(node) as url:
        client = LiveClient(url, "key", back_off=(0.05, 0.1))
        await speak(client, SOUND)
    assert node.asked == ["after=-1", "after=-1", "after=0"]
    assert client.heard.finals == {0: FINAL}


async def test_full_server_refuses_at_once():
    async with running(Node(refusals=(1013,))) as url:
        with pytest.raises(Refused, match="closed with 1013, full"):
            await LiveClient(url, "key").open()


@pytest.mark.parametrize("close", [4401, 4404, 4409])
async def test_lasting_refusal_ends_also_a_patient_client(close):
    async with running(Node(refusals=(close,))) as url:
        with pytest.raises(Refused, match=f"closed with {close}"):
            await LiveClient(url, "key", patient=True).open()


async def test_patient_client_tries_a_full_server_again():
    node = Node(refusals=(1013, 1013))
    async with running(node) as url:
        client = LiveClient(url, "key", patient=True, back_off=(0.01, 0.02))
        await client.open()
        await client.vanish()
    assert (len(node.asked), client.heard.connections) == (3, 1)
