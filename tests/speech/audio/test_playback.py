from pathlib import Path

import numpy as np
import pytest

from tests.sounds import JFK, convert
from transcription.speech.audio import Limits, decode, encode_playback, probe
from transcription.speech.errors import MediaError

LIMITS = Limits()


def test_copy_has_the_recording_on_the_same_timeline(tmp_path: Path) -> None:
    source = convert(JFK, tmp_path / "a.wma")
    copy = tmp_path / "copy.mp3"
    copy.write_bytes(b"".join(encode_playback(source, limits=LIMITS)))
    assert probe(copy, limits=LIMITS).container == "mp3"
    assert copy.stat().st_size / 12_000 == pytest.approx(11.0, abs=0.15)
    sound, original = (np.concatenate(list(decode(path, limits=LIMITS))) for path in (copy, source))
    length = min(len(sound), len(original))
    spectrum = np.fft.rfft(sound[:length], 2 * length) * np.conj(np.fft.rfft(original[:length], 2 * length))
    assert np.argmax(np.fft.irfft(spectrum)) / 16_000 == pytest.approx(0.0, abs=0.03)


def test_copy_of_something_unreadable_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.mp3"
    path.write_text("words " * 1000)
    with pytest.raises(MediaError):
        list(encode_playback(path, limits=LIMITS))


def test_copy_stops_at_the_longest_length_allowed(tmp_path: Path) -> None:
    long = convert(JFK, tmp_path / "long.wav", "-af", "aloop=loop=9:size=2e6")
    pieces = list(encode_playback(long, limits=Limits(max_seconds=30.0)))
    assert 30 * 12_000 <= sum(map(len, pieces)) < 60 * 12_000
