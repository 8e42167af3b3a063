"""Runs all of Scripta on this machine: servers, schema, static files, web and worker, until it is told to stop."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from config.commandline import SUPERVISED
from config.embedded import Attachment, EmbeddedError, locks
from config.processes import Child

ROOT = Path(__file__).parents[1]
TICK = 0.2
FIRST_PAGE_TIMEOUT = 60.0
PATIENCE = 6.0
"""Seconds for web and worker to end by themselves, so that with Postgres's own time everything is over within 10 s. A
worker that is killed loses nothing: its job goes on from the last checkpoint."""
WORKER_NICENESS = 10
"""Pages, and live captions, come before recordings in the queue."""

Say = Callable[[str], None]


class SupervisorError(Exception):
    """Serving cannot begin; the message is for the person at the console."""


@dataclass(frozen=True)
class Plan:
    """What to run: the data folder, where the page is to be, and which servers are ours to run."""

    data: Path
    host: str
    port: int
    workers: int
    postgres: bool
    valkey: bool

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the page; a host that means "every interface" is no address."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{self.port}"


class Supervisor:
    """One per data folder; a context manager that holds the folder and the servers.

    ``say`` gets lines for the console.
    """

    def __init__(self, plan: Plan, say: Say) -> None:
        self.plan, self.say = plan, say
        self.stopping = False
        self._lock = locks.serving(plan.data)
        self._servers = Attachment(plan.data, postgres=plan.postgres, valkey=plan.valkey)
        self._embedded = plan.postgres or plan.valkey
        self.children: list[Child] = []

    def __enter__(self) -> Supervisor:
        if not self._lock.acquire(wait=False):
            raise SupervisorError(_already_running(self._lock.read_note()))
        self._lock.write_note(json.dumps({"pid": os.getpid(), "address": self.plan.address}))
        _require_free(self.plan.host, self.plan.port)
        for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(signum, self._on_signal)
        try:
            if self._embedded:
                self._servers.open()
        except EmbeddedError as error:
            raise SupervisorError(str(error)) from error
        return self

    def __exit__(self, *_: object) -> None:
        """End web and worker together, then the servers."""
        for child in self.children:
            child.ask_to_stop()
        deadline = time.monotonic() + PATIENCE
        for child in self.children:
            child.wait_or_kill(deadline - time.monotonic())
        if self._embedded:
            self._servers.close()
        self._lock.release()

    def start(self) -> None:
        """Start web and worker; return when the page answers, or when told to stop."""
        self.children = [self._web(), *(self._worker(number) for number in range(1, self.plan.workers + 1))]
        for child in self.children:
            child.start()
        web, deadline = self.children[0], time.monotonic() + FIRST_PAGE_TIMEOUT
        while not self.stopping and not self._answers():
            assert web.process is not None
            if web.process.poll() is not None or time.monotonic() > deadline:
                web.finish_log()
                raise SupervisorError(f"The web server does not start. The end of {web.log}:\n\n{_tail(web.log)}")
            time.sleep(0.05)

    def watch(self) -> None:
        """Bring back whatever dies, until told to stop."""
        while not self.stopping:
            if self._embedded and self._servers.ensure_keeper():
                self.say("Postgres and Valkey had ended; starting them again.")
            for child in self.children:
                if (status := child.tend()) is not None:
                    self.say(f"The {child.name} process ended ({_reason(status)}); starting it again. See {child.log}")
            time.sleep(TICK)

    def _web(self) -> Child:
        where = (self.plan.host, str(self.plan.port))
        if importlib.util.find_spec("config.server"):
            command = [sys.executable, "-m", "config.server", "--host", where[0], "--port", where[1]]
        else:
            command = [sys.executable, "-m", "daphne", "-b", where[0], "-p", where[1], "config.asgi:application"]
        return self._child("web", command)

    def _worker(self, number: int) -> Child:
        name = "worker" if number == 1 else f"worker-{number}"
        return self._child(name, [sys.executable, "manage.py", "worker"], niceness=WORKER_NICENESS)

    def _child(self, name: str, command: list[str], *, niceness: int = 0) -> Child:
        """Its standard output (mails of the console backend) is shown and logged, its standard error only logged."""
        own = {
            SUPERVISED: "1",
            "PYTHONUNBUFFERED": "1",
            "SCRIPTA_DATA": str(self.plan.data),
            "SCRIPTA_HOST": self.plan.host,
            "SCRIPTA_PORT": str(self.plan.port),
        }
        return Child(
            name=name,
            command=command,
            log=self.plan.data / "logs" / f"{name}.log",
            cwd=ROOT,
            env={**os.environ, **own},
            niceness=niceness,
            echo=lambda line: self.say(f"{name} | {line}"),
        )

    def _answers(self) -> bool:
        host, port = self.plan.address.removeprefix("http://").rsplit(":", 1)
        connection = http.client.HTTPConnection(host.strip("[]"), int(port), timeout=5)
        try:
            connection.request("GET", "/healthz", headers={"Host": "localhost"})
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False
        finally:
            connection.close()

    def _on_signal(self, _signum: int, _frame: FrameType | None) -> None:
        self.stopping = True


def _already_running(note: str) -> str:
    try:
        running = json.loads(note)
        return f"Scripta already runs in this data folder, at {running['address']} (process {running['pid']})."
    except (ValueError, KeyError):
        return "Scripta already runs in this data folder."


def _require_free(host: str, port: int) -> None:
    """Say so at once, not after everything else was started."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        raise SupervisorError(f"{host} is not an address of this machine.") from error
    except PermissionError as error:
        raise SupervisorError(f"Port {port} is for root. Choose one above 1023 by --port or SCRIPTA_PORT.") from error
    except OSError as error:
        raise SupervisorError(
            f"Cannot listen on {host}:{port}: {os.strerror(error.errno or 0)}. Choose one by --port or SCRIPTA_PORT."
        ) from error


def _reason(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"


def _tail(log: Path, lines: int = 15) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else ""
