"""A copy of all that a person has here, as one ZIP: asked for, written by a worker, kept for some days.

The row says how far it is. A worker that is killed leaves a file that nobody knows of, which ``passing`` clears away,
and an entry in the queue that another takes back; the copy then begins anew. Only the newest attempt may publish.
"""

from __future__ import annotations

import os
import time
import zipfile
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings
from django.core.files.storage import Storage, default_storage
from django.db import IntegrityError, transaction
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import User
from transcription.enums import ACTIVE_EXPORTS, ExportState
from transcription.errors import StorageFull, WrongState
from transcription.models import DataExport, Recording
from transcription.services import passing, queue, recordings, room
from transcription.services.own_data import OwnData

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 5
TEXT_BYTES = 2**20
"""Set aside for what is written of one recording beside its media."""
PIECE = 2**20
FOLDER = "exports"


class Stopped(Exception):  # noqa: N818  (not an error: the worker ends, or another attempt has taken over)
    """Write nothing more."""


def request_export(*, user: User) -> DataExport:
    """Make the row and enqueue the work. Raises WrongState while one is under way, StorageFull."""
    if room.free_bytes() < _bytes_needed(user) + room.SPARE_BYTES:
        raise StorageFull(gettext("There is not enough room on the server's disk for a copy of all your data."))
    try:
        with transaction.atomic():
            made = DataExport.objects.create(user=user)
            queue.defer_data_export(export_id=made.pk)
    except IntegrityError as error:
        raise WrongState(gettext("A copy of your data is being made already.")) from error
    return made


def _bytes_needed(user: User) -> int:
    own = Recording.objects.filter(owner=user).listed()
    media = own.aggregate(total=Coalesce(Sum("size"), 0))["total"]  # videos with captions can be made again
    return int(media) + TEXT_BYTES * own.count()


def delete(*, export: DataExport) -> None:
    """The row, and then its file. A worker that writes it stops."""
    name, storage = export.file.name, export.file.storage
    with transaction.atomic():
        DataExport.objects.filter(pk=export.pk).delete()
        if name:
            transaction.on_commit(lambda: storage.delete(name), robust=True)


# The worker's part ----------------------------------------------------------------------------------------------------


def write(*, export_id: UUID, should_stop: Callable[[], bool] = lambda: False) -> None:
    """Make the file. Earlier copies of the same person go when the new one is there. Safe to repeat after a crash."""
    export = _claim(export_id)
    if export is None:
        return
    path = passing.arrivals() / f"{export.pk.hex}-{export.attempts}.zip"
    try:
        _write_archive(export, path, should_stop)
        _publish(export, path)
    except Stopped:
        _give_back(export)
    except OSError:
        log.exception("data export failed", export=str(export.pk))
        _fail(export, gettext("The server's disk is full, or has failed. Try again later."))
    finally:
        path.unlink(missing_ok=True)


def _claim(export_id: UUID) -> DataExport | None:
    with transaction.atomic():
        export: DataExport | None = DataExport.objects.active().select_for_update().filter(pk=export_id).first()
        if export is None:
            return None
        export.attempts += 1
        export.state, export.progress = ExportState.WRITING, 0.0
        export.save(update_fields=["attempts", "state", "progress"])
    if export.attempts > MOST_ATTEMPTS:
        _fail(export, gettext("The copy was begun several times and never finished. Tell an administrator."))
        return None
    return export


def _mine(export: DataExport) -> Q:
    return Q(pk=export.pk, attempts=export.attempts, state=ExportState.WRITING)


def _fail(export: DataExport, message: str) -> None:
    failed = {"state": ExportState.FAILED, "error_message": message[:300], "finished_at": timezone.now()}
    DataExport.objects.filter(_mine(export)).update(**failed)


def _give_back(export: DataExport) -> None:
    """Another worker begins anew. Being stopped is no failed attempt."""
    with transaction.atomic():
        waiting = {"state": ExportState.WAITING, "progress": 0.0, "attempts": F("attempts") - 1}
        if DataExport.objects.filter(_mine(export)).update(**waiting):
            queue.defer_data_export(export_id=export.pk)


