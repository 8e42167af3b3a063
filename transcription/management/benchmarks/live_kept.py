"""Whether the server kept what it promised to a speaker: each acknowledged sample, each final word, once."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from transcription.enums import RecordingState
from transcription.management.benchmarks.live_client import RATE, LiveClient
from transcription.management.benchmarks.live_streams import read_samples
from transcription.management.benchmarks.live_talk import Simulation
from transcription.models import Recording, TranscriptSegment
from transcription.speech.engines.scripted import SLOT, ScriptedEngine
from transcription.speech.types import SAMPLE_RATE, DecodeOptions, Samples, Window
from transcription.speech.vad import FRAME, SpeechDetector
from transcription.speech.windows import OFFSET

Final = tuple[int, float, float, str]
"""Index, start, end and text of a segment."""
MOSTLY = 0.5
"""Share of a word's half second that must be speech: those at the edge of a pause are in one window and not in another,
as it happens to begin."""
PATIENCE = 180.0
"""Seconds in which the recording must have become one file."""


@dataclass(slots=True)
class Kept:
    """Of one recording, once it has ended."""

    seconds: float
    acked: int
    """Samples."""
    connections: int
    samples_lost: int = 0
    """Acknowledged, and now not there or other ones."""
    words: int = 0
    words_lost: int = 0
    words_doubled: int = 0
    longest_silence: float = 0.0
    """Seconds between two acks."""
    problems: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not (self.samples_lost or self.words_lost or self.words_doubled or self.problems)

    def __str__(self) -> str:
        state = "whole" if self.is_whole else "NOT WHOLE: " + "; ".join(self.problems)
        return (
            f"  {self.seconds:.0f} s over {self.connections} connections, {self.words} words, "
            f"{self.samples_lost} samples lost, {self.words_lost} words lost, {self.words_doubled} doubled: {state}"
        )


def compare(client: LiveClient, refusal: str = "") -> Kept:
    """What the client sent, was acknowledged and was told, against what is stored. Waits for the recording's end."""
    heard = client.heard
    kept = Kept(client.said / RATE, client.acked, heard.connections, problems=[*heard.problems])
    if refusal:
        kept.problems.append(refusal)
    if client.acked != client.said:
        kept.problems.append(f"{client.said - client.acked} samples were never acknowledged")
    kept.longest_silence = max((b[0] - a[0] for a, b in pairwise(heard.acks)), default=0.0)
    recording = _wait_until_ready(client.id)
    if recording is None:
        kept.problems.append("the recording did not become ready")
        return kept
    sent = np.frombuffer(client.sound, dtype="<i2")
    kept.samples_lost = lost_samples(sent[: client.acked], _stored(recording))
    told = [
        _final(*(one[name] for name in ("index", "start", "end", "text"))) for _, one in sorted(heard.finals.items())
    ]
    _compare_words(kept, sent, _rows(recording), told)
    return kept


def lost_samples(sent: NDArray[np.int16], stored: NDArray[np.int16]) -> int:
    """How many of those sent are not stored at their place."""
    both = min(len(sent), len(stored))
    return int(np.count_nonzero(sent[:both] != stored[:both])) + len(sent) - both


def lost_and_doubled(words: Sequence[str], expected: Sequence[str]) -> tuple[int, int]:
    """Of words whose names tell them apart: how many of those expected are missing, and how many are there again."""
    there = Counter(words)
    return len(set(expected) - set(there)), sum(count - 1 for count in there.values())


def _compare_words(kept: Kept, sent: NDArray[np.int16], rows: list[Final], told: list[Final]) -> None:
    """Finals that were told must be the rows, and hold what an undisturbed reading of the same sound holds."""
    if rows != told:
        untold, lone = [row for row in rows if row not in told], [one for one in told if one not in rows]
        kept.problems.append(f"rows that were not told: {untold[:3]}; told, but no rows: {lone[:3]}")
    words = [word for _, _, _, text in rows for word in text.split()]
    samples = sent.astype(np.float32) / np.float32(32768)
    expected = sorted(set(undisturbed(samples)) & spoken_words(samples))
    kept.words = len(words)
    kept.words_lost, kept.words_doubled = lost_and_doubled(words, expected)
    if more := sorted(set(words) - audible_words(samples)):
        kept.problems.append(f"words that nobody said: {more[:5]}")
    if missing := sorted(set(expected) - set(words)):
        kept.problems.append(f"lost: {missing[:5]}")


def spoken_words(samples: Samples) -> set[str]:
    """The scripted engine's names of the half seconds in which the detector mostly hears speech."""
    frames = len(samples) // FRAME * FRAME
    is_speech = SpeechDetector().probabilities(samples[:frames]) >= OFFSET
    slots = np.arange(frames // FRAME) * FRAME // int(SLOT * SAMPLE_RATE)
    return {f"w{slot}" for slot in np.unique(slots) if is_speech[slots == slot].mean() >= MOSTLY}


def audible_words(samples: Samples) -> set[str]:
    """All that the scripted engine can hear: a window may hold only the louder part of a half second."""
    window = Window(0.0, 2 * samples)
    (hypothesis,) = ScriptedEngine().transcribe([window], DecodeOptions(language="en"))
    return set(hypothesis.text.split())


def undisturbed(samples: Samples) -> list[str]:
    """The words of the scripted engine when nothing happens, on a virtual clock."""
    simulation = Simulation(samples)
    simulation.part(len(samples) / SAMPLE_RATE)
    simulation.end()
    return simulation.words


def _rows(recording: Recording) -> list[Final]:
    rows = TranscriptSegment.objects.filter(transcript__recording=recording).order_by("index")
    return [_final(*row) for row in rows.values_list("index", "start", "end", "text")]


def _final(index: int, start: float, end: float, text: str) -> Final:
    """Times to a hundredth of a second: messages may be rounder than rows."""
    return index, round(start, 2), round(end, 2), text


def _stored(recording: Recording) -> NDArray[np.int16]:
    if not recording.media:
        return np.zeros(0, dtype=np.int16)
    return np.rint(read_samples(Path(recording.media.path)) * 32768).astype(np.int16)


def _wait_until_ready(pk: str) -> Recording | None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        recording = Recording.objects.filter(pk=UUID(pk), state=RecordingState.READY).first()
        if recording is not None and not recording.jobs.active().exists():
            return recording
        time.sleep(0.2)
    return None
