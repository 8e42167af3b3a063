"""Speech that a reading left out."""

import numpy as np
import pytest

from transcription.speech.skips import divide, left_out, place_to_divide
from transcription.speech.types import SAMPLE_RATE, Window, Word
from transcription.speech.windows import Cut, Span

SAMPLES = np.arange(10 * SAMPLE_RATE, dtype=np.float32)
CUT = Cut(Window(10.0, SAMPLES, "prompt", " prefix"), (Span(11.0, 13.0), Span(13.05, 14.0), Span(15.0, 19.0)))


def words(*starts: float) -> list[Word]:
    return [Word(start, start + 0.3, " word", 0.9) for start in starts]


@pytest.mark.parametrize(
    ("starts", "gap"),
    [
        ((11.0, 12.0, 13.1, 15.0, 16.3, 17.6), None),
        ((11.0, 12.0, 13.1, 15.0, 16.3), Span(16.3, 20.0)),  # at the end
        ((15.0, 16.3, 17.6), Span(11.0, 15.0)),  # at the beginning
        ((11.0, 12.0, 16.3, 17.6), Span(12.0, 16.3)),
        ((11.0, 12.0, 13.1, 15.3, 16.6, 17.6), None),  # the pause between 14 and 15 s is not speech
    ],
)
def test_left_out_is_speech_between_the_starts_of_words(starts, gap):
    assert left_out(words(*starts), CUT) == gap


@pytest.mark.parametrize(
    ("gap", "place"),
    [
        (Span(11.5, 16.0), 14.5),  # 13.025 is no pause to speak of
        (Span(14.6, 20.0), None),
    ],
)
def test_place_to_divide_is_the_first_pause(gap, place):
    assert place_to_divide(CUT, gap) == place


def test_divide_loses_no_sample_and_no_span():
    head, tail = divide(CUT, 14.5)
    assert (head.window.start, head.window.end, tail.window.start, tail.window.end) == (10.0, 14.5, 14.5, 20.0)
    assert np.array_equal(np.concatenate([head.window.samples, tail.window.samples]), SAMPLES)
    assert (head.speech, tail.speech) == (CUT.speech[:2], CUT.speech[2:])
    assert (head.window.prefix, tail.window.prefix) == (" prefix", "")
