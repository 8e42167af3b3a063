"""Supervised child processes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from config import processes
from config.processes import Child

ROOT = Path(__file__).parents[2]


def python(code: str, log: Path, **options) -> Child:
    return Child(name="child", command=[sys.executable, "-u", "-c", code], log=log, **options)


def wait_for(check, seconds: float = 20.0):
    deadline = time.monotonic() + seconds
    while not (result := check()):
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)
    return result


def test_child_logs_both_streams_and_echoes_the_first(tmp_path):
    echoed = []
    child = python("import sys; print('out'); sys.stderr.write('err\\n')", tmp_path / "log", echo=echoed.append)
    child.start()
    wait_for(lambda: (tmp_path / "log").exists() and len((tmp_path / "log").read_text().split()) == 2)
    assert sorted((tmp_path / "log").read_text().split()) == ["err", "out"]
    assert echoed == ["out"]
    assert (tmp_path / "log").stat().st_size == 8


def test_log_never_outgrows_its_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "LOG_BYTES", 10_000)
    child = python("for n in range(5000): print('line', n)", tmp_path / "log")
    child.start()
    child.process.wait()
    wait_for(lambda: "line 4999\n" in (tmp_path / "log").read_text())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "log.1", "log.2"]
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 30_000


def test_child_that_keeps_dying_is_started_ever_more_slowly(tmp_path, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(processes.time, "monotonic", lambda: clock[0])
    child = python("raise SystemExit(3)", tmp_path / "log")
    child.start()
    waits = []
    for _ in range(4):
        child.process.wait()
        assert child.tend() == 3
        died, first = clock[0], child.process
        while child.process is first:
            clock[0] += 0.1
            assert child.tend() is None
        waits.append(round(clock[0] - died, 1))
    assert waits == [0.2, 0.4, 0.8, 1.6]


def test_healthy_child_that_dies_is_started_at_once_again(tmp_path, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(processes.time, "monotonic", lambda: clock[0])
    child = python("import time; time.sleep(60)", tmp_path / "log")
    child._delay = 16.0
    child.start()
    clock[0] += processes.SETTLED + 1
    child.process.kill()
    child.process.wait()
    assert child.tend() == -signal.SIGKILL
    clock[0] += processes.FIRST_DELAY
    child.tend()
    assert child.process.poll() is None
    child.ask_to_stop()
    child.wait_or_kill(10)
    assert child.process.returncode == -signal.SIGTERM


@pytest.mark.parametrize("obeys", [True, False])
def test_stop_ends_a_child_and_its_own_children(tmp_path, obeys):
    handler = "" if obeys else "signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    code = f"import signal, subprocess, time; {handler}print(subprocess.Popen(['sleep', '60']).pid); time.sleep(60)"
    lines = []
    child = python(code, tmp_path / "log", echo=lines.append)
    child.start()
    grandchild = psutil.Process(int(wait_for(lambda: lines)[0]))
    child.ask_to_stop()
    child.wait_or_kill(10 if obeys else 0.2)
    assert child.process.returncode == -(signal.SIGTERM if obeys else signal.SIGKILL)
    assert psutil.wait_procs([grandchild], timeout=5)[1] == []


@pytest.mark.parametrize("account", [None, 65534])
def test_child_ends_when_its_parent_is_killed(tmp_path, account):
    """The kernel forgets the wish when a process changes its user: it must be made after that."""
    if account and os.geteuid() != 0:
        pytest.skip("only root can become another user")
    identity = {"user": account, "group": account, "extra_groups": []} if account else {}
    code = f"""
import time
from pathlib import Path
from config.processes import Child
child = Child(name="child", command=["/bin/sleep", "60"], log=Path({str(tmp_path / "log")!r}), identity={identity!r})
child.start()
print(child.process.pid, flush=True)
time.sleep(60)
"""
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)
    child = psutil.Process(int(parent.stdout.readline()))
    assert child.uids().real == (account or os.geteuid())
    parent.kill()
    parent.wait()
    assert psutil.wait_procs([child], timeout=10)[1] == []
