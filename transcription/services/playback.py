"""A copy of a recording for the player, where browsers cannot play the file itself or cannot seek in it."""

from __future__ import annotations

import tempfile
from typing import IO
from uuid import UUID

import structlog
from django.conf import settings
from django.core.files import File

from transcription.models import Recording, playback_name
from transcription.services import recordings
from transcription.speech import audio
from transcription.speech.errors import SpeechError

log = structlog.get_logger(__name__)


def make_playback(*, recording_id: UUID) -> None:
    """Encode and store the copy. Safe to repeat; a recording that is gone, or has its copy, is left alone.

    A file without sound that can be decoded gets none, and the player is left with the file as it came: the job that
    transcribes it tells the owner why.
    """
    recording = Recording.objects.filter(pk=recording_id).first()
    if recording is None or not recording.awaits_playback:
        return
    limits = audio.Limits(max_seconds=settings.MAX_DURATION_HOURS * 3600)
    try:
        with recordings.local_media(recording=recording) as path, tempfile.TemporaryFile(dir=settings.DATA) as copy:
            for piece in audio.encode_playback(path, limits=limits):
                copy.write(piece)
            _keep(recording, copy)
    except SpeechError as error:
        log.warning("no playback copy", recording=str(recording_id), code=error.code, detail=error.detail)
        Recording.objects.filter(pk=recording.pk).update(is_playable=True)


def _keep(recording: Recording, copy: IO[bytes]) -> None:
    storage, name = recording.playback.storage, playback_name(recording)
    storage.delete(name)  # left by an attempt that was killed before its row was written
    storage.save(name, File(copy))
    kept = Recording.objects.filter(pk=recording.pk).exclude(media="")
    if not kept.update(playback=name, playback_size=storage.size(name)):
        storage.delete(name)  # deleted for good in the meantime, or its sound was
