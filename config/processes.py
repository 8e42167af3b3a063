"""A child process that ends with its parent, comes back when it dies, and writes a log of bounded size."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import IO, Any

LOG_BYTES = 5 * 2**20
LOG_FILES = 3
FIRST_DELAY, LONGEST_DELAY = 0.2, 30.0
SETTLED = 30.0
"""Seconds after which a process counts as healthy, so that its next death is answered at once again."""


def open_log(path: Path) -> logging.Handler:
    """A log that never outgrows ``LOG_BYTES`` × ``LOG_FILES``, readable by its owner only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = RotatingFileHandler(
        path, maxBytes=LOG_BYTES, backupCount=LOG_FILES - 1, encoding="utf-8", errors="replace"
    )
    handler.setFormatter(logging.Formatter("%(message)s"))
    return handler


def bound_to_parent(signum: int, *, niceness: int = 0) -> Callable[[], None]:
    """A ``preexec_fn`` that lets the kernel send ``signum`` to the child when its parent dies, even of SIGKILL.

    prctl(2): the setting is cleared by a change of user, so it is made last (``preexec_fn`` runs after setuid), and
    "parent" means the *thread* that forked: children must be started from the main thread.
    """
    parent = os.getpid()
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def bind() -> None:
        if niceness:
            os.nice(niceness)
        if libc is not None:
            libc.prctl(1, signum)  # 1 is PR_SET_PDEATHSIG
        if os.getppid() != parent:  # it died before the call above
            os.kill(os.getpid(), signum)

    return bind


@dataclass
class Child:
    """One supervised process. All methods are to be called from the main thread."""

    name: str
    command: Sequence[str | Path]
    log: Path
    cwd: Path | None = None
    env: Mapping[str, str] | None = None
    identity: Mapping[str, Any] = field(default_factory=dict)
    niceness: int = 0
    stop_signal: int = signal.SIGTERM
    death_signal: int = signal.SIGKILL
    prepare: Callable[[], None] | None = None
    """Called before each start, for example to clear what a killed predecessor left."""
    echo: Callable[[str], None] | None = None
    """Called with each line of the standard output, from a thread."""

    process: subprocess.Popen[bytes] | None = field(default=None, init=False)
    _delay: float = field(default=0.0, init=False)
    _started: float = field(default=0.0, init=False)
    _due: float | None = field(default=None, init=False)
    _pumps: list[threading.Thread] = field(default_factory=list, init=False)

    def start(self) -> None:
        """Start it in a process group of its own: Ctrl-C in a terminal must reach the supervisor alone."""
        if self.prepare:
            self.prepare()
        self._due, self._started = None, time.monotonic()
        self.process = subprocess.Popen(
            [os.fspath(part) for part in self.command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.cwd,
            env=self.env,
            process_group=0,
            preexec_fn=bound_to_parent(self.death_signal, niceness=self.niceness),
            **self.identity,
        )
        handler = self._log_handler
        self._pumps = [
            threading.Thread(target=_pump, args=(stream, handler, echo), daemon=True, name=f"log of {self.name}")
            for stream, echo in ((self.process.stdout, self.echo), (self.process.stderr, None))
        ]
        for pump in self._pumps:
            pump.start()

    def finish_log(self, timeout: float = 2.0) -> None:
        """Wait until the last words of a process that has ended are in its log."""
        for pump in self._pumps:
            pump.join(timeout)

    def tend(self) -> int | None:
        """Start it again when it has died, ever more slowly while it keeps dying; the status of a death just seen."""
        if self._due is not None:
            if time.monotonic() >= self._due:
                self.start()
            return None
        if self.process is None or (status := self.process.poll()) is None:
            return None
        now = time.monotonic()
        self._delay = (
            FIRST_DELAY if now - self._started > SETTLED else min(max(FIRST_DELAY, self._delay * 2), LONGEST_DELAY)
        )
        self._due = now + self._delay
        return status

    def ask_to_stop(self) -> None:
        self._due = None
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)

    def wait_or_kill(self, timeout: float) -> None:
        """Wait for the end of a child that was asked to stop; then end what is left of its process group."""
        if self.process is None:
            return
        try:
            self.process.wait(max(timeout, 0))
        except subprocess.TimeoutExpired:
            self._signal_group(signal.SIGKILL)
            self.process.wait()
        else:
            self._signal_group(signal.SIGKILL)  # grandchildren that outlived it

    def _signal_group(self, signum: int) -> None:
        assert self.process is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signum)

    @property
    def _log_handler(self) -> logging.Handler:
        if not hasattr(self, "_handler"):
            self._handler = open_log(self.log)
        return self._handler


def _pump(stream: IO[bytes], handler: logging.Handler, echo: Callable[[str], None] | None) -> None:
    with stream:
        for raw in stream:
            line = raw.decode("utf-8", "replace").rstrip("\n")
            handler.handle(logging.makeLogRecord({"msg": line}))
            if echo:
                echo(line)
