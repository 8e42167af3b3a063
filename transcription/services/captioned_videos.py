"""Videos with captions in the picture: wished for, made by a worker, kept until another takes their place.

The row is the truth, an entry in the queue only says "look at this row". A worker that dies leaves its row behind;
``queue.take_back_lost_tasks`` and ``resume_videos`` see to it that another one begins again. Each claim raises
``attempt``, and an older attempt can write nothing more.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import IO
from uuid import UUID

import structlog
from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext

from transcription.enums import ACTIVE_VIDEO_STATES, RecordingState, VideoState
from transcription.errors import AlreadyRunning, CannotExport, QuotaExceeded, StaleAttempt, StorageFull, WrongState
from transcription.models import CaptionedVideo, Live, Recording
from transcription.querysets import CaptionedVideoQuerySet
from transcription.services import exports, queue, recordings, room, transcripts
from transcription.services.interest import Interest
from transcription.speech import audio
from transcription.speech.captions import clean
from transcription.speech.captions.fonts import require as require_fonts
from transcription.speech.captions.typesetting import Typesetter
from transcription.speech.errors import Cancelled, MissingFont, SpeechError

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 3
"""Times that a worker may die over it."""
_LIMITS = {"memory_bytes": 6 << 30, "stall_seconds": 120.0, "cpu_seconds": 120, "cpu_seconds_per_minute": 1200.0}
"""Encoding pictures takes as much as a machine has; twenty times real time is where a file is meant to do harm."""


def request_video(*, recording: Recording, speakers: bool = True) -> CaptionedVideo:
    """Wish for a video with the captions of the version that is shown, and enqueue its making.

    The one before can be had until this one is there. Raises WrongState without sound or text, AlreadyRunning while one
    is being made, QuotaExceeded when the owner's room is used up, and CannotExport for text in a script that this
    server has no font of.
    """
    transcript = transcripts.newest_transcript(recording=recording)
    if transcript is None or not transcript.segments.exists():
        raise WrongState(gettext("There is no text yet that could be shown."))
    try:
        for segment in exports.document_of(transcript=transcript).passages:
            require_fonts((clean(segment.text), clean(segment.speaker)))
    except MissingFont as error:
        raise CannotExport(error.message) from error
    with transaction.atomic():
        kept = Recording.objects.kept().select_for_update(no_key=True).filter(pk=recording.pk)
        if not kept.filter(state=RecordingState.READY).exclude(media="").exists():
            raise WrongState(gettext("This recording has no sound that a video could be made of."))
        if Live.objects.filter(pk=recording.pk, keep_audio=False).exists():
            raise WrongState(gettext("The sound of this recording is not to be kept, so no video is made of it."))
        row, _ = CaptionedVideo.objects.select_for_update().get_or_create(
            recording=recording, defaults={"state": VideoState.CANCELLED}
        )
        if row.is_active:
            raise AlreadyRunning("A video with captions is being made of this recording already.")
        room.check_quota(owner=recording.owner, length=1)
        row.transcript, row.speakers, row.state = transcript, speakers, VideoState.QUEUED
        row.progress, row.idle_attempts, row.error_code, row.error_message = 0.0, 0, "", ""
        row.queued_at, row.finished_at = timezone.now(), None
        row.task_id = queue.defer_captioned_video(recording_id=recording.pk)
        row.save()
    return row


def cancel_video(*, recording: Recording) -> None:
    """Cancel at once: the worker can write nothing more, and stops within a second or two. Raises WrongState."""
    with transaction.atomic():
        row = CaptionedVideo.objects.active().select_for_update().filter(recording=recording).first()
        if row is None:
            raise WrongState(gettext("No video with captions is being made."))
        row.state, row.finished_at = VideoState.CANCELLED, timezone.now()
        row.save(update_fields=["state", "finished_at"])
        queue.forget(task_id=row.task_id)


def delete_video(*, recording: Recording) -> bool:
    """Delete the video, and end the making of one; False if there is neither. The file goes when that is committed."""
    with transaction.atomic():
        row = CaptionedVideo.objects.select_for_update().filter(recording=recording).first()
        if row is None:
            return False
        queue.forget(task_id=row.task_id)
        row.delete()
        if row.file:
            transaction.on_commit(partial(row.file.storage.delete, str(row.file.name)), robust=True)
    return True


def make_video(*, recording_id: UUID, should_stop: Callable[[], bool] = lambda: False) -> None:
    """Make the video that is wished for. Safe to repeat; what is no longer wanted is left alone."""
    row = _claim(recording_id)
    if row is None:
        return
    interest = Interest(should_stop, partial(_note_progress, row))
    try:
        with tempfile.TemporaryFile(dir=settings.DATA) as copy:
            _burn(row, interest, copy)
            _keep(row, copy)
    except StaleAttempt:
        log.info("captioned video no longer wanted", recording=str(recording_id))
    except Cancelled:
        if should_stop():
            _release(row)
    except SpeechError as error:
        log.warning("no captioned video", recording=str(recording_id), code=error.code, detail=error.detail)
        full = room.is_disk_full()
        _fail(row, StorageFull.code if full else error.code, str(StorageFull.message) if full else error.message)
    except QuotaExceeded as error:
        _fail(row, error.code, str(error.message))
    except OSError as error:
        log.exception("no captioned video", recording=str(recording_id), error=type(error).__name__)
        _fail(row, "internal", gettext("The video could not be written. The server's disk may be full."))


def resume_videos() -> int:
    """Begin again what no queue entry stands for: its worker is gone. What killed it too often fails. How many."""
    count = 0
    for pk in CaptionedVideo.objects.active().filter(recording__deleted_at=None).values_list("pk", flat=True):
        with transaction.atomic():
            row = (
                CaptionedVideo.objects.active().select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
            )
            if row is None or queue.is_captioned_video_under_way(recording_id=pk):
                continue
            count += 1
            if row.idle_attempts >= MOST_ATTEMPTS:
                _fail(
                    row,
                    "worker_lost",
                    gettext("The worker stopped several times over this video. The file may be damaged."),
                )
            else:
                row.task_id = queue.defer_captioned_video(recording_id=pk)
                row.save(update_fields=["task_id"])
    return count


def _note_progress(row: CaptionedVideo, share: float) -> bool:
    """False if the video is no longer this attempt's."""
    return bool(_mine(row).update(progress=min(share, 0.99)))


