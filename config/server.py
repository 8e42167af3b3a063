"""The web process: ``python -m config.server --host H --port P``. Daphne, with limits on what it takes in and holds."""

from __future__ import annotations

# Daphne must come first: it chooses the reactor.
from daphne import server as daphne_server  # isort: skip

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from daphne.endpoints import build_endpoint_description_strings
from twisted.internet import defer
from twisted.python.failure import Failure

from config.http import LARGEST_BODY, Factory, Request

STOP_SECONDS = 3
"""On SIGTERM, requests have so long to end by themselves."""

access_logger = structlog.get_logger("config.access")
logger = structlog.get_logger(__name__)


def access_log(protocol: str, action: str, details: Mapping[str, Any]) -> None:
    """One line a request. No query string, no address; ``config.logs`` masks secrets in paths."""
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
        super().__init__(*args, request_buffer_size=LARGEST_BODY + 1, **kwargs)
        self.bytes_held = 0
        self.ports: list[Any] = []
        self.failed_to_listen = False

    def run(self) -> None:
        # Daphne names its factory inside run() and has no setting for another.
        daphne_server.HTTPFactory = Factory
        super().run()

    def listen_success(self, port: Any) -> None:
        self.ports.append(port)
        super().listen_success(port)
        logger.info("listening", address=port.getHost().host, port=port.getHost().port)

    def listen_error(self, failure: Failure) -> None:
        """Daphne says why, and stops the reactor."""
        self.failed_to_listen = True
        super().listen_error(failure)

    async def handle_reply(self, protocol: Any, message: dict[str, Any]) -> None:
        await super().handle_reply(protocol, message)
        if isinstance(protocol, Request):
            await protocol.wait_for_room()

    def kill_all_applications(self) -> defer.Deferred[None]:
        """Called when the reactor stops: take no more connections, let requests end, cancel those that do not."""
        for port in self.ports:
            port.stopListening()
        return defer.Deferred.fromFuture(asyncio.ensure_future(self._drain()))

    async def _drain(self) -> None:
        running = {task for details in self.connections.values() if (task := details.get("application_instance"))}
        if running:
            _, late = await asyncio.wait(running, timeout=STOP_SECONDS)
            for task in late:
                task.cancel()
            if late:
                await asyncio.wait(late, timeout=1)
                logger.warning("requests cancelled", count=len(late))


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

    parser = argparse.ArgumentParser(prog="python -m config.server", description="Run the web process.")
    parser.add_argument("--host", default=settings.HOST)
    parser.add_argument("--port", type=int, default=settings.PORT)
    options = parser.parse_args(arguments)
    return serve(application, host=options.host, port=options.port)


if __name__ == "__main__":
    sys.exit(main())
