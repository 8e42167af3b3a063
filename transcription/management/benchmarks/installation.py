"""The whole product as processes, to be watched and killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

import psutil
import requests
from django.conf import settings

START_TIMEOUT = 120.0
STOP_TIMEOUT = 30.0


class NotReady(Exception):
    """The product did not start, or did not come back; the message holds the end of its output."""


def processes_of(data: Path) -> dict[str, psutil.Process]:
    """Everything that runs for a data folder: supervisor, web, worker, worker-2 ..., keeper, postgres, valkey."""
    found: dict[str, psutil.Process] = {}
    for process in psutil.process_iter(["cmdline", "environ"]):
        line, environment = process.info["cmdline"] or [], process.info["environ"] or {}
        if "config.embedded.keeper" in line and str(data) in line:
            found["keeper"] = process
            for child in _children(process):
                found["valkey" if "valkey" in child.name() else child.name()] = child
        elif "serve" in line and environment.get("SCRIPTA_DATA") == str(data):
            found |= {"supervisor": process, **_supervised(process)}
    return found


def _supervised(supervisor: psutil.Process) -> dict[str, psutil.Process]:
    found: dict[str, psutil.Process] = {}
    workers = 0
    for child in sorted(_children(supervisor), key=lambda process: process.pid):
        try:
            line = child.cmdline()
        except psutil.Error:
            continue
        if "worker" in line:
            workers += 1
            found["worker" if workers == 1 else f"worker-{workers}"] = child
        elif "config.server" in line:
            found["web"] = child
    return found


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children()
    except psutil.Error:
        return []


class Installation:
    """``manage.py serve`` in this process's own data folder. A context manager.

    ``environment`` holds settings that differ from this process's, by their variables.
    """

    def __init__(self, *arguments: str, environment: Mapping[str, str] | None = None) -> None:
        self.arguments = arguments
        self.environment = {**os.environ, **(environment or {})}
        self.url = f"http://{settings.HOST}:{settings.PORT}"
        self.console = settings.DATA / "console.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and return when page, database and Valkey answer. Raises ``NotReady``."""
        with self.console.open("ab") as console:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", *self.arguments],
                cwd=settings.BASE_DIR,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while not self.is_ready():
            if time.monotonic() > deadline or self.process is None or self.process.poll() is not None:
                raise NotReady(self.console.read_text(errors="replace")[-2000:])
            time.sleep(0.05)

    def is_ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/readyz", timeout=2).status_code == requests.codes.ok
        except requests.RequestException:
            return False

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(STOP_TIMEOUT)

    def process_named(self, name: str) -> psutil.Process:
        """Waits for one that is being started again. Raises ``NotReady``."""
        deadline = time.monotonic() + START_TIMEOUT
        while (process := processes_of(settings.DATA).get(name)) is None:
            if time.monotonic() > deadline:
                raise NotReady(f"There is no process {name}.")
            time.sleep(0.1)
        return process

    def kill(self, process: psutil.Process) -> None:
        """kill -9. The supervisor is started again, as its service manager would."""
        process.kill()
        if self.process is not None and process.pid == self.process.pid:
            self.process.wait()
            self.start()

    def __enter__(self) -> Installation:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