class _Progress:
    """Notes how far it is, once a second, and stops where the row is no longer ours."""

    def __init__(self, export: DataExport, total: int, should_stop: Callable[[], bool]) -> None:
        self._export, self._total, self._should_stop = export, max(total, 1), should_stop
        self._written, self._noted = 0, time.monotonic()

    def add(self, count: int) -> None:
        self._written += count
        if self._should_stop():
            raise Stopped
        if time.monotonic() - self._noted < 1:
            return
        self._noted = time.monotonic()
        progress = min(self._written / self._total, 0.999)
        if not DataExport.objects.filter(_mine(self._export)).update(progress=progress):
            raise Stopped


def _write_archive(export: DataExport, path: Path, should_stop: Callable[[], bool]) -> None:
    progress = _Progress(export, _bytes_needed(export.user), should_stop)
    with path.open("wb") as file:
        with zipfile.ZipFile(file, "w") as archive:
            data = OwnData(export.user)
            for info, content in data.texts():
                archive.writestr(info, content)
            for recording in data.recordings():
                for info, content in data.texts_of(recording):
                    archive.writestr(info, content)
                progress.add(TEXT_BYTES)
                if recording.media:
                    _copy_media(archive, data.media_entry(recording), recording, progress)
        file.flush()
        os.fsync(file.fileno())


def _copy_media(archive: zipfile.ZipFile, info: zipfile.ZipInfo, recording: Recording, progress: _Progress) -> None:
    """Stored as it is: sound is compressed already. A file that is missing must not cost the rest."""
    try:
        source = recording.media.open("rb")
    except FileNotFoundError:
        log.warning("no file for the data export", recording=str(recording.pk))
        return
    with source, archive.open(info, "w", force_zip64=True) as target:
        for piece in source.chunks(PIECE):
            target.write(piece)
            progress.add(len(piece))


def _publish(export: DataExport, path: Path) -> None:
    """The file first, then the row, and earlier copies last. Raises Stopped when another attempt is the newest."""
    storage: Storage = default_storage
    size = path.stat().st_size
    name = f"{FOLDER}/{export.pk.hex}-{export.attempts}.zip"
    recordings.move_into_storage(storage, name, path)
    now = timezone.now()
    ready = {
        "state": ExportState.READY,
        "progress": 1.0,
        "file": name,
        "size": size,
        "finished_at": now,
        "expires_at": now + timedelta(days=settings.DATA_EXPORT_DAYS),
    }
    if not DataExport.objects.filter(_mine(export)).update(**ready):
        storage.delete(name)
        raise Stopped
    for earlier in DataExport.objects.filter(user=export.user).exclude(pk=export.pk).exclude(state__in=ACTIVE_EXPORTS):
        delete(export=earlier)


# What the clock does --------------------------------------------------------------------------------------------------


def resume() -> int:
    """Enqueue work again that got lost; how many."""
    active = DataExport.objects.active().values_list("pk", flat=True)
    lost = [pk for pk in active if not queue.is_under_way(queue.WRITE_EXPORT, export_id=str(pk))]
    for pk in lost:
        queue.defer_data_export(export_id=pk)
    return len(lost)


def expire(*, now: datetime) -> int:
    """Delete copies whose time is over, and files without a row; how many copies."""
    over = list(DataExport.objects.filter(expires_at__lt=now))
    for export in over:
        delete(export=export)
    storage: Storage = default_storage
    names = storage.listdir(FOLDER)[1] if storage.exists(FOLDER) else []
    known = set(DataExport.objects.exclude(file="").values_list("file", flat=True))
    writing = DataExport.objects.active().exists()  # it may be about to name its file
    for name in () if writing else names:
        if f"{FOLDER}/{name}" not in known:
            with suppress(FileNotFoundError):
                storage.delete(f"{FOLDER}/{name}")
    return len(over)
