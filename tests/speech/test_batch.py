"""The pipeline over real speech, with the scripted engine."""

import time
from itertools import pairwise

import numpy as np
import pytest

from tests.speech.sounds import SPEECH_SECONDS, blocks, speech
from transcription.speech.batch import MOST_IN_WORK, transcribe
from transcription.speech.engines.scripted import ScriptedEngine
from transcription.speech.errors import Cancelled, UnsupportedLanguage
from transcription.speech.types import SAMPLE_RATE, Checkpoint, Samples, Segment, TranscribeOptions


def run(samples: Samples, engine: ScriptedEngine | None = None, **options) -> list[Checkpoint]:
    return list(transcribe(blocks(samples), engine or ScriptedEngine(), TranscribeOptions(), **options))


def segments(checkpoints: list[Checkpoint]) -> list[Segment]:
    return [segment for checkpoint in checkpoints for segment in checkpoint.segments]


def slots(checkpoints: list[Checkpoint]) -> list[str]:
    return [word.text for segment in segments(checkpoints) for word in segment.words]


def test_transcribe_speech_gives_every_word_once_in_order():
    found = slots(run(np.tile(speech(), 8)))
    numbers = [int(text.removeprefix(" w")) for text in found]
    assert numbers == sorted(set(numbers))
    assert len(numbers) > 8 * SPEECH_SECONDS


def test_transcribe_checkpoints_cover_at_most_a_minute():
    checkpoints = run(np.tile(speech(), 12), ScriptedEngine(workers=2))
    positions = [0.0, *(checkpoint.position for checkpoint in checkpoints)]
    assert all(0 <= after - before <= MOST_IN_WORK for before, after in pairwise(positions))
    assert positions[-1] == pytest.approx(12 * SPEECH_SECONDS, abs=0.1)


def test_transcribe_segments_are_numbered_without_gaps():
    found = segments(run(np.tile(speech(), 6), first_index=7))
    assert [segment.index for segment in found] == list(range(7, 7 + len(found)))


def test_transcribe_silence_reports_progress_without_segments():
    checkpoints = run(np.zeros(100 * SAMPLE_RATE, dtype=np.float32))
    assert segments(checkpoints) == []
    positions = [0.0, *(checkpoint.position for checkpoint in checkpoints)]
    assert positions[-1] == pytest.approx(100, abs=0.1)
    assert all(after - before < 40 for before, after in pairwise(positions))


def test_transcribe_nothing_ends_with_one_empty_checkpoint():
    assert run(np.zeros(0, dtype=np.float32)) == [Checkpoint(0.0, (), "", 0.0)]


def test_transcribe_resumed_at_a_checkpoint_gives_the_rest():
    sound = np.tile(speech(), 6)
    whole = run(sound)
    for number, checkpoint in enumerate(whole[:-1]):
        warm_up = min(checkpoint.position, 20.0)
        begin = round((checkpoint.position - warm_up) * SAMPLE_RATE)
        before = whole[: number + 1]
        rest = run(
            sound[begin:],
            warm_up=warm_up,
            start=checkpoint.position,
            first_index=len(segments(before)),
            language=checkpoint.language,
        )
        assert slots(before) + slots(rest) == slots(whole)


def test_transcribe_cancelled_raises_without_waiting_for_the_engine():
    engine = ScriptedEngine(delay=3.0)
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        run(np.tile(speech(), 2), engine, should_stop=lambda: time.monotonic() > begun + 0.5)
    assert time.monotonic() < begun + 2.5


def test_transcribe_language_the_engine_lacks_is_refused():
    with pytest.raises(UnsupportedLanguage):
        list(transcribe(blocks(speech()), ScriptedEngine(), TranscribeOptions(language="xx")))


class Listener(ScriptedEngine):
    """Remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, float]] = []

    def transcribe(self, windows, options):
        self.asked += [(window.prompt, options.temperature) for window in windows]
        return super().transcribe(windows, options)


def test_prompt_is_context_of_the_first_window_only():
    engine = Listener()
    options = TranscribeOptions(vocabulary=("Scripta",), prompt="Before that.")
    list(transcribe(blocks(np.tile(speech(), 3)), engine, options))
    first, *others = [prompt for prompt, _ in engine.asked]
    assert (first, set(others)) == ("Scripta Before that.", {"Scripta"})


def test_prompt_is_given_where_a_part_of_a_recording_is_read():
    engine = Listener()
    list(transcribe(blocks(speech()), engine, TranscribeOptions(prompt="Before that."), start=30.0))
    assert engine.asked[0][0] == "Before that."


@pytest.mark.parametrize(("temperature", "asked"), [(None, {0.0}), (0.7, {0.7})])
def test_fixed_temperature_is_the_one_of_every_reading(temperature, asked):
    engine = Listener()
    list(transcribe(blocks(speech()), engine, TranscribeOptions(temperature=temperature)))
    assert {each for _, each in engine.asked} == asked


def test_segments_tell_how_they_were_decoded():
    first = segments(run(np.tile(speech(), 3)))[0]
    assert (first.decoding.seek, first.decoding.avg_logprob, first.decoding.temperature) == (0, -0.1, 0.0)
