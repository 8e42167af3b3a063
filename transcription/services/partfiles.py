"""The file in which the bytes of one upload gather, and the lock beside it."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import uuid
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from transcription.errors import StorageFull, UploadBusy

_NAME = re.compile(r"([0-9a-f]{32})\.(?:part|lock)")
_FULL = {errno.ENOSPC, errno.EDQUOT}


class PartFile:
    """``<id>.part`` and ``<id>.lock``: a file of its own, because the part moves away when it is complete."""

    def __init__(self, identifier: uuid.UUID) -> None:
        self.path: Path = settings.UPLOADS / f"{identifier.hex}.part"
        self._lock: Path = settings.UPLOADS / f"{identifier.hex}.lock"

    @staticmethod
    def all() -> set[uuid.UUID]:
        """Of whom there are files."""
        names = (_NAME.fullmatch(path.name) for path in settings.UPLOADS.glob("*"))
        return {uuid.UUID(hex=name[1]) for name in names if name}

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock, which ends with the process at the latest. Raises UploadBusy when another holds it.

        flock(2) belongs to the open file, so it also keeps two threads of a process apart; over NFS it spans machines.
        """
        descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise UploadBusy from error
            yield
        finally:
            os.close(descriptor)

    def create(self) -> None:
        """Make it, empty, so that it survives a crash of the machine. Raises StorageFull."""
        try:
            os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600))
            sync_folder(self.path.parent)
        except OSError as error:
            raise translated(error) from error

    def size(self) -> int:
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def write(self, data: bytes, *, offset: int) -> None:
        """Put ``data`` at ``offset``, drop what lay beyond, and return when it is on disk.

        Raises StorageFull, and then the file ends at ``offset``.
        """
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            os.ftruncate(descriptor, offset)
            try:
                write_all(descriptor, data, offset)
                os.fsync(descriptor)
            except OSError as error:
                os.ftruncate(descriptor, offset)
                raise translated(error) from error
        finally:
            os.close(descriptor)

    def remove(self) -> None:
        """Only under the lock, and only when the row is gone: who waits for the lock then finds nothing to write to."""
        self.path.unlink(missing_ok=True)
        self._lock.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Return when the names of new files in it are on disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_all(descriptor: int, data: bytes, offset: int) -> None:
    rest = memoryview(data)
    while rest:
        written = os.pwrite(descriptor, rest, offset)
        rest, offset = rest[written:], offset + written


def translated(error: OSError) -> Exception:
    """A full disk in words for users; anything else as it is."""
    return StorageFull() if error.errno in _FULL else error
