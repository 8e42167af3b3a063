"""The detector on sound whose answer is known."""

import numpy as np
import pytest

from tests.speech.sounds import speech
from transcription.speech.types import SAMPLE_RATE, Samples
from transcription.speech.vad import FRAME, SpeechDetector


def whole(samples: Samples) -> Samples:
    return samples[: len(samples) // FRAME * FRAME]


def share_of_speech(samples: Samples) -> float:
    return float((SpeechDetector().probabilities(whole(samples)) >= 0.5).mean())


def test_probabilities_of_nothing_are_none():
    assert len(SpeechDetector().probabilities(np.zeros(0, dtype=np.float32))) == 0


def test_probabilities_block_by_block_are_those_of_the_whole():
    samples = whole(speech())
    detector, size = SpeechDetector(), 7 * FRAME
    pieces = [detector.probabilities(samples[begin : begin + size]) for begin in range(0, len(samples), size)]
    np.testing.assert_allclose(np.concatenate(pieces), SpeechDetector().probabilities(samples), atol=1e-4)


@pytest.mark.parametrize("gain", [1.0, 0.003])
def test_probabilities_hear_speech_loud_and_very_quiet(gain):
    assert share_of_speech((speech() * gain).astype(np.float32)) > 0.5


def test_probabilities_hear_none_in_silence_hum_and_noise():
    time = np.arange(10 * SAMPLE_RATE) / SAMPLE_RATE
    noise = np.random.default_rng(0).normal(0, 0.05, len(time))
    for sound in (np.zeros(len(time)), 0.1 * np.sin(2 * np.pi * 50 * time), noise):
        assert share_of_speech(sound.astype(np.float32)) == 0.0
