"""What was spoken live, until its end and after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tests.factories import make_live, make_user
from transcription.models import Recording
from transcription.services import chunks, closing, live
from transcription.services.chunks import PendingChunk
from transcription.services.live import Connection
from transcription.speech import audio
from transcription.speech.types import Checkpoint, Samples, Segment, Word

LIMITS = audio.Limits()


def as_pcm(sound: Samples) -> bytes:
    return (sound * 32767).round().astype("<i2").tobytes()


def speak(data: bytes = b"", *, owner: Any = None, size: int = 32_000, captions: str = "live", **choices: Any):
    """A connection that has sent ``data`` in chunks of ``size`` bytes."""
    owner = owner or make_user()
    spoken = make_live(owner, captions=captions, **choices)
    connection = live.connect(live_id=spoken.pk, user=owner)
    width = audio.bytes_per_sample(spoken.encoding)
    for start in range(0, len(data), size):
        [result] = chunks.append_chunks([PendingChunk(connection, start // width, data[start : start + size])])
        assert result.error is None
    return connection


def say(connection: Connection, *, index: int = 0, until: float = 2.0) -> None:
    words = (Word(until - 1.0, until - 0.5, " Hello.", 0.9),)
    segment = Segment(index, until - 1.0, until - 0.5, "Hello.", "en", words)
    live.save_final(connection=connection, checkpoint=Checkpoint(until, (segment,), "en", 0.9))


def end(connection: Connection, *, complete: bool = True) -> Recording:
    live.begin_closing(connection=connection, complete=complete)
    closing.close_live(recording_id=connection.live_id)
    return Recording.objects.get(pk=connection.live_id)


def stored_files(settings: Any) -> list[str]:
    return sorted(path.name for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


def decoded(recording: Recording) -> Samples:
    return np.concatenate(list(audio.decode(recording.media.path, limits=LIMITS)))
