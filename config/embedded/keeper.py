"""The keeper: ``python -m config.embedded.keeper DATA`` runs the servers while the data folder has users.

It restarts a server that dies, and ends both when the last user has left. When it is killed itself, the kernel ends its
servers, and the next user starts another keeper.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from config.embedded import folders, locks
from config.embedded.errors import EmbeddedError
from config.embedded.postgres import Postgres
from config.embedded.valkey import Valkey
from config.processes import Child, open_log

TICK = 0.1
PATIENCE = 6.0
"""Seconds for Postgres's fast shutdown; cut short it recovers at the next start, and nothing committed is lost."""

log = logging.getLogger("keeper")


class Keeper:
    def __init__(self, data: Path, *, postgres: bool, valkey: bool, durable: bool) -> None:
        self.data = data
        self.children: list[Child] = []
        if valkey:
            self.children.append(Valkey(data).child())
        if postgres:
            self.children.append(Postgres(data, durable=durable).child())
        self.stopping = False
        self.users = locks.users(data)

    def run(self) -> None:
        for child in self.children:
            child.start()
            log.info("%s started (%s)", child.name, child.process and child.process.pid)
        try:
            while not self.stopping and not self.users.acquire(wait=False):
                self._tend()
                time.sleep(TICK)
        finally:
            self.stop()

    def stop(self) -> None:
        """Ends the servers; with the users' lock still held, newcomers wait until nothing is left."""
        deadline = time.monotonic() + PATIENCE
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.wait_or_kill(deadline - time.monotonic())
        log.info("stopped")

    def _tend(self) -> None:
        for child in self.children:
            if (status := child.tend()) is not None:
                log.warning("%s ended with status %s and is started again", child.name, status)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--no-postgres", action="store_true")
    parser.add_argument("--no-valkey", action="store_true")
    parser.add_argument("--volatile", action="store_true", help="for tests: quicker, not safe against a power cut")
    arguments = parser.parse_args()
    data = arguments.data.resolve()
    lock = locks.keeper(data)
    if not lock.acquire(wait=False):
        return 0
    lock.write_note("")
    handler = open_log(folders.logs_folder(data) / "keeper.log")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for those who use the servers
    try:
        keeper = Keeper(
            data, postgres=not arguments.no_postgres, valkey=not arguments.no_valkey, durable=not arguments.volatile
        )

        def stop(_signum: int, _frame: FrameType | None) -> None:
            keeper.stopping = True

        signal.signal(signal.SIGTERM, stop)
        keeper.run()
    except EmbeddedError as error:
        log.error("%s", error)
        lock.write_note(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
