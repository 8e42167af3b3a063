"""The end of live recordings: many chunks become one file, and what was not read yet becomes a job.

It may be killed at any point and begun again, by several workers at once, too. The chunks stay until the recording is
ready and drawn; so their rows say that there is still something to do, and to whoever begins again they are all there.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_noop

from accounts.services import usage
from transcription.enums import CONTAINERS, JobState, RecordingState
from transcription.models import Job, Live, LiveChunk, Recording, Transcript, Waveform, media_name
from transcription.services import chunkfiles, chunks, events, jobs, live, queue, recordings
from transcription.speech import audio
from transcription.speech.errors import SpeechError

log = structlog.get_logger(__name__)

NO_SOUND = gettext_noop("No sound arrived in this recording.")
DAMAGED = gettext_noop(
    "Parts of the sound could not be read from the server's storage. There is silence in their place."
)
PAUSE_HOURS = 24
"""Longer than this nobody pauses."""
MOST_MINUTES = 60
"""Between two attempts at a closing that fails, for example because the disk is full."""
_SUFFIXES = {"audio/flac": ".flac", "audio/ogg": ".ogg", "audio/webm": ".webm", "video/webm": ".webm"}


def close_live(*, recording_id: UUID) -> None:
    """Make a live recording that was ended one like any other: READY, with its sound in one file and a job's row.

    The job is done if the transcript covers everything; else it waits in line, and goes on in the same transcript.
    Sound that was not to be kept is deleted as soon as it is transcribed. Nothing happens to what is still live, in the
    trash, or gone.
    """
    spoken = Live.objects.select_related("recording", "transcript").filter(pk=recording_id).first()
    if spoken is None or spoken.recording.deleted_at is not None:
        return
    if spoken.recording.state == RecordingState.CLOSING:
        _close(spoken)
    if Recording.objects.filter(pk=recording_id, state=RecordingState.READY).exists():
        _draw(recording_id)
        _delete_chunks(recording_id)


def _close(spoken: Live) -> None:
    if not spoken.received:
        _finish(spoken, None, warning=NO_SOUND)
    elif spoken.transcript.is_complete and not spoken.keep_audio:
        _finish(spoken, None)
    else:
        damaged: list[int] = []
        with _scratch_file(spoken.pk) as path:
            _join(spoken, path, damaged)
            with suppress(SpeechError):  # the job says what is wrong with it, and the owner can download it
                recordings.describe_file(recording=spoken.recording, path=path)
            _finish(spoken, path, warning=DAMAGED if damaged else "")


# The sound --------------------------------------------------------------------------------------------------------


@contextmanager
def _scratch_file(live_id: UUID) -> Iterator[Path]:
    """A file of this attempt's own; those of attempts that were killed go."""
    folder = settings.DATA / "closing"
    folder.mkdir(mode=0o700, exist_ok=True)
    for left in folder.glob(f"{live_id.hex}-*"):
        left.unlink(missing_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f"{live_id.hex}-", dir=folder)
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _join(spoken: Live, path: Path, damaged: list[int]) -> None:
    """All of the sound in one file, durable: FLAC for samples, the container itself otherwise.

    A container of which nothing can be made stays as it came.
    """
    pieces = partial(chunks.read_sound, live_id=spoken.pk, to_position=spoken.received, damaged=damaged)
    if spoken.encoding in CONTAINERS:
        try:
            audio.join_container(pieces(), spoken.encoding, path)
        except SpeechError as error:
            log.warning("container kept as it came", live=str(spoken.pk), code=error.code)
            damaged.clear()
            _write(pieces(), path)
    else:
        audio.join_pcm(pieces(), spoken.encoding, spoken.sample_rate, path)
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _write(pieces: Iterable[bytes], path: Path) -> None:
    with path.open("wb") as file:
        file.writelines(pieces)


def _draw(recording_id: UUID) -> None:
    """The waveform of what no job will read. Without one the player still plays."""
    recording = Recording.objects.get(pk=recording_id)
    if not recording.media or recording.jobs.active().exists() or Waveform.objects.filter(pk=recording_id).exists():
        return
    peaks = audio.Peaks()
    limits = audio.Limits(max_seconds=settings.MAX_DURATION_HOURS * 3600)
    try:
        with recordings.local_media(recording=recording) as path, audio.decode(path, limits=limits) as decoder:
            for block in decoder:
                peaks.add(block)
            recordings.save_waveform(
                recording_id=recording_id, peaks=peaks.result().tobytes(), seconds=decoder.position
            )
    except SpeechError as error:
        log.warning("no waveform", recording=str(recording_id), code=error.code)


def _delete_chunks(recording_id: UUID) -> None:
    """The rows, and then the files, with those that no row ever named."""
    with transaction.atomic():
        LiveChunk.objects.filter(live=recording_id).delete()
        transaction.on_commit(
            partial(recordings.empty_folder, default_storage, chunkfiles.folder(recording_id)), robust=True
        )


# The rows ---------------------------------------------------------------------------------------------------------


