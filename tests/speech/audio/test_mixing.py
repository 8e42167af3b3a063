import numpy as np
import pytest

from tests.sounds import Sound, noise, silence, tone
from transcription.speech.audio.mixing import Mixer
from transcription.speech.types import SAMPLE_RATE


def mix(*channels: Sound, block: int = SAMPLE_RATE) -> Sound:
    sound = np.stack(channels, axis=1)
    mixer = Mixer(len(channels))
    return np.concatenate([mixer.mix(sound[at : at + block]) for at in range(0, len(sound), block)])


def level(sound: Sound) -> float:
    return float(np.sqrt(np.mean(np.square(sound))))


def strength(sound: Sound, part: Sound) -> float:
    """How much of ``part`` is in ``sound``: 1 when all."""
    return abs(float(sound @ part / (part @ part)))


def test_mono_is_unchanged() -> None:
    np.testing.assert_array_equal(mix(tone(2.0)), tone(2.0))


def test_equal_channels_are_averaged() -> None:
    np.testing.assert_allclose(mix(tone(2.0), tone(2.0)), tone(2.0), atol=1e-6)


def test_silent_channels_do_not_weaken_a_voice() -> None:
    quiet = silence(2.0)
    np.testing.assert_allclose(mix(quiet, tone(2.0), quiet, quiet, quiet, quiet), tone(2.0), atol=1e-6)


@pytest.mark.parametrize("sign", [1, -1])
def test_two_voices_are_both_kept(sign: int) -> None:
    one, other = tone(3.0, hertz=300), sign * tone(3.0, hertz=1100)
    mixed = mix(one, other)
    assert strength(mixed, one) == pytest.approx(0.5, abs=0.01)
    assert strength(mixed, other) == pytest.approx(0.5, abs=0.01)


def test_voices_taking_turns_are_both_kept() -> None:
    one = np.concatenate([tone(2.0, hertz=300), silence(2.0)])
    other = np.concatenate([silence(2.0), tone(2.0, hertz=1100)])
    mixed = mix(one, other)
    assert strength(mixed, one) > 0.45
    assert strength(mixed, other) > 0.45


def test_opposed_channels_keep_their_sound_and_what_they_do_not_share() -> None:
    shared, own = noise(3.0, level=0.2), noise(3.0, level=0.05, seed=1)
    mixed = mix(shared + own, -shared)
    assert strength(mixed, shared) > 0.9
    assert strength(mixed, own) > 0.4


def test_eight_channels_in_mixed_polarity_do_not_cancel() -> None:
    voice = noise(2.0, level=0.2)
    mixed = mix(*(voice if index % 2 else -voice for index in range(8)))
    assert level(mixed) == pytest.approx(level(voice), rel=0.01)


def test_uncertain_correlation_does_not_flip_the_polarity() -> None:
    """Channels related by -0.5 and +0.5 in turn: a flip at each change would be audible, and is not needed."""
    one, other = noise(6.0, level=0.2), noise(6.0, level=0.2, seed=1)
    turns = np.sign(np.sin(np.arange(len(one)) * np.pi / SAMPLE_RATE))
    second = (turns * one * 0.5 + other * 0.866).astype(np.float32)
    np.testing.assert_allclose(mix(one, second), (one + second) / 2, atol=0.01)


def test_change_of_polarity_makes_no_click() -> None:
    voice = tone(4.0, hertz=100)
    second = np.concatenate([voice[: 2 * SAMPLE_RATE], -voice[2 * SAMPLE_RATE :]])
    mixed = mix(voice, second)
    np.testing.assert_allclose(np.abs(mixed[1600:-1600]).max(), 0.5, atol=0.01)
    assert np.abs(np.diff(mixed)).max() < 2 * np.abs(np.diff(voice)).max()
    assert level(mixed) == pytest.approx(level(voice), rel=0.01)


def test_silence_stays_silence() -> None:
    np.testing.assert_array_equal(mix(silence(2.0), silence(2.0)), silence(2.0))
