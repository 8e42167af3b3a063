"""Under which user the embedded servers run. Postgres refuses root, so root lends them a system user."""

from __future__ import annotations

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.embedded.errors import EmbeddedError

SYSTEM_USER = "scripta"
CACHE = Path("/var/cache/scripta")


@dataclass(frozen=True)
class Identity:
    """Who runs a server; ``None`` means the user who runs us."""

    uid: int | None = None
    gid: int | None = None

    def popen_arguments(self) -> dict[str, Any]:
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, folder: Path) -> None:
        """Make a folder that only this user may enter."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.uid is not None:
            os.chown(folder, self.uid, self.gid or 0)
        elif folder.stat().st_uid != os.geteuid():
            raise EmbeddedError(
                f"{folder} belongs to {_user_name(folder.stat().st_uid)}. Run as that user, or as root."
            )

    def runnable(self, program: Path, *, tree: Path, siblings: tuple[Path, ...], name: str) -> Path:
        """``program`` (inside ``tree``) at a path that this user may execute.

        A virtual environment below a folder that is closed to others is out of reach of the system user. Rights of
        folders that are not ours are never changed; the program's tree and its siblings are copied to a public place.
        """
        if self.uid is None or _open_to_all(program):
            return program
        copy = CACHE / name
        if not copy.exists():
            _copy_public((tree, *siblings), copy)
        if copy.stat().st_uid != 0 or copy.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise EmbeddedError(f"{copy} can be changed by others. Remove it.")
        return copy / tree.name / program.relative_to(tree)


def identity_for(folder: Path) -> Identity:
    """The owner of an existing server folder, so that root can use the data of a normal user; else the system user."""
    if os.geteuid() != 0:
        return Identity()
    if folder.exists() and (owner := folder.stat()).st_uid != 0:
        return Identity(owner.st_uid, owner.st_gid)
    entry = _system_user()
    return Identity(entry.pw_uid, entry.pw_gid)


def _system_user() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        made = subprocess.run(
            [*command, "--shell", "/usr/sbin/nologin", SYSTEM_USER], capture_output=True, text=True, check=False
        )
    try:
        return pwd.getpwnam(SYSTEM_USER)  # whoever made it: two first starts may meet here
    except KeyError:
        reason = made.stderr.strip() or f"useradd ended with {made.returncode}"
        raise EmbeddedError(
            f"Postgres does not run as root, and no user {SYSTEM_USER!r} could be made: {reason}"
        ) from None


def _open_to_all(path: Path) -> bool:
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in (path, *path.parents))


def _copy_public(sources: tuple[Path, ...], target: Path) -> None:
    """Copy folders side by side into ``target``, complete or not at all."""
    CACHE.mkdir(mode=0o755, parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    for source in sources:
        shutil.copytree(source, partial / source.name, symlinks=True)
    for path in (partial, *partial.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    try:
        partial.rename(target)
    except OSError:  # another first start was quicker
        shutil.rmtree(partial)


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
