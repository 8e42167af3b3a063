"""Uploads: the bytes of a recording while they arrive, in pieces, from a client that may vanish at any moment.

The row says how many bytes are safe, and only that many count: a piece is written, forced to disk, and then the row is
moved on. What a killed process left in the file beyond the row's offset is cut off before the next piece. All of it
happens under a lock on a file beside the bytes, so that any number of processes may serve one upload.
"""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from accounts.models import ApiKey, User
from transcription.enums import RecordingState
from transcription.errors import (
    BadRequest,
    OffsetMismatch,
    ScriptaError,
    TooLarge,
    UploadBusy,
    UploadGone,
    WrongState,
)
from transcription.models import Recording, Upload
from transcription.services import jobs, recordings, room
from transcription.services.jobs import JobOptions
from transcription.services.partfiles import PartFile

log = structlog.get_logger(__name__)

_COMPLETE = Q(offset=F("length"))
_ARRIVING = Q(recording__state=RecordingState.UPLOADING)
_TRASHED = Q(recording__deleted_at__isnull=False)
_NEVER_SUBMITTED = Q(recording__state=RecordingState.READY, recording__jobs=None)


def create_upload(
    *,
    owner: User,
    length: int,
    filename: str,
    fingerprint: str,
    options: dict[str, Any],
    title: str = "",
    api_key: ApiKey | None = None,
) -> Upload:
    """Make a recording that waits for ``length`` bytes, and count them against the owner's quota from now on.

    The lock on the owner's row makes two uploads at once count each other. A file of no bytes is complete at once.
    Raises BadRequest (``options``), TooLarge, QuotaExceeded, StorageFull.
    """
    chosen = JobOptions.from_dict(options, defaults=JobOptions.for_user(owner))
    if length > settings.MAX_UPLOAD_SIZE:
        raise TooLarge
    settings.UPLOADS.mkdir(mode=0o700, parents=True, exist_ok=True)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=owner.pk)
        room.check_room(owner=owner, length=length)
        recording = recordings.create_recording(
            owner=owner, title=title, original_name=filename, size=length, api_key=api_key
        )
        upload = Upload.objects.create(
            recording=recording,
            length=length,
            fingerprint=fingerprint,
            options=asdict(chosen),
            expires_at=_expiry(),
        )
        PartFile(upload.pk).create()
    if length == 0:
        upload = recover_upload(upload=upload)
    return upload


def _expiry() -> datetime:
    return timezone.now() + timedelta(hours=settings.UPLOAD_EXPIRY_HOURS)


def receive_file(
    *,
    owner: User,
    file: File[bytes],
    filename: str,
    options: dict[str, Any],
    title: str = "",
    api_key: ApiKey | None = None,
) -> Recording:
    """Take a whole file that is already here: it becomes a recording with a job, as an upload in pieces would.

    Raises what ``create_upload`` and ``append_chunk`` raise; then nothing of it stays.
    """
    upload = create_upload(
        owner=owner,
        length=file.size,
        filename=filename,
        fingerprint="",
        options=options,
        title=title,
        api_key=api_key,
    )
    try:
        for chunk in file.chunks(settings.UPLOAD_CHUNK_SIZE):
            append_chunk(upload=upload, offset=upload.offset, data=chunk)
    except BaseException:
        with contextlib.suppress(ScriptaError):
            cancel_upload(upload=upload)
        raise
    return Recording.objects.get(pk=upload.recording_id)


def append_chunk(*, upload: Upload, offset: int, data: bytes) -> int:
    """Add ``data`` at ``offset`` and return the new offset. The last piece hands the recording on to its job.

    When this returns, the bytes are on disk and the row says so. Raises OffsetMismatch, UploadBusy, UploadGone,
    StorageFull (the upload stays as it was), and BadRequest for more bytes than were announced.
    """
    part = PartFile(upload.pk)
    with part.locked():
        row = _reread(upload)
        if offset != row.offset:
            raise OffsetMismatch
        if offset + len(data) > row.length:
            raise BadRequest(gettext("The upload brings more bytes than were announced."))
        if data:
            _require_arriving(row)
            _trust_no_missing_bytes(row, part)
            part.write(data, offset=offset)
            row.offset, row.expires_at = offset + len(data), _expiry()
            row.save(update_fields=["offset", "expires_at"])
        _hand_on_if_complete(row, part)
        upload.offset, upload.expires_at = row.offset, row.expires_at
        return int(row.offset)


def _reread(upload: Upload) -> Upload:
    row: Upload | None = Upload.objects.select_related("recording").filter(pk=upload.pk).first()
    if row is None:
        raise UploadGone
    return row


