"""``manage.py serve`` as people run it: one address, one Ctrl-C, and everything comes back."""

import signal
import subprocess
import sys
import time

import psutil
import pytest
import requests

from config.processes import Child
from config.supervisor import Plan, Supervisor, SupervisorError
from tests.server import ROOT, Server, free_port

pytestmark = pytest.mark.server
EVERYTHING = {"supervisor", "web", "worker", "keeper", "postgres", "valkey"}


def manage(environment: dict[str, str], *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, input=given, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """Started in an empty folder, as for the first time."""
    with Server(tmp_path_factory.mktemp("server")) as running:
        yield running


def test_serve_runs_everything_and_says_where(server):
    processes = server.processes()
    assert set(processes) == EVERYTHING
    assert (processes["web"].nice(), processes["worker"].nice()) == (0, 10)
    assert f"Scripta is ready: {server.url}/\n" in server.output()
    link = server.output().split("(works once): ")[1].split()[0]
    assert requests.get(link, timeout=10).status_code == 200
    for log in (server.data / "logs").glob("*.log*"):
        assert link.rstrip("/").rpartition("/")[2] not in log.read_text(), log


def test_second_serve_in_the_same_folder_is_refused_with_the_address(server):
    second = manage({**server.environment, "SCRIPTA_PORT": "1"}, "serve")
    assert second.returncode == 1
    assert second.stderr == (
        f"CommandError: Scripta already runs in this data folder, at {server.url} (process {server.process.pid}).\n"
    )
    assert server.is_ready()


def test_serve_on_a_used_port_is_refused(server, tmp_path):
    other = manage({**server.environment, "SCRIPTA_DATA": str(tmp_path)}, "serve")
    assert (other.returncode, other.stderr) == (
        1,
        f"CommandError: Cannot listen on 127.0.0.1:{server.port}: Address already in use. "
        "Choose one by --port or SCRIPTA_PORT.\n",
    )
    assert not (tmp_path / "postgres").exists()


def test_command_shares_the_running_servers(server):
    before = server.processes()
    done = manage(server.environment, "create_user", "kept@example.org", given="correct horse battery 9\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert server.query("SELECT count(*) FROM accounts_user WHERE email = 'kept@example.org'") == [(1,)]
    assert server.processes() == before


@pytest.mark.parametrize("victim", ["web", "worker", "postgres", "valkey", "keeper"])
def test_killed_process_comes_back(server, victim):
    before = server.processes()[victim]
    before.kill()
    deadline = time.monotonic() + 60
    while server.processes().get(victim) in (None, before) or set(server.processes()) != EVERYTHING:
        assert time.monotonic() < deadline, server.output()
        time.sleep(0.1)
    server.wait_until_ready()
    assert server.query("SELECT count(*) FROM accounts_user WHERE email = 'kept@example.org'") == [(1,)]


def test_killed_supervisor_leaves_no_orphan_and_can_be_started_again(server):
    before = server.processes()
    server.process.kill()
    server.process.wait()
    assert psutil.wait_procs(before.values(), timeout=20)[1] == []
    server.start()
    assert set(server.processes()) == EVERYTHING
    assert server.query("SELECT count(*) FROM accounts_user WHERE email = 'kept@example.org'") == [(1,)]


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_everything(server, signum):
    """In 10 s at most on a machine with nothing else to do; more is allowed here."""
    before = server.processes()
    assert server.stop(signum) == 0
    assert psutil.wait_procs(before.values(), timeout=1)[1] == []
    server.start()


class BrokenSupervisor(Supervisor):
    def _web(self) -> Child:
        return self._child("web", [sys.executable, "-c", "raise RuntimeError('broken on purpose')"])


def test_web_that_cannot_start_is_reported_with_its_log(tmp_path):
    plan = Plan(data=tmp_path, host="127.0.0.1", port=free_port(), workers=0, postgres=False, valkey=False)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        with pytest.raises(SupervisorError) as raised, BrokenSupervisor(plan, print) as supervisor:
            supervisor.start()
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert str(raised.value).startswith(f"The web server does not start. The end of {tmp_path / 'logs' / 'web.log'}:")
    assert str(raised.value).endswith("RuntimeError: broken on purpose")


def test_options_win_over_the_environment(tmp_path):
    wanted = Server(tmp_path / "data")
    ignored = {**wanted.environment, "SCRIPTA_PORT": "1", "SCRIPTA_HOST": "192.0.2.1"}
    options = ["--host", "127.0.0.1", "--port", str(wanted.port), "--workers", "0"]
    wanted.process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", *options], cwd=ROOT, env=ignored, stdout=subprocess.DEVNULL
    )
    try:
        wanted.wait_until_ready()
        assert set(wanted.processes()) == EVERYTHING - {"worker"}
    finally:
        wanted.stop()
