"""The whole product as processes, for tests that must not share one with it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import psutil
import psycopg
import requests

from config.embedded import database_settings

ROOT = Path(__file__).parents[1]
START_TIMEOUT = 90.0
STOP_TIMEOUT = 20.0
MARKS = {"web": "config.server", "worker": "worker"}
"""What tells the supervisor's children apart on their command lines."""
MADE_AT_FIRST = ("postgres", "static")
"""What the first start in a data folder makes, and spends most of its time on."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def started_before(data: Path, first: Path) -> Path:
    """``data``, an empty folder, with what a first start makes: as it is in ``first``, where Scripta has ended."""
    # By cp, because Postgres's files stay those of the user under which it runs.
    subprocess.run(["cp", "-a", *(first / name for name in MADE_AT_FIRST), data], check=True)
    return data


class Server:
    """``manage.py serve`` with a data folder and a port of its own. A context manager.

    ``arguments`` go to the command; ``environment`` overrides settings by their variable; None removes one.
    """

    def __init__(self, data: Path, *arguments: str, **environment: str | None) -> None:
        self.data = data
        self.arguments = arguments
        self.port = int(environment.get("SCRIPTA_PORT") or free_port())
        self.url = f"http://127.0.0.1:{self.port}"
        own = {
            "SCRIPTA_DATA": str(data),
            "SCRIPTA_PORT": str(self.port),
            "SCRIPTA_HOST": "127.0.0.1",
            "SCRIPTA_ENGINE": "scripted",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": None,
            "REDIS_URL": None,
        }
        merged = {**os.environ, **own, **environment}
        self.environment: dict[str, str] = {name: value for name, value in merged.items() if value is not None}
        self.console = data.with_name(f"{data.name}.console")
        self.process: subprocess.Popen[bytes] | None = None
        self._commands: subprocess.Popen[str] | None = None

    def start(self) -> Server:
        """Start it and return when its page answers and it has said so."""
        said = len(self.output())
        with self.console.open("ab") as console:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", *self.arguments],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                start_new_session=True,
            )
        self.wait_until_ready()
        deadline = time.monotonic() + STOP_TIMEOUT
        while "Stop with Ctrl-C" not in self.output()[said:] and time.monotonic() < deadline:
            time.sleep(0.05)
        return self

    def wait_until_ready(self, timeout: float = START_TIMEOUT) -> Server:
        """Return when the page, the database and Valkey answer."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.process and self.process.poll() is not None:
                break
            if self.is_ready():
                return self
            time.sleep(0.1)
        ended = f"ended with {self.process.poll()}" if self.process else "not started"
        raise AssertionError(f"not ready within {timeout:.0f} s ({ended}):\n{self.output()}")

    def is_ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/readyz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def stop(self, signum: int = signal.SIGTERM) -> int:
        """Ask it to end; the exit status. Killed when it does not obey."""
        assert self.process is not None
        self.process.send_signal(signum)
        try:
            return self.process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def output(self) -> str:
        return self.console.read_text() if self.console.exists() else ""

    def manage(self, *arguments: str, given: str = "") -> str:
        """Run a management command in the same data folder, with ``given`` as its input; its output.

        In a process that is kept for the next one; see ``tests.commands``.
        """
        if self._commands is None:
            self._commands = self._start_commands()
        asked, answers = self._commands.stdin, self._commands.stdout
        assert asked is not None
        assert answers is not None
        asked.write(json.dumps({"arguments": arguments, "given": given}) + "\n")
        asked.flush()
        answer = answers.readline()
        assert answer, f"the process that runs commands has ended; see {self.data}.commands"
        done = json.loads(answer)
        assert done["error"] is None, done["error"]
        return str(done["output"])

    def _start_commands(self) -> subprocess.Popen[str]:
        with self.data.with_name(f"{self.data.name}.commands").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.commands"],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask its database directly."""
        database = database_settings(self.data)
        with psycopg.connect(host=database["HOST"], dbname=database["NAME"], user=database["USER"]) as connection:
            cursor = connection.execute(statement, values)  # type: ignore[arg-type]  # literal in each test
            return cursor.fetchall() if cursor.description else []

    def processes(self) -> dict[str, psutil.Process]:
        """What runs for this data folder, by name: supervisor, web, worker, keeper, postgres, valkey."""
        found: dict[str, psutil.Process] = {}
        if self.process and self.process.poll() is None:
            supervisor = found["supervisor"] = psutil.Process(self.process.pid)
            for child in supervisor.children():
                line = _command(child)
                found |= {name: child for name, mark in MARKS.items() if mark in line}
        for process in psutil.process_iter():
            line = _command(process)
            if "config.embedded.keeper" in line and str(self.data) in line:
                found["keeper"] = process
                found |= {_name(child): child for child in process.children()}
        return found

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._commands:
            self._commands.communicate()  # it ends with its input
        if self.process and self.process.poll() is None:
            self.stop()


def _command(process: psutil.Process) -> list[str]:
    """Its command line; nothing for one that has just ended."""
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def _name(process: psutil.Process) -> str:
    try:
        return process.name().removesuffix("-server")
    except psutil.Error:
        return "ended"