def _mine(row: CaptionedVideo) -> CaptionedVideoQuerySet:
    running = CaptionedVideo.objects.filter(pk=row.pk, attempt=row.attempt, state=VideoState.RUNNING)
    return running.filter(recording__in=Recording.objects.kept())


def _claim(recording_id: UUID) -> CaptionedVideo | None:
    counters = {"attempt": F("attempt") + 1, "idle_attempts": F("idle_attempts") + 1}
    waiting = CaptionedVideo.objects.active().filter(pk=recording_id, idle_attempts__lt=MOST_ATTEMPTS)
    kept = waiting.filter(recording__in=Recording.objects.kept())
    if not kept.update(state=VideoState.RUNNING, progress=0.0, **counters):
        return None
    return CaptionedVideo.objects.select_related("recording", "transcript").get(pk=recording_id)


def _burn(row: CaptionedVideo, interest: Interest, copy: IO[bytes]) -> None:
    recording = row.recording
    transcript = row.transcript or transcripts.newest_transcript(recording=recording)  # that version was deleted
    if transcript is None:
        raise StaleAttempt
    transcript.recording = recording
    document = exports.document_of(transcript=transcript)

    def note(seconds: float) -> None:
        interest.share = seconds / recording.duration if recording.duration else 0.0

    limits = audio.Limits(
        max_seconds=settings.MAX_DURATION_HOURS * 3600,
        file_bytes=max(0, room.free_bytes() - room.SPARE_BYTES),
        **_LIMITS,  # type: ignore[arg-type]  # their types are those of the fields
    )
    with (
        recordings.local_media(recording=recording) as path,
        tempfile.TemporaryDirectory(prefix="captions-") as folder,
    ):
        size = audio.picture_size(path, limits=limits) if recording.has_video else audio.PLAIN
        overlay = audio.Overlay(Path(folder) / "captions.ass", Path(folder) / "fonts")
        typesetter = Typesetter(document.language)
        script, fonts = typesetter.script(document, size=size, labels=row.speakers)
        overlay.script.write_text(script, encoding="utf-8")
        overlay.fonts.mkdir()
        for font in fonts:
            (overlay.fonts / font.name).symlink_to(font)
        audio.burn_captions(
            path,
            copy.fileno(),
            overlay,
            has_video=recording.has_video,
            duration=recording.duration,
            limits=limits,
            progress=note,
            should_stop=interest.is_gone,
        )


def _keep(row: CaptionedVideo, copy: IO[bytes]) -> None:
    """Store the file, then name it; the one before goes when that is committed."""
    storage, before = row.file.storage, str(row.file.name or "")
    name = f"{recordings.recording_folder(row.pk)}/captioned-{row.attempt}.mp4"
    size = copy.seek(0, os.SEEK_END)
    copy.seek(0)
    room.check_quota(owner=row.recording.owner, length=size - row.size)
    storage.delete(name)  # left by an attempt that was killed before its row was written
    storage.save(name, File(copy))
    with transaction.atomic():
        ended = {"state": VideoState.DONE, "progress": 1.0, "file": name, "size": size, "finished_at": timezone.now()}
        if not _mine(row).update(**ended):
            storage.delete(name)
            raise StaleAttempt
        if before and before != name:
            transaction.on_commit(partial(storage.delete, before), robust=True)


def _release(row: CaptionedVideo) -> None:
    """This worker stops: another one begins again."""
    with transaction.atomic():
        if _mine(row).update(state=VideoState.QUEUED, idle_attempts=F("idle_attempts") - 1):
            task = queue.defer_captioned_video(recording_id=row.pk)
            CaptionedVideo.objects.filter(pk=row.pk).update(task_id=task)


def _fail(row: CaptionedVideo, code: str, message: str) -> None:
    ended = {"error_code": code, "error_message": message[:300], "finished_at": timezone.now()}
    unfinished = Q(pk=row.pk, attempt=row.attempt, state__in=ACTIVE_VIDEO_STATES)
    CaptionedVideo.objects.filter(unfinished).update(state=VideoState.FAILED, **ended)
