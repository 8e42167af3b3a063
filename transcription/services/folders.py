"""Files of a watched folder as recordings: each once, however often the watcher is stopped or killed."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.db import IntegrityError, transaction

from accounts.models import User
from transcription.errors import AlreadyRunning
from transcription.models import WatchedFile
from transcription.services import passing, recordings
from transcription.services.jobs import JobOptions
from transcription.speech.errors import MediaError


@dataclass(frozen=True, slots=True)
class Found:
    """A file as it was when it was looked at; another size or time is another file."""

    path: Path
    size: int
    mtime_ns: int

    def digest(self, owner: User) -> str:
        told = f"{owner.pk}:{self.size}:{self.mtime_ns}:".encode() + os.fsencode(self.path)
        return hashlib.sha256(told).hexdigest()


def known_file(*, owner: User, found: Found) -> WatchedFile | None:
    """What became of the file before; None for a new one."""
    row: WatchedFile | None = WatchedFile.objects.filter(digest=found.digest(owner)).first()
    return row


def import_file(*, owner: User, found: Found, options: JobOptions) -> WatchedFile:
    """Copy the file into the library and enqueue its job. The row that remembers it is of the same transaction.

    Raises MediaError (which is remembered too), QuotaExceeded, StorageFull, BadRequest, OSError when the file cannot be
    read or has changed, and AlreadyRunning when another watcher has just taken it.
    """
    with tempfile.NamedTemporaryFile(dir=passing.arrivals(), delete=False) as copy:
        path = Path(copy.name)
        try:
            _copy(found, copy.fileno())
            return _submit(owner, found, path, options)
        finally:
            path.unlink(missing_ok=True)


def forget_file(*, row: WatchedFile) -> None:
    """The file is gone from the folder: the same one may come again."""
    row.delete()


def _submit(owner: User, found: Found, path: Path, options: JobOptions) -> WatchedFile:
    name = recordings.clean_line(os.fsencode(found.path.name).decode(errors="replace"), limit=255)
    try:
        with transaction.atomic():
            row = WatchedFile.objects.create(owner=owner, digest=found.digest(owner), name=name)
            job = passing.submit(owner=owner, path=path, original_name=name, options=options, keep=True, priority=0)
            row.recording = job.recording
            row.save(update_fields=["recording"])
    except MediaError as error:
        WatchedFile.objects.create(owner=owner, digest=found.digest(owner), name=name, problem=error.message)
        raise
    except IntegrityError as error:
        raise AlreadyRunning from error
    return row


def _copy(found: Found, target: int) -> None:
    """Follows no link: what is in its place now may be another file than was found."""
    with os.fdopen(os.open(found.path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as source:
        told = os.fstat(source.fileno())
        if (told.st_size, told.st_mtime_ns) != (found.size, found.mtime_ns):
            raise OSError(f"{found.path.name} has changed")
        with os.fdopen(os.dup(target), "wb") as copy:
            shutil.copyfileobj(source, copy, 2**20)
