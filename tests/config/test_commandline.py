"""manage.py: which commands bring the servers with them, and how an installation's errors look."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def manage(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "SCRIPTA_ENGINE": "scripted", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_command_with_database_starts_it_migrates_and_ends_it(tmp_path):
    code = "from accounts.models import User; print(User.objects.count())"
    done = manage("shell", "-v0", "-c", code, SCRIPTA_DATA=str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr) == (0, "0\n", "")
    assert (tmp_path / "postgres" / "PG_VERSION").exists()
    assert not (tmp_path / "postgres" / "postmaster.pid").exists()


@pytest.mark.parametrize("arguments", [["help"], ["check"], ["migrate", "--help"], ["version"]])
def test_command_without_database_starts_nothing(tmp_path, arguments):
    assert manage(*arguments, SCRIPTA_DATA=str(tmp_path)).returncode == 0
    assert not (tmp_path / "postgres").exists()


def test_wrong_setting_is_one_line(tmp_path):
    done = manage("migrate", SCRIPTA_DATA=str(tmp_path), SCRIPTA_PORT="many")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "SCRIPTA_PORT='many' is not a valid int.\n"


def test_unreachable_database_is_told_without_a_traceback(tmp_path):
    url = "postgres://scripta@127.0.0.1:1/scripta"
    done = manage("migrate", SCRIPTA_DATA=str(tmp_path), DATABASE_URL=url, REDIS_URL="redis://127.0.0.1:1")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    assert "Connection refused" in done.stderr


def test_exit_status_of_a_command_is_kept(tmp_path):
    done = manage("migrate", "nonsense", SCRIPTA_DATA=str(tmp_path))
    assert (done.returncode, done.stderr) == (1, "CommandError: No installed app with label 'nonsense'.\n")
