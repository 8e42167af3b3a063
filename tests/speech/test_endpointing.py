"""Utterances from probabilities of speech."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from transcription.speech.endpointing import Endpoint, Endpointer, Endpointing, Onset
from transcription.speech.vad import FRAME_SECONDS


def signs(probabilities, options=Endpointing()):  # noqa: B008  (frozen)
    endpointer = Endpointer(options)
    return [sign for probability in probabilities if (sign := endpointer.step(probability))]


def frames(seconds: float) -> int:
    return round(seconds / FRAME_SECONDS)


def test_an_utterance_begins_with_its_first_frame_and_ends_after_its_last():
    found = signs([0.0] * 10 + [0.9] * 20 + [0.0] * 30)
    assert found == [Onset(10), Endpoint(30)]


def test_a_single_loud_frame_is_no_speech():
    assert signs([0.0] * 10 + [0.9] + [0.0] * 40) == []


def test_a_breath_does_not_end_it():
    assert signs([0.9] * 20 + [0.0] * frames(0.4) + [0.9] * 20) == [Onset(0)]


def test_a_long_utterance_ends_at_a_shorter_silence():
    breath = [0.0] * frames(0.35)
    assert signs([0.9] * frames(12.0) + breath)[-1] == Endpoint(frames(12.0))


def test_a_threshold_and_a_silence_of_ones_own_are_kept_to():
    heard = [0.0] * 10 + [0.4] * 20 + [0.0] * frames(0.35) + [0.4] * 20 + [0.0] * frames(0.45)
    assert signs(heard) == []
    own = Endpointing(onset=0.3, offset=0.15, hangover=0.3, short_hangover=0.3)
    second = 30 + frames(0.35)
    assert signs(heard, own) == [Onset(10), Endpoint(30), Onset(second), Endpoint(second + 20)]
    long = [0.9] * frames(12.0) + [0.0] * frames(0.35)
    assert signs(long, Endpointing(hangover=0.5, short_hangover=0.5)) == [Onset(0)]


@given(st.lists(st.floats(0, 1), max_size=400))
def test_onsets_and_endpoints_take_turns(probabilities):
    found = signs(np.asarray(probabilities))
    assert all(isinstance(sign, Onset if i % 2 == 0 else Endpoint) for i, sign in enumerate(found))
    assert [sign.frame for sign in found] == sorted(sign.frame for sign in found)
