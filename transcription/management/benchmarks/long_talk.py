"""A talk of many hours to play and to correct, made without any recogniser: sound, words with times, turns."""

from __future__ import annotations

import itertools
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from transcription.management.benchmarks.corpus import read_manifest
from transcription.management.benchmarks.full_library import BATCH, SENTENCES, finished
from transcription.management.benchmarks.scratch import add_recording
from transcription.management.benchmarks.sound import repeat_speech
from transcription.models import Recording, Speaker, Transcript, TranscriptSegment

PIECE_SECONDS = 60.0
MOST_WORDS = 24
"""Of a passage; a sentence that is longer goes on in the next."""
SPEAKERS = ("Ada", "Grace", "Alan", "")
DOUBTFUL_PASSAGES = 0.02
_SENTENCE_END = re.compile(r"(?<=[.!?»])\s+")


@dataclass(frozen=True, slots=True)
class Passage:
    words: list[str]
    language: str


def add_long_talk(*, hours: float, words: int, longform: Path | None) -> Recording:
    """A recording in the library: so many words in ``hours``, from the texts of a manifest or a few sentences."""
    seconds = hours * 3600
    path = settings.DATA / "talk.mp3"
    _write_sound(path, seconds)
    recording = add_recording(path, title="A very long hearing")
    path.unlink()
    recording.playback.name = recording.media.name  # it is made as the copy for the player is
    recording.save(update_fields=["playback"])
    transcript = finished(recording, seconds)
    for number, name in enumerate(SPEAKERS, 1):
        Speaker.objects.create(transcript=transcript, number=number, name=name)
    passages = list(_passages(_sentences(longform), words))
    TranscriptSegment.objects.bulk_create(_segments(transcript, passages, seconds), batch_size=BATCH)
    return recording


def _write_sound(path: Path, seconds: float) -> None:
    """A minute of speech over and over. Its bytes can be repeated: every frame of the copy for players is as long."""
    piece = path.with_name("piece.mp3")
    length = repeat_speech(sorted((settings.BASE_DIR / "tests" / "data").glob("*.flac")), piece, seconds=PIECE_SECONDS)
    sound = piece.read_bytes()
    piece.unlink()
    with path.open("wb") as file:
        for _ in range(int(seconds / length) + 1):
            file.write(sound)


def _sentences(longform: Path | None) -> list[Passage]:
    if longform is None:
        return [Passage(sentence.split(), "en") for sentence in SENTENCES]
    rows = read_manifest(longform / "manifest.jsonl")
    return [Passage(each.split(), row.language) for row in rows for each in _SENTENCE_END.split(row.text)]


def _passages(sentences: list[Passage], words: int) -> Iterator[Passage]:
    """Sentences over and over, until there are so many words."""
    for sentence in itertools.cycle(sentences):
        for first in range(0, len(sentence.words), MOST_WORDS):
            said = sentence.words[first : first + MOST_WORDS][:words]
            if said:
                yield Passage(said, sentence.language)
            words -= len(said)
        if words <= 0:
            return


def _segments(transcript: Transcript, passages: list[Passage], seconds: float) -> Iterator[TranscriptSegment]:
    """One after the other; a word takes as long as it has letters, and a little more."""
    draw = random.Random(0)
    unit = seconds / sum(_letters(word) for passage in passages for word in passage.words)
    now, speaker = 0.0, 1
    for index, passage in enumerate(passages):
        start, words = now, []
        for word in passage.words:
            began, now = now, now + unit * _letters(word)
            words.append([round(began, 2), round(now, 2), f" {word}", round(draw.random() ** 0.2, 3)])
        if draw.random() < 0.3:
            speaker = draw.randint(1, len(SPEAKERS))
        yield TranscriptSegment(
            transcript=transcript,
            index=index,
            rank=index,
            start=round(start, 2),
            end=round(now, 2),
            text=" ".join(passage.words),
            language=passage.language,
            speaker=speaker,
            confidence=0.9,
            doubt="unsure" if draw.random() < DOUBTFUL_PASSAGES else "",
            words=words,
        )


def _letters(word: str) -> int:
    return len(word) + 2
