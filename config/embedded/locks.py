"""Locks of a data folder. The kernel frees them when their holder ends, however it ends."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from config.embedded.folders import locks_folder


class FileLock:
    """An advisory lock (flock(2)) on ``DATA/run/NAME``, whose file may hold a note of the holder for others to read."""

    def __init__(self, data: Path, name: str) -> None:
        folder = locks_folder(data)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path = folder / name
        self._descriptor: int | None = None

    def acquire(self, *, shared: bool = False, wait: bool = True) -> bool:
        """Take the lock; False when it is held and we were not to wait."""
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        mode = (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB)
        try:
            fcntl.flock(descriptor, mode)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def is_free(self) -> bool:
        """Whether nobody holds it; momentarily holds it to find out."""
        free = self.acquire(wait=False)
        self.release()
        return free

    def write_note(self, note: str) -> None:
        assert self._descriptor is not None, "only the holder writes"
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, note.encode(), 0)

    def read_note(self) -> str:
        return self.path.read_text() if self.path.exists() else ""


def users(data: Path) -> FileLock:
    """Held shared by everybody who uses the servers; exclusively by a keeper that ends them."""
    return FileLock(data, "users.lock")


def keeper(data: Path) -> FileLock:
    """Held by the keeper of this data folder."""
    return FileLock(data, "keeper.lock")


def serving(data: Path) -> FileLock:
    """Held by ``serve``, and by what must not happen meanwhile."""
    return FileLock(data, "serve.lock")
