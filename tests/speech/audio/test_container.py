import os
import time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from tests.sounds import DATA, JFK, convert, run_ffmpeg, speech
from tests.speech.audio.test_sandbox import children, descriptors, wait_for
from transcription.speech.audio import Limits, StreamDecoder, container, decode, open_stream
from transcription.speech.audio.stream import replay
from transcription.speech.errors import DecoderFailed, MediaError, MediaTooLong, SpeechError
from transcription.speech.types import Samples

CHROMIUM = DATA / "jfk-mediarecorder.webm"
"""The same sentence as Chromium 150 records it with a time slice of 250 ms."""
BLOBS = (
    789, 1038, 986, 949, 1011, 966, 961, 921, 869, 852, 854, 1018, 1035, 1025, 905, 961,
    965, 961, 1029, 1003, 1032, 987, 971, 978, 985, 869, 859, 970, 1006, 1032, 986, 964,
    969, 1007, 914, 883, 781
)  # fmt: skip
"""The lengths in bytes of what MediaRecorder handed out, about every 0.3 s."""
LIMITS = Limits()


def make(tmp_path: Path, kind: str) -> Path:
    if kind == "chromium.webm":
        return CHROMIUM
    codec = "libvorbis" if "vorbis" in kind else "libopus"
    pieces = ("-page_duration", "200000") if kind.endswith("ogg") else ("-cluster_time_limit", "200")
    return convert(JFK, tmp_path / kind, "-c:a", codec, *pieces)


def read(data: bytes, encoding: str, *, step: int = 0, limits: Limits = LIMITS) -> Samples:
    stream = open_stream(encoding, 0, limits=limits)
    try:
        step = step or len(data) or 1
        parts = list(replay(stream, (data[begin : begin + step] for begin in range(0, len(data), step))))
        return np.concatenate([*parts, stream.finish()])
    finally:
        stream.close()


def feed_for_ever(
    stream: StreamDecoder, data: bytes, *, pause: float = 0.0, parts: list[Samples] | None = None
) -> None:
    """Until it raises, for 20 s at most."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        samples = stream.feed(data)
        if parts is not None:
            parts.append(samples)
        time.sleep(pause)


def fetch(stream: StreamDecoder, samples: int) -> int:
    """Wait until so many more samples have come; returns how many did."""
    got = 0
    deadline = time.monotonic() + 20
    while got < samples and time.monotonic() < deadline:
        stream.wait(0.05)
        got += len(stream.feed(b""))
        time.sleep(0.01)
    return got


def decoders(before: set[int]) -> set[int]:
    """The child processes that came since; other tests may have left theirs."""
    return children() - before


@pytest.fixture(autouse=True)
def nothing_is_left():
    before = children(), descriptors()
    yield
    assert (children(), descriptors()) == before


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Puts a script in FFmpeg's place."""

    def replace(script: str) -> None:
        path = tmp_path / "ffmpeg"
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o700)
        monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(path))

    return replace


@pytest.mark.parametrize("kind", ["chromium.webm", "opus.webm", "vorbis.webm", "opus.ogg", "vorbis.ogg"])
def test_stream_gives_what_the_file_gives(tmp_path: Path, kind: str) -> None:
    path = make(tmp_path, kind)
    data, encoding = path.read_bytes(), kind[-4:].strip(".")
    whole = read(data, encoding)
    expected = np.concatenate(list(decode(path, limits=LIMITS)))
    assert len(whole) == len(expected) == pytest.approx(176_000, abs=400)
    assert np.abs(whole - expected).max() < 0.01
    if path != CHROMIUM:  # a microphone's sound comes later and in another phase
        size = min(len(whole), len(speech()))
        assert np.corrcoef(whole[8000:size], speech()[8000:size])[0, 1] > 0.8
    for step in (997, 20_000):
        assert np.array_equal(read(data, encoding, step=step), whole)


def test_single_bytes_make_the_same_sound() -> None:
    data = CHROMIUM.read_bytes()[:12_000]
    assert np.array_equal(read(data, "webm", step=1), read(data, "webm"))


