"""A real HTTP server on this machine, for what Scripta sends to others and fetches from them."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from tests.server import ROOT


@dataclass(frozen=True)
class Received:
    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Receiver:
    """Answers with 204 unless ``answer`` says otherwise, and keeps what it received. A context manager."""

    def __init__(self, answer: Callable[[BaseHTTPRequestHandler], None] | None = None, host: str = "127.0.0.1") -> None:
        self.answer = answer
        self.received: list[Received] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.received.append(Received(self.command, self.path, headers, body))
                if receiver.answer is None:
                    self.send_response(204)
                    self.end_headers()
                else:
                    receiver.answer(self)

            do_GET = do_POST = handle_any

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer((host, 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://{host}:{self.port}/hook"

    def __enter__(self) -> Receiver:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def status(code: int, body: bytes = b"", **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    """Answers with a status, headers (``Content_Type``) and a body."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def drip(seconds: float, body: bytes = b"", times: int = 1000) -> Callable[[BaseHTTPRequestHandler], None]:
    """Sends the beginning of an answer, and then a byte now and then."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        try:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + body)
            for _ in range(times):
                handler.wfile.write(b"X")
                handler.wfile.flush()
                time.sleep(seconds)
        except OSError:
            return

    return answer


def is_signed(message: Received, secret: str) -> bool:
    """By the very lines that the documentation gives to receivers."""
    (lines,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "webhooks.md").read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(lines, names)
    return names["is_genuine"](secret, message.headers, message.body)
