import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sounds import JFK, convert, run_ffmpeg, speech, tone
from transcription.speech.audio import bytes_per_sample, open_stream
from transcription.speech.errors import MediaError, UnknownEncoding
from transcription.speech.types import Samples

RATES = [8_000, 11_025, 16_000, 22_050, 24_000, 44_100, 47_999, 48_000]
KINDS = ["pcm_s16le", "pcm_f32le", "mulaw", "alaw"]


def read(data: bytes, encoding: str, rate: int, cuts: list[int] | None = None) -> Samples:
    stream = open_stream(encoding, rate)
    edges = [0, *sorted(cuts or []), len(data)]
    parts = [stream.feed(data[begin:end]) for begin, end in zip(edges, edges[1:], strict=False)]
    parts.append(stream.finish())
    stream.close()
    return np.concatenate(parts)


def raw(tmp_path, rate: int, codec: str, form: str) -> bytes:
    return convert(JFK, tmp_path / "sound.raw", "-ac", "1", "-ar", str(rate), "-c:a", codec, "-f", form).read_bytes()


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("encoding", KINDS)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_samples_do_not_depend_on_where_the_bytes_are_cut(encoding: str, rate: int, data) -> None:
    sound = data.draw(st.binary(max_size=9000))
    cuts = data.draw(st.lists(st.integers(0, len(sound)), max_size=200))
    assert np.array_equal(read(sound, encoding, rate, cuts), read(sound, encoding, rate))


@pytest.mark.parametrize("encoding", KINDS)
@given(sound=st.binary(max_size=400))
@settings(deadline=None)
def test_any_bytes_become_samples_within_limits(encoding: str, sound: bytes) -> None:
    for rate in (16_000, 8_000, 44_100):
        samples = read(sound, encoding, rate)
        assert samples.dtype == np.float32
        assert np.all(np.abs(samples) <= 1)  # and none is NaN


def test_hostile_floats_are_made_harmless() -> None:
    values = np.array([np.nan, np.inf, -np.inf, 3e38, -3e38, 0.25, 1e-45], "<f4")
    assert read(values.tobytes(), "pcm_f32le", 16_000).tolist() == pytest.approx([0, 1, -1, 1, -1, 0.25, 0])


def test_one_bad_float_does_not_spoil_what_follows_in_the_resampler() -> None:
    sound = np.concatenate([np.full(4800, np.nan, np.float32), tone(1.0, hertz=147.0)]).astype("<f4")
    samples = read(sound.tobytes(), "pcm_f32le", 48_000)
    assert np.sqrt(np.mean(samples[2400:4800] ** 2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.02)


FORMS = [("pcm_s16le", "s16le"), ("pcm_f32le", "f32le"), ("pcm_mulaw", "mulaw"), ("pcm_alaw", "alaw")]


@pytest.mark.parametrize(("codec", "form"), FORMS)
def test_samples_are_what_ffmpeg_reads(tmp_path, codec: str, form: str) -> None:
    sound = raw(tmp_path, 16_000, codec, form)
    copy = convert_back(tmp_path, form)
    samples = read(sound, form if form in KINDS else codec, 16_000, [1, 3, 77_777])
    assert np.array_equal(samples, np.clip(copy, -1, 1))


def convert_back(tmp_path, form: str) -> Samples:
    source, target = tmp_path / "sound.raw", tmp_path / "copy.raw"
    run_ffmpeg("-f", form, "-ar", "16000", "-ac", "1", "-i", source, "-c:a", "pcm_f32le", "-f", "f32le", target)
    return np.fromfile(target, "<f4")


@pytest.mark.parametrize("rate", RATES)
def test_resampled_speech_lies_where_it_was_spoken(tmp_path, rate: int) -> None:
    samples, original = read(raw(tmp_path, rate, "pcm_s16le", "s16le"), "pcm_s16le", rate), speech()
    assert len(samples) == pytest.approx(len(original), abs=2)
    length = min(len(samples), len(original))
    spectrum = np.fft.rfft(samples[:length], 2 * length) * np.conj(np.fft.rfft(original[:length], 2 * length))
    assert np.argmax(np.fft.irfft(spectrum)) in {0, 1, 2 * length - 1}
    assert np.corrcoef(samples[:length], original[:length])[0, 1] > 0.98


@pytest.mark.parametrize("rate", RATES)
def test_resampling_holds_little_back(rate: int) -> None:
    stream, given_seconds, got = open_stream("pcm_s16le", rate), 0.0, 0
    for _ in range(50):
        got += len(stream.feed(bytes(2 * (rate // 10))))
        given_seconds += (rate // 10) / rate
        assert given_seconds - got / 16_000 < 0.15


def test_half_a_sample_at_the_end_is_dropped() -> None:
    assert len(read(b"\0" * 7, "pcm_s16le", 16_000, [3])) == 3


def test_nothing_in_nothing_out() -> None:
    assert [len(read(b"", encoding, rate)) for encoding in KINDS for rate in (8_000, 16_000)] == [0] * 8


def test_close_may_come_at_any_time() -> None:
    for rate in (8_000, 16_000):
        stream = open_stream("pcm_s16le", rate)
        stream.feed(bytes(101))
        stream.close()
        stream.close()


@pytest.mark.parametrize(("encoding", "rate"), [("mp3", 16_000), ("", 16_000), ("pcm_s16le", 7_999), ("mulaw", 48_001)])
def test_what_is_not_known_is_refused_in_words(encoding: str, rate: int) -> None:
    with pytest.raises(UnknownEncoding) as refusal:
        open_stream(encoding, rate)
    assert isinstance(refusal.value, MediaError)
    assert "encoding" in refusal.value.message


def test_widths() -> None:
    assert [bytes_per_sample(kind) for kind in [*KINDS, "webm", "ogg"]] == [2, 4, 1, 1, 1, 1]
