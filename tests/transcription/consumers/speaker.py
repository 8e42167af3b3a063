"""A speaker for tests: a client of the live protocol, without tricks."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from transcription.protocol import frame


def tone(seconds: float, rate: int = 16_000) -> bytes:
    """Loud enough for the scripted engine, and speech enough for nobody else."""
    return (np.sin(np.arange(int(seconds * rate)) / 9) * 8000).astype("<i2").tobytes()


class Speaker:
    def __init__(self, port: int, live_id: object, *, cookie: str = "", query: str = "", **options: Any) -> None:
        headers = {"Cookie": f"sessionid={cookie}", "Origin": f"http://127.0.0.1:{port}"} if cookie else {}
        address = f"ws://127.0.0.1:{port}/ws/live/{live_id}/?{query}"
        headers |= options.pop("additional_headers", {})
        opened = connect(address, max_size=2**24, additional_headers=headers, **options)
        self.socket = opened.__enter__()  # whoever made the speaker closes it
        self.heard: list[dict[str, Any]] = []

    def next(self, timeout: float = 20) -> dict[str, Any]:
        message: dict[str, Any] = json.loads(self.socket.recv(timeout=timeout))
        self.heard.append(message)
        return message

    def until(self, kind: str, timeout: float = 30) -> dict[str, Any]:
        deadline = time.monotonic() + timeout
        while True:
            message = self.next(max(0.01, deadline - time.monotonic()))
            if message["type"] == kind:
                return message

    def until_received(self, position: int) -> None:
        while self.until("ack")["received"] < position:
            pass

    def say(self, data: bytes, position: int = 0, *, width: int = 2, size: int = 3200) -> int:
        """Send sound from ``position`` on, as fast as it goes; where it ends."""
        for begin in range(0, len(data), size):
            piece = data[begin : begin + size]
            self.socket.send(frame(position, piece))
            position += len(piece) // width
        return position

    def tell(self, **message: Any) -> None:
        self.socket.send(json.dumps(message))

    def closed_with(self, timeout: float = 20) -> int:
        try:
            self.until("never", timeout)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006
        raise AssertionError

    @property
    def finals(self) -> dict[int, str]:
        found: dict[int, str] = {}
        for message in self.heard:
            segments = message["segments"] if message["type"] == "ready" else [message.get("segment")]
            for segment in filter(None, segments):
                assert segment["index"] not in found
                found[segment["index"]] = segment["text"]
        return found