def _require_arriving(row: Upload) -> None:
    if row.recording.state != RecordingState.UPLOADING or row.recording.deleted_at is not None:
        raise UploadGone


def _trust_no_missing_bytes(row: Upload, part: PartFile) -> None:
    """Someone emptied the folder, or a backup of the database is newer than the files: go on from what there is."""
    if (held := part.size()) < row.offset:
        _ask_again(row, held=held)
        raise OffsetMismatch


def _ask_again(row: Upload, *, held: int) -> None:
    row.offset = held
    row.save(update_fields=["offset"])


def recover_upload(*, upload: Upload) -> Upload:
    """The upload as it is now. Does what a killed process left undone after the last byte.

    Raises UploadGone, also for one in the trash. While another request writes, the row is returned as it stands.
    """
    part = PartFile(upload.pk)
    try:
        with part.locked():
            row = _reread(upload)
            _hand_on_if_complete(row, part)
    except UploadBusy:
        row = _reread(upload)
    if row.recording.state == RecordingState.UPLOADING:
        _require_arriving(row)
    return row


def _hand_on_if_complete(row: Upload, part: PartFile) -> None:
    """Each step is safe to repeat: the media moves once, and a job is made only while the recording has none."""
    recording = row.recording
    if row.offset != row.length or recording.deleted_at is not None:
        return
    if recording.state == RecordingState.UPLOADING:
        try:
            recordings.media_arrived(recording=recording, path=part.path)
        except FileNotFoundError:  # neither here nor in storage: a backup holds no unfinished uploads
            _ask_again(row, held=0)
            return
    with transaction.atomic():
        recording = Recording.objects.select_for_update().get(pk=recording.pk)
        in_library = recording.state == RecordingState.READY and recording.deleted_at is None
        if in_library and not recording.jobs.exists():
            jobs.submit_job(recording=recording, options=JobOptions(**row.options))


def cancel_upload(*, upload: Upload) -> None:
    """Throw away the bytes and the recording, which never was one. Raises WrongState once all bytes are there."""
    part = PartFile(upload.pk)
    with part.locked():
        row = _reread(upload)
        if row.recording.state != RecordingState.UPLOADING:
            raise WrongState(gettext("This upload is already complete."))
        recordings.purge_recording(recording=row.recording)
        part.remove()


def throw_away(*, recording: Recording) -> bool:
    """To the trash; True for an upload that was not complete: it has nothing to keep, and ends for good."""
    if recording.state == RecordingState.UPLOADING and hasattr(recording, "upload"):
        cancel_upload(upload=recording.upload)
        return True
    jobs.trash_recording(recording=recording)
    return False


def expire_uploads(*, now: datetime) -> int:
    """Settle what nobody will: returns the number of uploads given up.

    Complete ones are handed on, ones whose time is over (or that lie in the trash) lose their bytes and their recording
    says why. Rows of finished uploads go after their time, and so do files without a row.
    """
    over = Q(expires_at__lt=now)
    wanted = over | (_ARRIVING & (_COMPLETE | _TRASHED)) | (_COMPLETE & _NEVER_SUBMITTED & ~_TRASHED)
    given_up = 0
    for upload in Upload.objects.filter(wanted).distinct():
        try:
            given_up += _settle(upload, now)
        except (UploadBusy, UploadGone):  # somebody else is at it
            continue
        except (ScriptaError, OSError) as error:  # the others must not wait for this one
            log.warning("upload could not be settled", upload=str(upload.pk), error=repr(error))
    _remove_orphans()
    return given_up


def _settle(upload: Upload, now: datetime) -> bool:
    part = PartFile(upload.pk)
    with part.locked():
        row = _reread(upload)
        _hand_on_if_complete(row, part)
        row = _reread(upload)
        arriving = row.recording.state == RecordingState.UPLOADING
        given_up = arriving and (row.expires_at < now or row.recording.deleted_at is not None)
        if given_up:
            recordings.fail_recording(
                recording=row.recording,
                code="upload_unfinished",
                message=gettext_noop("The upload was not finished in time. Please upload the file again."),
            )
        if given_up or row.expires_at < now:
            row.delete()
            part.remove()
        return given_up


def _remove_orphans() -> None:
    """Files whose row went away with its recording or its owner."""
    for identifier in PartFile.all():
        part = PartFile(identifier)
        # An upload that is being made at this moment may lose its empty file; its first piece makes it again.
        with contextlib.suppress(UploadBusy), part.locked():
            if not Upload.objects.filter(pk=identifier).exists():
                part.remove()
