"""Joined sound has every sample that was stored."""

import io
from pathlib import Path

import av
import numpy as np
import pytest

from tests.speech.sounds import speech
from transcription.speech.audio import Limits, decode, join_container, join_pcm, probe
from transcription.speech.errors import EmptyMedia, MediaError

RATE = 16_000


def cut(data: bytes, size: int = 31_999):
    return (data[begin : begin + size] for begin in range(0, len(data), size))


def samples_of(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100])
def test_16_bit_samples_come_back_as_they_were(tmp_path, rate):
    noise = (np.random.default_rng(1).normal(size=rate * 9 + 7) * 3000).astype("<i2")
    join_pcm(cut(noise.tobytes()), "pcm_s16le", rate, tmp_path / "joined")
    assert np.array_equal(samples_of(tmp_path / "joined"), noise)
    info = probe(tmp_path / "joined", limits=Limits())
    assert (info.codec, info.sample_rate) == ("flac", rate)
    assert info.duration == pytest.approx(9, abs=0.01)


def test_floating_point_keeps_24_bits(tmp_path):
    tone = np.sin(np.arange(RATE) / 7).astype("<f4")
    join_pcm(cut(tone.tobytes()), "pcm_f32le", RATE, tmp_path / "joined")
    assert np.abs(samples_of(tmp_path / "joined") / 2**31 - tone).max() < 2**-22


def test_mulaw_is_expanded(tmp_path):
    codes = bytes(range(256)) * 20
    join_pcm(cut(codes, 100), "mulaw", 8_000, tmp_path / "joined")
    joined = samples_of(tmp_path / "joined")
    assert len(joined) == len(codes)
    assert (joined.min(), joined.max()) == (-32124, 32124)


def test_no_sound_is_said_to_be_none(tmp_path):
    with pytest.raises(EmptyMedia):
        join_pcm([], "pcm_s16le", RATE, tmp_path / "joined")


@pytest.mark.parametrize(("form", "codec"), [("webm", "libopus"), ("ogg", "libopus")])
def test_a_container_becomes_a_file_that_can_be_sought(tmp_path, form, codec):
    data = io.BytesIO()
    with av.open(data, "w", format=form) as container:
        stream = container.add_stream(codec, rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(speech()[None, :], format="flt", layout="mono")
        frame.sample_rate = RATE
        for resampled in av.AudioResampler("flt", "mono", 48_000).resample(frame):
            container.mux(stream.encode(resampled))
        container.mux(stream.encode(None))
    join_container(cut(data.getvalue(), 4_000), form, tmp_path / "joined")
    with decode(tmp_path / "joined", limits=Limits()) as decoder:
        joined = np.concatenate(list(decoder))
    assert len(joined) == pytest.approx(len(speech()), abs=RATE * 0.1)
    assert np.corrcoef(np.abs(joined[: RATE * 10]), np.abs(speech()[: RATE * 10]))[0, 1] > 0.5


def test_random_bytes_are_no_container(tmp_path):
    with pytest.raises(MediaError):
        join_container(cut(np.random.default_rng(2).bytes(300_000)), "webm", tmp_path / "joined")
