"""Where the embedded servers keep their files, and how their unix sockets are addressed.

Both servers run *inside* their own folder and name it ``/proc/self/cwd``. They therefore need no right to walk the
folders above it, so a project below ``/root`` (mode 0700) works although Postgres runs under another user, and the
length of the path does not matter to them. Only their clients use the real path.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

from config.embedded.errors import EmbeddedError

HERE = "/proc/self/cwd"
POSTGRES_PORT = 5432
POSTGRES_SOCKET = f".s.PGSQL.{POSTGRES_PORT}"
VALKEY_SOCKET = "valkey.sock"
NAME = "scripta"
"""Of the database and of its owner, who is not a superuser."""

LONGEST_SOCKET_PATH = 107
"""``sun_path`` of unix(7) has 108 bytes, the last of them zero."""


def postgres_folder(data: Path) -> Path:
    return data / "postgres"


def valkey_folder(data: Path) -> Path:
    return data / "valkey"


def locks_folder(data: Path) -> Path:
    return data / "run"


def logs_folder(data: Path) -> Path:
    return data / "logs"


def database_settings(data: Path) -> dict[str, Any]:
    """Django's DATABASES entry for the Postgres of this data folder, whether it runs or not."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": NAME,
        "USER": NAME,
        "HOST": str(postgres_folder(short(data))),
        "PORT": POSTGRES_PORT,
        "OPTIONS": {"connect_timeout": 10},
    }


def redis_url(data: Path) -> str:
    """URL of the Valkey of this data folder, whether it runs or not."""
    return "unix://" + quote(str(valkey_folder(short(data)) / VALKEY_SOCKET))


def short(data: Path) -> Path:
    """The data folder under a name that a socket address can hold: itself, else a symbolic link to it.

    libpq also takes a comma in a host for the beginning of the next one. The link lies in the temporary directory,
    where others could have put theirs first: one that is not ours, or leads elsewhere, is refused.
    """
    data = data.resolve()
    if _holds_sockets(data):
        return data
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:16]
    link = Path(tempfile.gettempdir()) / f"scripta-{os.geteuid()}-{digest}"
    if not _holds_sockets(link):
        link = Path("/tmp") / link.name
    try:
        link.symlink_to(data)
    except FileExistsError:
        if not link.is_symlink() or link.lstat().st_uid != os.geteuid() or link.readlink() != data:
            raise EmbeddedError(
                f"{link} was made by somebody else. Remove it, or choose a data folder with a shorter path."
            ) from None
    return link


def _holds_sockets(data: Path) -> bool:
    """Whether clients can name the sockets in this folder."""
    sockets = (postgres_folder(data) / POSTGRES_SOCKET, valkey_folder(data) / VALKEY_SOCKET)
    return max(len(os.fsencode(socket)) for socket in sockets) <= LONGEST_SOCKET_PATH and "," not in str(data)
