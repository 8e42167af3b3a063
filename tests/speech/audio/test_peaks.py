import numpy as np
import pytest

from tests.sounds import noise, silence, tone
from transcription.speech.audio import Peaks


def peaks(*pieces: np.ndarray, most: int = 4000) -> Peaks:
    collected = Peaks(most)
    for piece in pieces:
        collected.add(piece)
    return collected


def test_no_sound_has_no_peaks() -> None:
    assert peaks().result().tolist() == []


def test_short_sound_has_a_peak_every_ten_milliseconds() -> None:
    collected = peaks(tone(0.105))
    assert collected.seconds_per_peak == 0.01
    assert len(collected.result()) == 11


@pytest.mark.parametrize("seconds", [0.04, 0.05, 1.0, 3.33, 100.0])
def test_any_length_fits(seconds: float) -> None:
    collected = peaks(tone(seconds), most=4)
    assert len(collected.result()) <= 4
    covered = len(collected.result()) * collected.seconds_per_peak
    assert 0 <= covered - seconds < collected.seconds_per_peak + 1e-9


def test_peaks_do_not_depend_on_how_the_sound_arrives() -> None:
    sound = noise(7.3)
    pieces = np.split(sound, [1, 7, 170, 5000, 5001, 90_000])
    np.testing.assert_array_equal(peaks(*pieces, most=100).result(), peaks(sound, most=100).result())


def test_a_click_survives_every_merge() -> None:
    sound = silence(60.0)
    sound[500_000] = 1.0
    collected = peaks(sound, most=50)
    expected = np.zeros(len(collected.result()), np.uint8)
    expected[int(500_000 / 16_000 / collected.seconds_per_peak)] = 255
    np.testing.assert_array_equal(collected.result(), expected)


def test_silence_is_flat_and_faint_noise_stays_low() -> None:
    assert peaks(silence(1.0)).result().max() == 0
    assert peaks(tone(1.0, level=0.0001)).result().max() < 50


def test_quiet_recording_fills_the_height_and_keeps_its_shape() -> None:
    result = peaks(tone(1.0, level=0.004), tone(1.0, level=0.001)).result()
    assert result[10:90].min() > 240
    assert 120 < result[110:190].min() <= result[110:190].max() < 135


def test_odd_number_of_peaks_is_refused() -> None:
    with pytest.raises(ValueError, match="even"):
        Peaks(7)