def _finish(spoken: Live, path: Path | None, *, warning: str = "") -> None:
    """To READY with its job, unless somebody else has done so, or it went to the trash. Takes the file at ``path``.

    The file moves under the lock: two attempts at the same closing cannot mix their files and rows.
    """
    with transaction.atomic():
        held = Recording.objects.kept().filter(pk=spoken.pk, state=RecordingState.CLOSING)
        if not held.select_for_update(no_key=True).values_list("pk").first():
            return
        spoken.transcript.refresh_from_db()
        _place_media(spoken, path)
        if spoken.transcript.is_complete or not spoken.received:
            _note_done(spoken, warning)
        else:
            _enqueue_rest(spoken)
        events.live_changed(live_id=spoken.pk)


def _place_media(spoken: Live, path: Path | None) -> None:
    recording = spoken.recording
    recording.state, recording.size = RecordingState.READY, 0
    if path is None or recording.duration is None:
        recording.duration = spoken.seconds if spoken.seconds is not None else spoken.transcript.position
    if path is not None:
        recording.size = path.stat().st_size
        suffix = _SUFFIXES.get(recording.media_type, "")
        recording.original_name = recordings.clean_line(recording.title.replace("/", "-"), limit=250) + suffix
        recording.media.name = media_name(recording, "")
        recordings.move_into_storage(recording.media.storage, recording.media.name, path)
        if recording.awaits_playback and spoken.keep_audio:
            queue.defer_playback(recording_id=recording.pk)
    fields = ["media", "size", "state", "duration", "has_video", "media_type", "is_playable", "original_name"]
    recording.save(update_fields=fields)


def _job(spoken: Live, **fields: object) -> Job:
    """The row that speaks for a live recording, as a job does for one that was uploaded."""
    transcript = spoken.transcript
    return Job.objects.create(
        recording=spoken.recording,
        transcript=transcript,
        engine=transcript.engine,
        model=transcript.model,
        language=spoken.language,
        task=spoken.task,
        vocabulary=spoken.vocabulary,
        standing_terms=spoken.standing_terms,
        **fields,
    )


def _note_done(spoken: Live, warning: str) -> None:
    transcript = spoken.transcript
    Transcript.objects.filter(pk=transcript.pk).update(is_complete=True, revision=F("revision") + 1)
    if not warning and not transcript.segments.exists():
        warning = jobs.NO_SPEECH
    job = _job(
        spoken,
        state=JobState.DONE_WITH_WARNING if warning else JobState.DONE,
        warning=warning,
        progress=1.0,
        started_at=spoken.recording.created_at,
        finished_at=timezone.now(),
    )
    if spoken.recording.api_key_id is not None:
        usage.note_audio(key_id=spoken.recording.api_key_id, seconds=spoken.recording.duration or 0.0)
    events.job_ended(job=job)


def _enqueue_rest(spoken: Live) -> None:
    """What nobody has read yet. Whoever waits for it may be told by mail, like those who upload."""
    jobs.enqueue(_job(spoken, notify_by_mail=spoken.recording.owner.notify_by_mail))


# What nobody ended ------------------------------------------------------------------------------------------------


def sweep_abandoned(*, now: datetime) -> int:
    """Close live recordings whose speaker is gone. How many.

    Any number of workers may do this at once, but none that has only just begun: where the server was away, its
    speakers are still on their way back, with sound that they have kept.
    """
    abandoned = Live.objects.filter(_abandoned(now)).values_list("pk", flat=True)
    return sum(_close_if_abandoned(pk, now) for pk in abandoned)


def resume_closings() -> None:
    """Begin closings again that got lost. Any number of workers may do this at once."""
    joined = Q(recording__state=RecordingState.READY, chunks__isnull=False)  # killed before it had cleared up
    unfinished = Live.objects.filter(joined | Q(recording__state=RecordingState.CLOSING), recording__deleted_at=None)
    for pk in unfinished.values_list("pk", flat=True).distinct():
        _begin_again(pk)


def _abandoned(now: datetime) -> Q:
    silent = Q(last_seen_at__lt=now - timedelta(minutes=settings.LIVE_ABANDONED_MINUTES))
    not_paused = Q(paused_at=None) | Q(paused_at__lt=now - timedelta(hours=PAUSE_HOURS))
    return silent & not_paused & Q(recording__state=RecordingState.LIVE, recording__deleted_at=None)


def _close_if_abandoned(live_id: UUID, now: datetime) -> bool:
    with transaction.atomic():
        spoken = Recording.objects.kept().filter(pk=live_id, state=RecordingState.LIVE)
        if not spoken.select_for_update(no_key=True, skip_locked=True).values_list("pk").first():
            return False  # somebody writes to it at this moment
        if not Live.objects.filter(_abandoned(now), pk=live_id).exists():
            return False
        live.close_for_others(live_id=live_id)
    log.info("abandoned live recording closed", live=str(live_id))
    return True


def _begin_again(live_id: UUID) -> None:
    """Unless it waits or runs; after failures later and later."""
    with transaction.atomic():
        locked = Recording.objects.filter(pk=live_id).select_for_update(no_key=True, skip_locked=True)
        if not locked.values_list("pk").first():
            return
        is_under_way, failures = queue.closings(recording_id=live_id)
        if not is_under_way:
            queue.defer_closing(recording_id=live_id, minutes=min(2**failures - 1, MOST_MINUTES))
