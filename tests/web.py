"""One web process on the database of the test run, for tests that need real connections but no worker."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

import requests
from django.conf import settings
from django.db import connection
from django.test import Client

from accounts.models import User
from tests.server import ROOT, free_port

CSRF = "c" * 32


def environment_for_process() -> dict[str, str]:
    """Makes another process use this test's database and folders."""
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.process_settings",
        "TEST_DATABASE": str(connection.settings_dict["NAME"]),
        "TEST_MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "TEST_UPLOADS": str(settings.UPLOADS),
    }


class Web:
    """``python -m config.server`` on a free port, with the settings and the data folder of the test run."""

    def __init__(self, log: Path, **environment: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self.environment = environment_for_process() | environment

    def start(self) -> Web:
        command = [sys.executable, "-m", "config.server", "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while not self.answers():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)
        return self

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=5).status_code == 200
        except requests.RequestException:
            return False

    def session(self, user: User) -> requests.Session:
        """A browser's session of ``user``, with the header against forgery and tus's version."""
        client = Client()
        client.force_login(user)
        session = requests.Session()
        session.cookies.update({"sessionid": client.cookies["sessionid"].value, "csrftoken": CSRF})
        session.headers.update({"X-CSRFToken": CSRF, "Tus-Resumable": "1.0.0"})
        return session

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def __enter__(self) -> Web:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        self.process.wait(15)
