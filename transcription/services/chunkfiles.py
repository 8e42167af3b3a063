"""The files in which live sound gathers: small, written once, read back by whoever joins or hears them again."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import Storage, default_storage

from transcription.services import partfiles
from transcription.services.recordings import LIVE_FOLDER, recording_folder

WRITERS = 8
"""Files that are forced to disk at once; a disk merges what waits together."""
_writers = ThreadPoolExecutor(WRITERS, thread_name_prefix="chunk")


def folder(live_id: UUID) -> str:
    return f"{recording_folder(live_id)}/{LIVE_FOLDER}"


def new_name(live_id: UUID, position: int) -> str:
    """One that nobody has: what a connection writes that was taken over harms no other file."""
    return f"{folder(live_id)}/{position:015d}-{secrets.token_hex(6)}"


def store_later(name: str, data: bytes) -> Future[None]:
    """Begin to store; when the result is there, the file is durable. It may raise StorageFull, or storage's errors."""
    return _writers.submit(_store, name, data)


def _store(name: str, data: bytes) -> None:
    storage: Storage = default_storage
    try:
        path = Path(storage.path(name))
    except NotImplementedError:  # not on this machine's disk
        storage.save(name, ContentFile(data))
        return
    try:
        _write(path, data)
    except OSError as error:
        raise partfiles.translated(error) from error


def _write(path: Path, data: bytes) -> None:
    """Nobody reads the file before a row names it, so it needs no other name while it is being written."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        descriptor = os.open(path, flags, 0o600)
    except FileNotFoundError:
        _make_folder(path.parent)
        descriptor = os.open(path, flags, 0o600)
    try:
        partfiles.write_all(descriptor, data, 0)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    partfiles.sync_folder(path.parent)


def _make_folder(wanted: Path) -> None:
    """With its parents, each of them safe on disk."""
    missing = [path for path in (wanted, *wanted.parents) if not path.exists()]
    wanted.mkdir(parents=True, exist_ok=True, mode=0o700)
    for made in missing:
        partfiles.sync_folder(made.parent)


def read(name: str) -> bytes:
    with default_storage.open(name) as file:
        content: bytes = file.read()
    return content


def delete(names: Iterable[str]) -> None:
    """As far as storage lets us: what is left over is swept later."""
    for name in names:
        with suppress(Exception):  # storage elsewhere has errors of its own
            default_storage.delete(name)
