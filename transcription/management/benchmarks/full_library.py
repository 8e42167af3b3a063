"""A library as large as one person's gets, made without any recogniser."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import timedelta

import numpy as np
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from transcription.enums import JobState, RecordingState
from transcription.models import Job, Recording, Transcript, TranscriptSegment, Upload, Waveform

SENTENCES = (
    "Printing, in the only sense with which we are at present concerned, differs from most if not from all the arts.",
    "And so, my fellow Americans, ask not what your country can do for you.",
    "It was written “as if by hand”, she said & laughed; the clerk wrote down <nothing> of it.",
    "Ask what you can do for your country, and come back when the answer is no longer than the question was.",
    "In seventeen hundred and ninety-eight the press stood in a cellar, and nobody who worked there was paid.",
)
WORDS_A_SEGMENT = 10
SECONDS_A_SEGMENT = 4.0
BATCH = 1000
STATES = {
    0: JobState.QUEUED,
    1: JobState.TRANSCRIBING,
    2: JobState.FAILED,
    3: JobState.DONE_WITH_WARNING,
    4: JobState.CANCELLED,
}
"""Of a hundred jobs these few are not simply done; one recording in a hundred is still being uploaded."""
UPLOADING = 5


def fill_library(owner: User, *, count: int) -> None:
    """Add ``count`` recordings, each with a job and its transcript's row."""
    for first in range(0, count, BATCH):
        _add_batch(owner, range(first, min(first + BATCH, count)))


def _add_batch(owner: User, numbers: range) -> None:
    recordings = Recording.objects.bulk_create(_recording(owner, number) for number in numbers)
    by_number = list(zip(numbers, recordings, strict=True))
    waiting = [recording for number, recording in by_number if number % 100 == UPLOADING]
    tomorrow = timezone.now() + timedelta(days=1)
    Upload.objects.bulk_create(
        Upload(recording=recording, length=recording.size, offset=recording.size // 3, expires_at=tomorrow)
        for recording in waiting
    )
    ready = [(number, recording) for number, recording in by_number if number % 100 != UPLOADING]
    written = Transcript.objects.bulk_create(
        Transcript(recording=recording, version=1, engine=settings.ENGINE, model="base", language="en")
        for _, recording in ready
    )
    Job.objects.bulk_create(_job(number, transcript) for (number, _), transcript in zip(ready, written, strict=True))


def _recording(owner: User, number: int) -> Recording:
    state = RecordingState.UPLOADING if number % 100 == UPLOADING else RecordingState.READY
    return Recording(
        owner=owner,
        title=f"Meeting {number}: {SENTENCES[number % len(SENTENCES)][:60]}",
        original_name=f"meeting {number}.m4a",
        state=state,
        size=30_000_000,
        media_type="audio/mp4",
        duration=1800.0 + number % 1000,
    )


def _job(number: int, transcript: Transcript) -> Job:
    state = STATES.get(number % 100, JobState.DONE)
    return Job(
        recording=transcript.recording,
        transcript=transcript,
        state=state,
        progress=0.4 if state == JobState.TRANSCRIBING else 1.0,
        seconds_left=300.0 if state == JobState.TRANSCRIBING else None,
        error_message="The decoder could not read this file." if state == JobState.FAILED else "",
        engine=transcript.engine,
        model=transcript.model,
    )


def add_long_recording(owner: User, *, segments: int) -> Recording:
    """One finished recording whose transcript has ``segments`` segments, with words and a waveform."""
    duration = segments * SECONDS_A_SEGMENT
    recording = Recording.objects.create(
        owner=owner,
        title="A very long hearing",
        state=RecordingState.READY,
        size=400_000_000,
        media_type="audio/mpeg",
        duration=duration,
    )
    TranscriptSegment.objects.bulk_create(_segments(finished(recording, duration), segments), batch_size=BATCH)
    return recording


def finished(recording: Recording, duration: float) -> Transcript:
    """Its complete transcript, still without text, with the job that wrote it and a waveform."""
    written = {"recording": recording, "engine": settings.ENGINE, "model": "base"}
    transcript = Transcript.objects.create(**written, version=1, language="en", position=duration, is_complete=True)
    Job.objects.create(**written, transcript=transcript, state=JobState.DONE, progress=1.0)
    peaks = np.random.default_rng(0).integers(0, 256, 4000, np.uint8)
    Waveform.objects.create(recording=recording, peaks=peaks.tobytes(), seconds=duration)
    return transcript


def _segments(transcript: Transcript, count: int) -> Iterator[TranscriptSegment]:
    draw = random.Random(0)
    spoken = itertools.cycle(word for sentence in SENTENCES for word in sentence.split())
    for index in range(count):
        start, step = index * SECONDS_A_SEGMENT, 0.37
        words = [
            [round(start + n * step, 2), round(start + (n + 1) * step, 2), f" {word}", round(draw.random() ** 0.2, 3)]
            for n, word in enumerate(itertools.islice(spoken, WORDS_A_SEGMENT))
        ]
        yield TranscriptSegment(
            transcript=transcript,
            index=index,
            rank=index,
            start=start,
            end=words[-1][1],
            text="".join(str(word[2]) for word in words).strip(),
            language="en",
            confidence=0.9,
            words=words,
        )
