"""The web process: ``python -m config.server --host H --port P``. Daphne, with limits on what it takes in and holds."""

from __future__ import annotations

# Daphne must come first: it chooses the reactor.
from daphne import server as daphne_server  # isort: skip

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import structlog
from daphne.endpoints import build_endpoint_description_strings
from twisted.internet import defer
from twisted.python.failure import Failure

from config import unmasking, websocket
from config.http import LARGEST_BODY, Factory, Request
from config.websocket import SocketFactory, WebSocket

STOP_SECONDS = 3
"""On SIGTERM, requests have so long to end by themselves, and WebSockets to save what they hold."""

SWITCH_SECONDS = 0.0001
"""How long a thread may keep the interpreter from the event loop, which answers everybody. Python's own 5 ms were taken
by each of the threads that hear and store, one after the other."""

access_logger = structlog.get_logger("config.access")
logger = structlog.get_logger(__name__)


def access_log(protocol: str, action: str, details: Mapping[str, Any]) -> None:
    """One line a request, two a WebSocket. No query string, no address; ``config.logs`` masks secrets in paths."""
    if action in {"connecting", "disconnected"}:  # Daphne's own, which say less than our "connected" and "closed"
        return
    path = details["path"].partition("?")[0]
    fields = {"method": details.get("method"), "path": path, "status": details.get("status")}
    if "time_taken" in details:
        fields["ms"] = round(details["time_taken"] * 1000, 1)
    if details.get("size"):
        fields["bytes"] = details["size"]
    access_logger.info(f"{protocol} {action}", **{key: value for key, value in fields.items() if value is not None})


class Server(daphne_server.Server):
    """Daphne's server with our connections and requests; it stops gracefully."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # Daphne cuts a body into pieces of request_buffer_size and queues them all at once: one piece costs least.
        super().__init__(
            *args,
            request_buffer_size=LARGEST_BODY + 1,
            websocket_timeout=-1,  # people may speak for longer than Daphne's one day
            websocket_connect_timeout=websocket.HANDSHAKE_SECONDS,
            websocket_handshake_timeout=websocket.HANDSHAKE_SECONDS,
            websocket_max_message_size=websocket.MESSAGE_LIMIT,
            websocket_max_frame_size=websocket.MESSAGE_LIMIT,
            ping_interval=websocket.PING_SECONDS,
            ping_timeout=websocket.PONG_SECONDS,
            **kwargs,
        )
        self.stopping = False
        self.bytes_held = 0
        self.ports: list[Any] = []
        self.failed_to_listen = False

    def run(self) -> None:
        # Daphne names its factories inside run() and has no setting for others.
        daphne_server.HTTPFactory = Factory
        daphne_server.WebSocketFactory = SocketFactory
        unmasking.install()
        super().run()

    def listen_success(self, port: Any) -> None:
        self.ports.append(port)
        super().listen_success(port)
        logger.info("listening", address=port.getHost().host, port=port.getHost().port)

    def listen_error(self, failure: Failure) -> None:
        """Daphne says why, and stops the reactor."""
        self.failed_to_listen = True
        super().listen_error(failure)

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> asyncio.Queue[dict[str, Any]] | None:
        """A WebSocket brings its own queue, whose size it watches; else as Daphne does it."""
        if not isinstance(protocol, WebSocket):
            queue: asyncio.Queue[dict[str, Any]] | None = super().create_application(protocol, scope)
            return queue
        scope.setdefault("asgi", {"version": "3.0"})
        running = self.application(scope, protocol.inbox.get, partial(self.handle_reply, protocol))
        self.connections[protocol]["application_instance"] = asyncio.ensure_future(running)
        return protocol.inbox

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        await super().handle_reply(protocol, message)
        if isinstance(protocol, (Request, WebSocket)):
            await protocol.room.wait()

    def kill_all_applications(self) -> defer.Deferred[None]:
        """Called when the reactor stops: take no more connections, let requests and WebSockets end, cancel the rest."""
        self.stopping = True
        for port in self.ports:
            port.stopListening()
        return defer.Deferred.fromFuture(asyncio.ensure_future(self._drain()))

    async def _drain(self) -> None:
        sockets = [protocol for protocol in self.connections if isinstance(protocol, WebSocket)]
        for protocol in sockets:
            protocol.end()
            if task := self.connections[protocol].get("application_instance"):
                task.add_done_callback(lambda _, protocol=protocol: protocol.serverClose(websocket.RESTARTING))
        running = {task for details in self.connections.values() if (task := details.get("application_instance"))}
        if running:
            _, late = await asyncio.wait(running, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=1)
                logger.warning("requests cancelled", count=len(late))
        await self._wait_until_closed(sockets)

    async def _wait_until_closed(self, sockets: Sequence[WebSocket]) -> None:
        """For the answers to our close frames; whoever gives none within a second goes without."""
        for _ in range(20):
            if all("disconnected" in self.connections.get(protocol, {"disconnected": 0}) for protocol in sockets):
                break
            await asyncio.sleep(0.05)


def serve(application: Any, *, host: str, port: int) -> int:
    """Run until SIGTERM or SIGINT; the process's exit status."""
    server = Server(
        application=application,
        endpoints=build_endpoint_description_strings(host=host, port=port),
        action_logger=access_log,
        server_name="scripta",
    )
    server.run()
    return 1 if server.failed_to_listen else 0


def main(arguments: list[str] | None = None) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.conf import settings  # noqa: PLC0415  (needs the line above)

    from config.asgi import application  # noqa: PLC0415  (sets Django up)
    from transcription import whisper_service  # noqa: PLC0415  (needs Django)

    _keep_pauses_short()
    parser = argparse.ArgumentParser(prog="python -m config.server", description="Run the web process.")
    parser.add_argument("--host", default=settings.HOST)
    parser.add_argument("--port", type=int, default=settings.PORT)
    options = parser.parse_args(arguments)
    whisper_service.warm_up()
    try:
        return serve(application, host=options.host, port=options.port)
    finally:
        whisper_service.stop_live()


def _keep_pauses_short() -> None:
    """The event loop waits for other threads and for the collector of garbage. What was loaded until now stays for
    good: looking through all of it, again and again, took 0.15 s each time."""
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()


if __name__ == "__main__":
    sys.exit(main())