def test_sound_comes_with_the_bytes_that_hold_it() -> None:
    """No later bytes are needed: what MediaRecorder has handed out can be heard at once."""
    data, stream, got = CHROMIUM.read_bytes(), open_stream("webm", 0), 0
    edges = np.cumsum([0, *BLOBS])
    assert edges[-1] == len(data)
    for index, (begin, end) in enumerate(pairwise(edges), 1):
        got += len(stream.feed(data[begin:end]))
        due = int((0.297 * index - 0.4) * 16_000)
        got += fetch(stream, due - got)
        assert got >= due
    stream.close()


def test_feeding_does_not_wait(program) -> None:
    program("sleep 60")
    stream = open_stream("webm", 0)
    began = time.monotonic()
    for _ in range(100):
        assert len(stream.feed(bytes(65_536))) == 0
    assert time.monotonic() - began < 5
    with pytest.raises(DecoderFailed, match="bytes behind"):
        feed_for_ever(stream, bytes(65_536))
    stream.close()


def test_decoder_that_takes_nothing_is_ended(program) -> None:
    program("sleep 60")
    with pytest.raises(DecoderFailed, match="stuck for 0.5 s"):
        read(bytes(200_000), "webm", limits=Limits(stall_seconds=0.5))


def test_decoder_that_never_ends_is_ended(program) -> None:
    program("cat > /dev/null; sleep 60")
    with pytest.raises(DecoderFailed, match="stuck for 0.5 s"):
        read(b"x", "webm", limits=Limits(stall_seconds=0.5))


def test_bytes_without_sound_are_refused_in_the_end(program, monkeypatch: pytest.MonkeyPatch) -> None:
    program("cat > /dev/null")
    with pytest.raises(MediaError, match="no sound in"):
        read(bytes(5 << 20), "webm", step=65_536)
    monkeypatch.setattr(container, "SOME_BYTES", 10)
    stream = open_stream("webm", 0, limits=Limits(stall_seconds=0.2))
    with pytest.raises(MediaError, match="no sound in"):
        feed_for_ever(stream, b"1234", pause=0.05)
    stream.close()


def test_pause_is_no_failure() -> None:
    data = CHROMIUM.read_bytes()
    stream = open_stream("webm", 0, limits=Limits(stall_seconds=0.3))
    got = len(stream.feed(data[:9000])) + fetch(stream, 16_000)
    time.sleep(2.0)
    got += len(stream.feed(data[9000:])) + len(stream.finish())
    stream.close()
    assert got == pytest.approx(176_000, abs=400)


@pytest.mark.parametrize("encoding", ["webm", "ogg"])
def test_what_is_no_container_is_refused(encoding: str) -> None:
    other = (DATA / "jfk.flac").read_bytes()
    wrong = CHROMIUM.read_bytes() if encoding == "ogg" else b"OggS" + bytes(70_000)
    for data in (b"", b"words " * 40_000, bytes(200_000), np.random.default_rng(0).bytes(300_000), other, wrong):
        with pytest.raises(MediaError):
            read(data, encoding, step=65_536)


def test_playlist_is_no_container(tmp_path: Path) -> None:
    playlist = f"#EXTM3U\n#EXT-X-TARGETDURATION:11\n#EXTINF:11.0,\nfile://{JFK}\n#EXT-X-ENDLIST\n"
    with pytest.raises(MediaError):
        read(playlist.encode(), "webm")


def test_error_comes_after_the_sound_before_it() -> None:
    with pytest.raises(MediaTooLong):
        read(CHROMIUM.read_bytes(), "webm", limits=Limits(max_seconds=5.0))
    stream = open_stream("webm", 0, limits=Limits(max_seconds=5.0))
    stream.feed(CHROMIUM.read_bytes())
    parts: list[Samples] = []
    with pytest.raises(MediaTooLong):
        feed_for_ever(stream, b"", pause=0.05, parts=parts)
    assert sum(map(len, parts)) > 5 * 16_000
    stream.close()


def test_unfetched_sound_is_bounded_and_not_lost(tmp_path: Path) -> None:
    long = tmp_path / "long.ogg"
    ogg = convert(JFK, tmp_path / "short.ogg", "-c:a", "libopus", "-b:a", "8k")
    run_ffmpeg("-stream_loop", "54", "-i", ogg, "-c", "copy", long)  # ten minutes
    stream = open_stream("ogg", 0)
    stream.feed(long.read_bytes())
    time.sleep(3.0)
    first = len(stream.feed(b""))
    assert first <= container.MOST_READY + 100_000
    rest = len(np.concatenate(list(replay(stream, [b""])))) + len(stream.finish())
    stream.close()
    assert first + rest == pytest.approx(55 * 176_000, rel=0.01)


