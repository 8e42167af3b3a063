"""Using the embedded servers of a data folder, together with whoever else does."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import psycopg

from config.embedded import folders, locks
from config.embedded.errors import EmbeddedError

ROOT = Path(__file__).parents[2]
START_TIMEOUT = 90.0
"""Seconds; a Postgres that was killed first replays its log."""
BETWEEN_KEEPERS = 1.0
"""Seconds; one that cannot run is not tried without pause."""
LEAVE_PAUSE = 0.3
"""Seconds after which a keeper without users has noticed it (it looks every 0.1 s)."""


class Attachment:
    """A share in the servers of ``data``: they run from ``open`` until the last holder closes.

    A context manager. Raises ``EmbeddedError`` when they do not start.
    """

    def __init__(self, data: Path, *, postgres: bool = True, valkey: bool = True, durable: bool = True) -> None:
        self.data = data.resolve()
        self.postgres, self.valkey, self.durable = postgres, valkey, durable
        self._users = locks.users(self.data)
        self._keeper = locks.keeper(self.data)
        self._process: subprocess.Popen[bytes] | None = None
        self._next_keeper = 0.0

    def open(self) -> Attachment:
        self._users.acquire(shared=True)
        try:
            self._wait_until_up()
        except BaseException:
            self._users.release()
            raise
        return self

    def ensure_keeper(self) -> bool:
        """Start a keeper if there is none; True if so. Cheap: a supervisor calls it several times a second."""
        folders.short(self.data)  # a cleaner of temporary files may have taken the link
        if self._process and self._process.poll() is None or not self._keeper.is_free():
            return False
        if (now := time.monotonic()) < self._next_keeper:
            return False
        self._next_keeper = now + BETWEEN_KEEPERS
        self._process = self._start_keeper()
        return True

    def _start_keeper(self) -> subprocess.Popen[bytes]:
        """In a session of its own, and with none of our streams, which it would keep open after us."""
        command = [sys.executable, "-m", "config.embedded.keeper", os.fspath(self.data)]
        switches = {"--no-postgres": not self.postgres, "--no-valkey": not self.valkey, "--volatile": not self.durable}
        logs = folders.logs_folder(self.data)
        logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (logs / "keeper.log").open("ab") as log:
            return subprocess.Popen(
                [*command, *(switch for switch, on in switches.items() if on)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def is_up(self) -> bool:
        return (not self.postgres or _postgres_answers(self.data)) and (not self.valkey or _valkey_answers(self.data))

    def close(self) -> None:
        """Give up the share; when it was the last, return only after the servers have ended."""
        self._users.release()
        time.sleep(LEAVE_PAUSE)
        self._users.acquire(shared=True)
        self._users.release()
        if self._process:
            self._process.poll()

    def __enter__(self) -> Attachment:
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _wait_until_up(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while not self.is_up():
            if self._process and self._process.poll():
                raise EmbeddedError(self._keeper.read_note() or self._see_logs("did not start"))
            if time.monotonic() > deadline:
                raise EmbeddedError(self._see_logs(f"did not answer within {START_TIMEOUT:.0f} s"))
            self.ensure_keeper()
            time.sleep(0.05)

    def _see_logs(self, what: str) -> str:
        logs = folders.logs_folder(self.data)
        lines = (
            (logs / "postgres.log").read_text(errors="replace").splitlines() if (logs / "postgres.log").exists() else []
        )
        reasons = [line.partition("FATAL:")[2].strip() for line in lines[-50:] if "FATAL:" in line]
        return f"Postgres and Valkey {what}{f': {reasons[-1]}' if reasons else ''}. See {logs}."


def _postgres_answers(data: Path) -> bool:
    host = folders.postgres_folder(folders.short(data))
    if not (host / folders.POSTGRES_SOCKET).exists():
        return False
    try:
        psycopg.connect(
            host=str(host), port=folders.POSTGRES_PORT, user=folders.NAME, dbname=folders.NAME, connect_timeout=2
        ).close()
    except psycopg.OperationalError:
        return False
    return True


def _valkey_answers(data: Path) -> bool:
    path = folders.valkey_folder(folders.short(data)) / folders.VALKEY_SOCKET
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(2)
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
