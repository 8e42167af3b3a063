"""A million segments of made-up speech, put into the database as quickly as it takes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.models import User
from transcription.enums import JobState, RecordingState
from transcription.models import Job, Recording, Speaker, Transcript

_COMMON = """
the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one you
were all her she there would their we him been has when who will no more if out so said what
"""
COMMON = _COMMON.split()
LANGUAGES = ("en",) * 7 + ("de",) * 2 + ("",)
A_RECORDING = 500
"""Segments: half an hour."""
VOCABULARY = 60_000
WORDS = (6, 18)
"""Fewest and most in a segment."""
SECONDS = 4.0
BATCH = 20_000
SPEAKERS = 3
"""In each recording; the first is the same person in all of them."""
NAMES = 400
"""Of the others."""
_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "il", "on", "us")]


@dataclass(frozen=True, slots=True)
class Spoken:
    """``words`` from the most common to the rarest; ``counts``: in how many places each was put; ``phrases`` occur.

    ``names`` of speakers: of who speaks in all recordings, then of the others.
    """

    words: list[str]
    counts: np.ndarray
    phrases: list[str]
    names: list[str]


def speak(owner: User, *, segments: int) -> Spoken:
    """Fill the library. Words follow Zipf's law, as in any language; the commonest are English ones."""
    draw = np.random.default_rng(4)
    words = _vocabulary(draw)
    chances = 1 / np.arange(1, VOCABULARY + 1) ** 1.05
    limits = np.cumsum(chances / chances.sum())
    limits[-1] = 1.0
    transcripts = _recordings(owner, -(-segments // A_RECORDING))
    names = _speakers(draw, transcripts, words)
    counts, phrases = np.zeros(VOCABULARY, np.int64), []
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX segment_search")  # built at the end, at once: in a quarter of the time
        for first in range(0, segments, BATCH):
            size = min(BATCH, segments - first)
            lengths = draw.integers(*WORDS, size)
            ranks = np.searchsorted(limits, draw.random(int(lengths.sum())))
            np.add.at(counts, ranks, 1)
            spoken = np.split(ranks, np.cumsum(lengths)[:-1])
            phrases.append(" ".join(words[rank] for rank in spoken[0][:3]))
            _copy(cursor, transcripts, first, ([words[rank] for rank in each] for each in spoken))
        cursor.execute("SET maintenance_work_mem = '512MB'")
        cursor.execute(
            "CREATE INDEX segment_search ON transcription_transcriptsegment USING gin (search) WITH (fastupdate = off)"
        )
        cursor.execute("VACUUM ANALYZE")  # as the database does by itself within minutes
    return Spoken(words, counts, phrases, names)


def _speakers(draw: np.random.Generator, transcripts: list[int], words: list[str]) -> list[str]:
    """Their first names are words that are said, too."""
    names = [f"{words[1000 + n]} {words[3000 + n]}".title() for n in range(NAMES + 1)]
    Speaker.objects.bulk_create(
        (
            Speaker(transcript_id=transcript, number=number, name=name)
            for transcript in transcripts
            for number, name in enumerate([names[0], *draw.choice(names[1:], SPEAKERS - 1, replace=False)], 1)
        ),
        batch_size=2000,
    )
    return names


def _vocabulary(draw: np.random.Generator) -> list[str]:
    made = dict.fromkeys(COMMON)
    while len(made) < VOCABULARY:
        made["".join(draw.choice(_SYLLABLES, draw.integers(2, 5)))] = None
    return list(made)


def _recordings(owner: User, count: int) -> list[int]:
    """Transcripts, one each; each hundredth recording has an older one, too."""
    began = timezone.now() - timedelta(minutes=count)
    recordings = [
        Recording(owner=owner, title=f"Meeting {n}", state=RecordingState.READY, duration=SECONDS * A_RECORDING, size=1)
        for n in range(count)
    ]
    Recording.objects.bulk_create(recordings, batch_size=1000)
    for n, recording in enumerate(recordings):
        recording.created_at = began + timedelta(minutes=n)
    Recording.objects.bulk_update(recordings, ["created_at"], batch_size=500)
    written = [
        Transcript(
            recording=recording,
            version=2,
            engine=settings.ENGINE,
            model="base",
            language=LANGUAGES[n % 10],
            is_complete=True,
        )
        for n, recording in enumerate(recordings)
    ]
    older = [
        Transcript(recording=recording, version=1, engine=settings.ENGINE, model="base", is_complete=True)
        for recording in recordings[::100]
    ]
    Transcript.objects.bulk_create(written + older, batch_size=1000)
    Job.objects.bulk_create(
        (
            Job(recording=each.recording, transcript=each, state=JobState.DONE, engine="x", model="base")
            for each in written
        ),
        batch_size=1000,
    )
    return [transcript.pk for transcript in written]


def _copy(cursor: object, transcripts: list[int], first: int, spoken: Iterator[list[str]]) -> None:
    columns = 'transcript_id, "index", rank, speaker, start, "end", text, language, confidence, doubt, words'
    with cursor.copy(f"COPY transcription_transcriptsegment ({columns}) FROM STDIN") as copy:  # type: ignore[attr-defined]
        for number, words in enumerate(spoken, first):
            index = number % A_RECORDING
            start = index * SECONDS
            timed = [
                [round(start + 0.2 * n, 2), round(start + 0.2 * n + 0.2, 2), f" {w}", 0.9] for n, w in enumerate(words)
            ]
            place = number // A_RECORDING
            copy.write_row(
                (
                    transcripts[place],
                    index,
                    index,
                    index % SPEAKERS + 1,
                    start,
                    start + SECONDS,
                    " ".join(words),
                    LANGUAGES[place % 10],
                    0.9,
                    "",
                    json.dumps(timed),
                )
            )
