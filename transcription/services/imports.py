"""Files that this server fetches from an address, in place of an upload.

The file is fetched into a part file and handed on as uploads are. The row of the import says that there is still
something to do: a fetch whose worker was killed begins again from the first byte.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import asdict
from urllib.parse import unquote, urlsplit
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey, User
from transcription.enums import RecordingState
from transcription.errors import BadRequest, HostNotAllowed, OutgoingError, ScriptaError, StorageFull, UploadBusy
from transcription.models import Import, Recording
from transcription.services import addresses, jobs, outgoing, queue, recordings, room
from transcription.services.jobs import JobOptions
from transcription.services.outgoing import Answer, Limits, Rules
from transcription.services.partfiles import PartFile, translated, write_all

log = structlog.get_logger(__name__)

LEAST_ROOM = 2**20
"""Bytes that must be free to begin. While the file grows, the limits are looked after every CHECK_BYTES."""
CHECK_BYTES = 8 * 2**20
ASK_SECONDS = 1.0
"""How often a fetch asks the database whether it is still wanted."""
MOST_UNFINISHED = 20
"""Files that may be on their way for one person."""
MOST_ATTEMPTS = 5
"""Times that a worker may die over it."""
PAUSE_SECONDS = (0.0, 5.0, 20.0)
"""Before each try within one attempt: a server that stumbles often stands again at once."""
_PASSING = {"timed_out", "connection_failed", "answer_invalid", "name_unknown"}


class TooManyFetches(ScriptaError):
    code = "too_many_imports"
    message = _("Too many files are on their way to your library already. Wait for one of them.")
    status = 409


def import_url(*, owner: User, url: str, title: str, options: JobOptions, api_key: ApiKey | None = None) -> Recording:
    """Make a recording, and enqueue the fetching of its file. Nothing is fetched before this returns.

    Raises HostNotAllowed, OutgoingError (an address that is none), BadRequest (``options``), TooManyFetches,
    QuotaExceeded, StorageFull. What goes wrong later is in the recording's error: ``fetch_failed``, ``too_large``, the
    codes of ``outgoing``, and so on.
    """
    options.validate()
    if not isinstance(title, str):
        raise BadRequest(gettext("The title must be a text."))
    host = addresses.parse(url).host
    if not any(outgoing.matches(host, pattern) for pattern in settings.IMPORT_HOSTS):
        raise HostNotAllowed
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)
        arriving = Import.objects.filter(recording__owner=owner, recording__state=RecordingState.UPLOADING)
        if arriving.count() >= MOST_UNFINISHED:
            raise TooManyFetches
        room.check_room(owner=owner, length=LEAST_ROOM)
        name = unquote(urlsplit(url).path, errors="replace").rstrip("/").rpartition("/")[2]
        recording = recordings.create_recording(owner=owner, title=title, original_name=name, size=0, api_key=api_key)
        Import.objects.create(recording=recording, url=url, options=asdict(options))
        queue.defer_fetch(recording_id=recording.pk)
    return recording


def fetch(*, recording_id: UUID, should_stop: Callable[[], bool] = lambda: False) -> None:
    """Fetch the file of a recording, and hand it on to its job. Safe to repeat at any point.

    When the worker stops, the fetch is left as it is, and ``resume_fetches`` begins it again.
    """
    settings.UPLOADS.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = PartFile(recording_id)
    try:
        with part.locked():
            row = Import.objects.select_related("recording__owner").filter(pk=recording_id).first()
            if row is None:
                part.remove()
            elif row.recording.deleted_at is None:
                _bring(row, part, should_stop)
    except UploadBusy:  # another worker is at it
        return


def _bring(row: Import, part: PartFile, should_stop: Callable[[], bool]) -> None:
    recording = row.recording
    if recording.state == RecordingState.UPLOADING:
        row.attempts += 1
        row.save(update_fields=["attempts"])
        try:
            if row.attempts > MOST_ATTEMPTS:
                raise OutgoingError("fetch_failed", gettext("Fetching this file failed again and again."))
            _fetch_with_patience(row, part, should_stop)
        except _Unwanted:
            Import.objects.filter(pk=row.pk).update(attempts=row.attempts - 1)  # nobody died over it
            return
        except ScriptaError as error:
            log.info("import failed", recording=str(recording.pk), code=error.code)
            recordings.fail_recording(recording=recording, code=error.code, message=error.message)
            _end(row, part)
            return
        recordings.media_arrived(recording=recording, path=part.path)
    with transaction.atomic():
        held = Recording.objects.kept().select_for_update().filter(pk=recording.pk, state=RecordingState.READY).first()
        if held is not None and not held.jobs.exists():
            jobs.submit_job(recording=held, options=JobOptions(**row.options))
        _end(row, part)


def _end(row: Import, part: PartFile) -> None:
    Import.objects.filter(pk=row.pk).delete()
    part.remove()


class _Unwanted(Exception):  # noqa: N818  (not an error: the recording was deleted, or this worker stops)
    """Leave everything as it is."""


def _fetch_with_patience(row: Import, part: PartFile, should_stop: Callable[[], bool]) -> None:
    for number, pause in enumerate(PAUSE_SECONDS, start=1):
        until = time.monotonic() + pause
        while time.monotonic() < until:
            if should_stop():
                raise _Unwanted
            time.sleep(0.2)
        try:
            _fetch_once(row, part, should_stop)
        except OutgoingError as error:
            if error.code not in _PASSING or number == len(PAUSE_SECONDS):
                raise
        else:
            return


def _fetch_once(row: Import, part: PartFile, should_stop: Callable[[], bool]) -> None:
    with outgoing.request(
        "GET",
        row.url,
        limits=Limits(total=settings.IMPORT_HOURS * 3600, read=30.0),
        rules=Rules(private=settings.WEBHOOKS_ALLOW_PRIVATE, hosts=settings.IMPORT_HOSTS),
    ) as answer:
        if answer.status != 200:
            raise OutgoingError(
                "fetch_failed",
                gettext("The server answered with status %(status)d and sent no file.") % {"status": answer.status},
            )
        _store(row, part, answer, should_stop)


def _store(row: Import, part: PartFile, answer: Answer, should_stop: Callable[[], bool]) -> None:
    """Write the body to the part file, within the limits of size, quota and disk, and return when it is on disk."""
    _reserve(row, answer.length or 0)
    descriptor = os.open(part.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        position, checked, asked = 0, 0, time.monotonic()
        for block in answer.blocks(most=settings.MAX_UPLOAD_SIZE):
            write_all(descriptor, block, position)
            position += len(block)
            if should_stop():
                raise _Unwanted
            if position - checked >= CHECK_BYTES or time.monotonic() - asked > ASK_SECONDS:
                checked, asked = position, time.monotonic()
                _reserve(row, max(position, answer.length or 0))
        if answer.length is not None and position != answer.length:
            raise OutgoingError("answer_invalid", gettext("The file did not arrive whole."))
        _reserve(row, position)
        os.fsync(descriptor)
    except OSError as error:
        raise translated(error) from error
    finally:
        os.close(descriptor)


def _reserve(row: Import, size: int) -> None:
    """Count ``size`` bytes against the owner's quota. Raises QuotaExceeded, StorageFull, and _Unwanted once deleted."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=row.recording.owner_id)
        arriving = Recording.objects.kept().filter(pk=row.pk, state=RecordingState.UPLOADING)
        before = arriving.values_list("size", flat=True).first()
        if before is None:
            raise _Unwanted
        if size > before:
            room.check_room(owner=row.recording.owner, length=size - before)
            arriving.update(size=size)
        elif room.is_disk_full():
            raise StorageFull


def resume_fetches() -> int:
    """Begin fetches again whose worker is gone. Returns how many were begun.

    Any number of workers may do this at once: the part file's lock lets one of them fetch.
    """
    begun = 0
    for pk in Import.objects.filter(recording__deleted_at=None).values_list("pk", flat=True):
        with transaction.atomic():
            held = Import.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk)
            if held.exists() and not queue.is_fetch_under_way(recording_id=pk):
                queue.defer_fetch(recording_id=pk)
                begun += 1
    return begun