def test_processor_time_is_earned_by_sound_and_ends_without() -> None:
    before = children()
    stream = open_stream("webm", 0, limits=Limits(cpu_seconds=5, cpu_seconds_per_minute=60.0))
    stream.feed(CHROMIUM.read_bytes()[:20_000])
    fetch(stream, 5 * 16_000)
    (pid,) = decoders(before)
    limit = Path(f"/proc/{pid}/limits").read_text().split("Max cpu time")[1].split()[0]
    assert 9 <= int(limit) <= 12
    stream.close()
    with pytest.raises(DecoderFailed):
        read(CHROMIUM.read_bytes(), "webm", limits=Limits(cpu_seconds=0, cpu_seconds_per_minute=0.0))


def test_decoder_is_fenced_and_ends_with_close() -> None:
    before = children()
    stream = open_stream("webm", 0)
    stream.feed(CHROMIUM.read_bytes()[:20_000])
    wait_for(lambda: bool(stream._exchange._ready))
    (pid,) = decoders(before)
    assert Path(f"/proc/{pid}/environ").read_bytes() == b""
    assert "Max file size             0" in Path(f"/proc/{pid}/limits").read_text()
    stream.close()
    stream.close()
    assert decoders(before) == set()
    assert len(stream.feed(b""))  # what had been decoded is not lost
    with pytest.raises(MediaError):
        stream.feed(b"more")


def test_close_at_once() -> None:
    for _ in range(5):
        open_stream("ogg", 0).close()


def test_forgotten_stream_leaves_nothing() -> None:
    before = children(), descriptors()
    stream = open_stream("webm", 0)
    stream.feed(CHROMIUM.read_bytes()[:20_000])
    fetch(stream, 16_000)
    assert len(decoders(before[0])) == 1
    del stream
    wait_for(lambda: (children(), descriptors()) == before)


def test_killed_decoder_is_told() -> None:
    before = children()
    stream = open_stream("webm", 0)
    stream.feed(CHROMIUM.read_bytes()[:20_000])
    fetch(stream, 16_000)
    (pid,) = decoders(before)
    os.kill(pid, 9)
    with pytest.raises(DecoderFailed):
        feed_for_ever(stream, b"x", pause=0.05)
    stream.close()


def test_cut_stream_ends_with_what_it_has() -> None:
    for size in (5_000, 20_011):
        assert len(read(CHROMIUM.read_bytes()[:size], "webm")) / 16_000 == pytest.approx(11 * size / 35_000, abs=0.5)


@pytest.mark.parametrize("kind", ["chromium.webm", "vorbis.webm", "opus.ogg", "vorbis.ogg"])
def test_damaged_streams_neither_hang_nor_leak(tmp_path: Path, kind: str) -> None:
    """Seeded: bytes turned, left out, repeated, cut off, beginnings missing. Sound or an error that says so."""
    generator = np.random.default_rng(list(kind.encode()))
    whole = make(tmp_path, kind).read_bytes()
    outcomes = []
    for _ in range(20):
        data = damaged(bytearray(whole), generator)
        began = time.monotonic()
        try:
            samples = read(data, kind[-4:].strip("."), step=int(generator.integers(50, 20_000)), limits=Limits())
            outcomes.append("sound")
            assert np.all(np.abs(samples) <= 1)
        except SpeechError as error:
            outcomes.append(error.code)
        assert time.monotonic() - began < 30
    assert "sound" in outcomes
    assert set(outcomes) <= {"sound", "media_unreadable", "media_empty", "media_no_audio", "decoder_failed"}


def damaged(data: bytearray, generator: np.random.Generator) -> bytes:
    begin, size = int(generator.integers(0, len(data))), int(generator.integers(1, 4000))
    match int(generator.integers(0, 6)):
        case 0:
            return bytes(data[:begin])
        case 1:
            return bytes(data[size:])
        case 2:
            del data[begin : begin + size]
        case 3:
            data[begin:begin] = data[begin : begin + size]
        case 4:
            data[begin : begin + size] = generator.bytes(size)
        case _:
            for place in generator.integers(0, len(data), 200):
                data[place] = int(generator.integers(0, 256))
    return bytes(data)
